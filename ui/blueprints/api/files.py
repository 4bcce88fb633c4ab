"""Files of records: sent in as a form's `file` or as the body, given out to be saved, never run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from flask import Response, jsonify, request

from engine.doors import Records
from engine.files.refusals import FileRefused
from engine.files.uploads import Opened
from engine.query.spec import FileValue
from engine.values.wire import file_to_wire
from ui.blueprints.api.arguments import FileArguments, UploadArguments, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services

CHUNK = 1 << 16


def upload(services: Services, caller: Caller) -> Response:
    """Keep a file that a record will name, and answer its id."""
    name, content = _sent()
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.files.upload(ctx, name, content),
        _made,
    )


def attach(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Attach a file to a record."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    at = (target.key, record_id(record))
    name, content = _sent()
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.files.upload(ctx, name, content, to=at),
        _made,
    )


def attached(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer the files attached to a record, the latest first."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    found = services.files.attached(caller.ctx, target.key, record_id(record))
    return jsonify({"data": [file_to_wire(each) for each in found]})


def detach(services: Services, caller: Caller, entity: str, record: str, file: str) -> Response:
    """Take a file off a record."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "update")
    services.files.detach(caller.ctx, target.key, record_id(record), record_id(file))
    return Response(status=204)


def download(services: Services, caller: Caller, file: str) -> Response:
    """Give out a file, or the small one of a picture, to be saved."""
    small = query_of(request, FileArguments)["small"] == "1"
    opened = services.files.open(caller.ctx, record_id(file), small=small)
    return served(opened, small=small)


def served(opened: Opened, *, small: bool) -> Response:
    """Return a file as a download that no browser runs, whatever it holds."""
    tag = f"{opened.digest}{'-small' if small else ''}"
    if request.if_none_match.contains(tag):
        opened.content.close()
        return Response(status=304)
    # A small picture is drawn by us: it may be shown where it is.
    how = "inline" if small else "attachment"
    response = Response(
        _chunks(opened.content),
        mimetype=opened.file.type if not small else "image/*",
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(opened.file.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
        },
    )
    if not small:
        response.headers["Content-Length"] = str(opened.file.size)
    response.set_etag(tag)
    return response


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while chunk := content.read(CHUNK):
            yield chunk


def _sent() -> tuple[str | None, IO[bytes]]:
    """Return the name and the bytes of what was sent."""
    found = request.files.get("file")
    if found is not None:
        return found.filename, found.stream
    if request.mimetype == "multipart/form-data":
        raise FileRefused("file_missing")
    return query_of(request, UploadArguments)["name"], request.stream


def _made(source: Records, file: FileValue) -> Response:
    return created(jsonify(file_to_wire(file)))
