"""Files in: an import is checked at once, then runs as a job that says how far it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from engine.doors import Records
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState
from ui.blueprints.api.arguments import ImportArguments, StateArguments, query_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.blueprints.api.problems import field_errors
from ui.once import once
from ui.services import Services

TABLES = ("text/csv", "application/octet-stream")
"""What a file may be sent as when it is the body."""

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run: such cells are written with an apostrophe in front."""


def start(services: Services, caller: Caller, entity: str) -> Response:
    """Take a CSV file, as the body or as the form field `file`, and answer its job."""
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
    if query_of(request, StateArguments)["rejected"] == "csv":
        return _rejected_rows(found, caller.ctx.language)
    return jsonify(_described(found, caller.ctx.language))


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
        "rejected": [
            {"line": item.line, "errors": field_errors(item.errors, language)}
            for item in found.rejected
        ],
    }


def _rejected_rows(found: ImportState, language: str) -> Response:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_harmless(cell) for cell in ("line", "errors", *found.header))
    for item in found.rejected:
        errors = field_errors(item.errors, language)
        reasons = "; ".join(_reason(each) for each in errors)
        writer.writerow(_harmless(cell) for cell in (str(item.line), reasons, *item.cells))
    name = f"rejected-{found.id}.csv"
    return Response(
        text.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _reason(error: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in error["path"])
    return f"{path}: {error['message']}" if path else str(error["message"])


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(RISKY) else cell
