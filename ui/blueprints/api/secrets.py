"""Encrypted values in the clear, for those who may read them."""

from __future__ import annotations

from flask import Response, jsonify, request

from ui.blueprints.api.arguments import UnmaskBody, body_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.services import Services


def unmask(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer one encrypted value in the clear, which the audit log is told."""
    target = entity_of(caller.ctx, entity)
    caller.require(target.name, "read")
    field = body_of(request, UnmaskBody)["field"]
    value = services.unmasking.clear(caller.ctx, target.key, record_id(record), field)
    response = jsonify({"field": field, "value": value})
    response.headers["Cache-Control"] = "no-store"
    return response
