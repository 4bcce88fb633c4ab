"""Records that look like one another: found, made one, and parted again."""

from __future__ import annotations

from flask import Response, jsonify, request
from marshmallow import fields

from engine.doors import Records
from engine.merging.service import Merge
from engine.values.wire import plain
from ui.blueprints.api.arguments import ID, OBJECT, Arguments, body_of, record_id
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.created import created
from ui.blueprints.api.entities import readable_entity
from ui.once import once
from ui.services import Services


class AlikeBody(Arguments):
    """The body of a question whether there is such a record already: values, and which it is."""

    values = fields.Dict(required=True, error_messages=OBJECT)
    record = fields.UUID(load_default=None, allow_none=True, error_messages=ID)


class MergeBody(Arguments):
    """The body of a merge: the record that goes, and values of the one that stays."""

    with_ = fields.UUID(data_key="with", required=True, error_messages=ID)
    values = fields.Dict(load_default=dict, error_messages=OBJECT)


def clusters(services: Services, caller: Caller, entity: str) -> Response:
    """Answer groups of records that agree in what a rule for duplicates compares."""
    target = readable_entity(services.access, caller.ctx, entity)
    caller.require(target.name, "read")
    found = [
        {
            "fields": [target.fields[key].name for key in each.fields],
            "count": each.count,
            "records": [{"id": str(one.id), "title": one.title} for one in each.records],
        }
        for each in services.lookalikes.clusters(caller.ctx, target)
    ]
    return jsonify({"data": found})


def alike(services: Services, caller: Caller, entity: str) -> Response:
    """Answer the records that one with these values would look like."""
    target = readable_entity(services.access, caller.ctx, entity)
    caller.require(target.name, "read")
    body = body_of(request, AlikeBody)
    found = [
        {
            "entity": caller.model.entities[each.entity].name,
            "id": None if each.id is None else str(each.id),
            "title": each.title if each.id is not None else None,
            "field": each.field,
            "near": each.near,
            "blocks": each.blocks,
        }
        for each in services.lookalikes.to(caller.ctx, target, body["values"], body["record"])
    ]
    return jsonify({"data": found})


def merge(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Make one record of two: all that hangs on the one that goes is moved."""
    target = readable_entity(services.access, caller.ctx, entity)
    for right in ("update", "delete"):
        caller.require(target.name, right)
    kept, body = record_id(record), body_of(request, MergeBody)

    def answer(_: Records, done: Merge) -> Response:
        told = {"id": str(done.id), "kept": str(done.kept), "gone": str(done.gone),
                "at": plain(done.at)}  # fmt: skip
        return created(jsonify(told))

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.merging.merge(ctx, target, kept, body["with_"], body["values"]),
        answer,
    )


def part(services: Services, caller: Caller, merge: str) -> Response:
    """Part two records again, except in what somebody changed since."""
    caller.require_whole()
    undone = services.merging.undo(caller.ctx, record_id(merge))
    left = [
        {
            "entity": caller.model.entities[each.entity].name,
            "id": str(each.id),
            "reason": each.reason,
        }
        for each in undone.kept
    ]
    return jsonify({"done": len(undone.done), "kept": left})
