"""Many writes to one entity in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from engine.doors import Bulk, BulkItem, BulkResult, Edit, Records
from engine.errors import FieldError, RecordRefused
from ui.blueprints.api.arguments import MAX_BULK, BulkBody, body_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.blueprints.api.problems import field_errors, problem
from ui.once import once
from ui.services import Services

STATUS = {"create": 201, "update": 200, "delete": 204}


def run(services: Services, caller: Caller, entity: str) -> Response:
    """Do all of it, or with `atomic: false` what can be done, and answer a result per item."""
    target = entity_of(caller.ctx, entity)
    asked = _asked(body_of(request, BulkBody))
    for right, items in (
        ("create", asked.create),
        ("update", asked.update),
        ("delete", asked.delete),
    ):
        if items:
            caller.require(target.name, right)  # type: ignore[arg-type]  # a tuple of literals
    language = caller.ctx.language

    def answer(source: Records, result: BulkResult) -> Response:
        results = [_item(item, language) for item in result.items]
        counts = dict(result.counts)
        if asked.atomic and any(item.status == "refused" for item in result.items):
            return problem(422, "bulk_refused", language, results=results, counts=counts)
        return jsonify({"results": results, "counts": counts})

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.writer.bulk(ctx, target.key, asked),
        answer,
    )


def _asked(body: Mapping[str, Any]) -> Bulk:
    total = len(body["create"]) + len(body["update"]) + len(body["delete"])
    if total > MAX_BULK:
        raise RecordRefused([FieldError("bulk_too_large", (), {"max": MAX_BULK, "found": total})])
    errors: list[FieldError] = []
    edits: list[Edit] = []
    for index, item in enumerate(body["update"]):
        try:
            record = UUID(str(item.get("id")))
        except ValueError:
            errors.append(FieldError("invalid_id", ("update", index, "id")))
            continue
        edits.append(Edit(record, {name: value for name, value in item.items() if name != "id"}))
    if errors:
        raise RecordRefused(errors)
    return Bulk(body["create"], edits, body["delete"], body["atomic"])


def _item(item: BulkItem, language: str) -> dict[str, object]:
    done = item.status == "done"
    return {
        "op": item.op,
        "index": item.index,
        "status": STATUS[item.op] if done else (424 if item.status == "skipped" else 422),
        "id": None if item.id is None else str(item.id),
        "errors": field_errors(item.errors, language),
    }
