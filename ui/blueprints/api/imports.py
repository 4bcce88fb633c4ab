"""Files in: an import is checked at once, then runs as a job that says how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from engine.context import Context
from engine.doors import Records
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from engine.exchange.rejects import rejects_file
from engine.exchange.sinks import MEDIA
from ui.blueprints.api.arguments import (
    Arguments,
    ImportArguments,
    StateArguments,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.blueprints.api.problems import field_errors
from ui.once import once
from ui.services import Services

TABLES = (
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/octet-stream",
    "application/json",
    "application/jsonl",
    "application/x-ndjson",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""What a file may be sent as when it is the body."""


def start(services: Services, caller: Caller, entity: str) -> Response:
    """Take a file of rows, as the body or as the form field `file`, and answer its job."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "import")
    asked = query_of(request, ImportArguments)
    order = _order(target.name, asked)
    ctx = caller.ctx
    if asked["dry_run"] == "1":
        return jsonify(_described(services.importer.rehearse(ctx, order), ctx.language))
    job = {"account": str(caller.account.id), "language": ctx.language}

    def answer(source: Records, begun: ImportState) -> Response:
        response = jsonify(_described(begun, ctx.language))
        response.status_code = 202
        response.headers["Location"] = request.path.rsplit("/", 1)[0] + f"/{begun.id}"
        return response

    return once(
        services,
        request,
        ctx,
        lambda now: services.importer.start(now, order, job=job),
        answer,
    )


def state(services: Services, caller: Caller, record: str) -> Response:
    """Answer how far an import is, and the rows it rejected."""
    found = services.importer.state(caller.ctx, record_id(record))
    caller.require(found.entity, "import")
    if query_of(request, StateArguments)["rejected"]:
        return _rejected_rows(services, caller.ctx, found)
    return jsonify(_described(found, caller.ctx.language))


def listed(services: Services, caller: Caller) -> Response:
    """Answer the imports that were begun, the latest first."""
    query_of(request, Arguments)
    found = [
        {
            "id": str(each.id),
            "entity": each.entity,
            "file": each.file,
            "state": each.state,
            "done": each.done,
            "total": each.total,
            "counts": dict(each.counts),
            "message": each.message,
            "at": each.at.isoformat(),
            "by": str(each.by),
        }
        for each in services.guided.listed(caller.ctx)
        if caller.model.entity_named(each.entity) is not None
    ]
    return jsonify({"data": found})


def pause(services: Services, caller: Caller, record: str) -> Response:
    """Let an import stand where it is."""
    _require(services, caller, record)
    return _turned(caller, services.guided.pause(caller.ctx, record_id(record)))


def resume(services: Services, caller: Caller, record: str) -> Response:
    """Go on with an import that stands."""
    _require(services, caller, record)
    job = {"account": str(caller.account.id), "language": caller.ctx.language}
    return _turned(caller, services.guided.resume(caller.ctx, record_id(record), job=job))


def cancel(services: Services, caller: Caller, record: str) -> Response:
    """End an import where it is."""
    _require(services, caller, record)
    return _turned(caller, services.guided.cancel(caller.ctx, record_id(record)))


def undo(services: Services, caller: Caller, record: str) -> Response:
    """Take back what an import wrote; answer the records that were left as they are, too."""
    _require(services, caller, record)
    job = {"account": str(caller.account.id), "language": caller.ctx.language}
    if services.taking_back.begin(caller.ctx, record_id(record), job=job):
        begun = services.taking_back.state(caller.ctx, record_id(record))
        return _left(begun, caller.ctx.language, [], 202)
    done, kept = services.taking_back.undo(caller.ctx, record_id(record))
    left = [
        {
            "entity": caller.model.entities[each.entity].name,
            "id": str(each.id),
            "reason": each.reason,
        }
        for each in kept
    ]
    return _left(done, caller.ctx.language, left, 200)


def _left(state: ImportState, language: str, kept: list[dict[str, str]], status: int) -> Response:
    response = jsonify({**_described(state, language), "kept": kept})
    response.status_code = status
    return response


def _require(services: Services, caller: Caller, record: str) -> None:
    found = services.importer.state(caller.ctx, record_id(record))
    caller.require(found.entity, "import")


def _turned(caller: Caller, state: ImportState) -> Response:
    return jsonify(_described(state, caller.ctx.language))


def _order(entity: str, asked: Mapping[str, Any]) -> Order:
    upload = request.files.get("file")
    if upload is None and request.mimetype not in TABLES:
        raise UnsupportedMediaType
    return Order(
        entity=entity,
        file=(upload.filename if upload else None) or asked["file"],
        content=upload.read() if upload else request.get_data(),
        map=request.form.get("map", asked["map"]),
        mode=asked["mode"],
        key=asked["key"],
    )


def _described(found: ImportState, language: str) -> dict[str, object]:
    return {
        "id": str(found.id),
        "entity": found.entity,
        "file": found.file,
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "counts": dict(found.counts),
        "message": found.message,
        "passed_over": list(found.passed_over),
        "rejected": [
            {"line": item.line, "errors": field_errors(item.errors, language)}
            for item in found.rejected
        ],
    }


def _rejected_rows(services: Services, ctx: Context, found: ImportState) -> Response:
    """Answer all rejected rows as a file like the one that was sent, piece by piece."""
    kept = services.importer.rejected(ctx, found.id)
    name = f"rejected-{found.id}.{found.format}"
    return Response(
        rejects_file(found, kept, ctx.language),
        mimetype=MEDIA[found.format].partition(";")[0],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
