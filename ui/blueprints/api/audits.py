"""The audit log: a page of events, or all of them as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from engine.audit.asked import Question
from engine.audit.reader import Entry
from engine.context import Context
from engine.errors import NotFound
from engine.exchange.sinks import MEDIA
from engine.values.wire import plain
from ui.blueprints.api.arguments import AuditArguments, AuditFileArguments, query_of
from ui.blueprints.api.caller import Caller
from ui.blueprints.attachment import attachment
from ui.services import Services


def page(services: Services, caller: Caller) -> Response:
    """Answer a page of events, the latest first."""
    caller.require_whole()
    asked = query_of(request, AuditArguments)
    found = services.audit_reader.page(
        caller.ctx, _question(caller.ctx, asked), limit=asked["limit"], cursor=asked["cursor"]
    )
    data = [entry_to_wire(caller.ctx, each) for each in found.entries]
    return jsonify({"data": data, "next": found.cursor or None})


def file(services: Services, caller: Caller) -> Response:
    """Answer all events of a question as a file."""
    caller.require_whole()
    asked = query_of(request, AuditFileArguments)
    pieces = services.audit_reader.export(caller.ctx, _question(caller.ctx, asked), asked["format"])
    response = Response(pieces, mimetype=MEDIA[asked["format"]].partition(";")[0])
    response.headers["Content-Disposition"] = attachment(caller.ctx, "audit", asked["format"])
    return response


def entry_to_wire(ctx: Context, entry: Entry) -> dict[str, object]:
    """Return one event as JSON has it; the entity by its name, where the model knows it."""
    entity = ctx.model.entities.get(entry.entity)
    return {
        "id": str(entry.id),
        "at": plain(entry.at),
        "kind": entry.kind,
        "person": None if entry.person is None else str(entry.person),
        "name": entry.name,
        "door": entry.door,
        "entity": entry.entity if entity is None else entity.name,
        "record": None if entry.record is None else str(entry.record),
        "address": entry.address,
        "agent": entry.agent,
        "session": entry.session,
        "reference": entry.reference,
        "revision": entry.revision,
        "before": dict(entry.before),
        "after": dict(entry.after),
        "detail": dict(entry.detail),
        "times": entry.times,
        "installation": entry.installation,
    }


# Any is what marshmallow loads.
def _question(ctx: Context, asked: Mapping[str, Any]) -> Question:
    """Return the question in a query string, its entity by key."""
    entity = asked["entity"]
    found = ctx.model.entity_named(entity) if entity else None
    if entity and found is None:
        raise NotFound(entity=entity)
    return Question(
        since=asked["since"],
        until=asked["until"],
        person=asked["person"],
        kinds=tuple(each for each in asked["kind"].split(",") if each),
        entity="" if found is None else found.key,
        record=asked["record"],
        address=asked["address"],
        text=asked["q"],
    )
