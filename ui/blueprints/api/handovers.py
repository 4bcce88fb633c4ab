"""Handing over what somebody holds who leaves: a plan, the order, how far it is, the list."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, request

from engine.doors import Records
from engine.exchange.sinks import MEDIA
from engine.leaving.journal import HandoverState
from engine.leaving.order import Order, rule_of, rule_to_json
from engine.leaving.planning import Part, Plan
from engine.values.wire import plain
from ui.blueprints.api.arguments import (
    HandoverArguments,
    HandoverBody,
    HandoverFileArguments,
    body_of,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.attachment import attachment
from ui.once import once
from ui.services import Services


def start(services: Services, caller: Caller, record: str) -> Response:
    """Hand over, in the background; with `dry_run` answer what would be done."""
    caller.require_whole()
    asked, body = query_of(request, HandoverArguments), body_of(request, HandoverBody)
    rules = tuple(rule_of(each, ("rules", at)) for at, each in enumerate(body["rules"]))
    order = Order(record_id(record), rules, body["disable"])
    if asked["dry_run"] == "1":
        return jsonify(plan_to_wire(services.handovers.plan(caller.ctx, order)))

    def answer(source: Records, state: HandoverState) -> Response:
        response = jsonify(handover_to_wire(state))
        response.status_code = 202
        return response

    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.handovers.start(ctx, order, job={"by": ctx.actor.name}),
        answer,
    )


def of_person(services: Services, caller: Caller, record: str) -> Response:
    """Answer the hand-overs of a person, the latest first."""
    caller.require_whole()
    found = services.handovers.of(caller.ctx, record_id(record))
    return jsonify({"data": [handover_to_wire(each) for each in found]})


def state(services: Services, caller: Caller, record: str) -> Response:
    """Answer how far a hand-over is."""
    caller.require_whole()
    return jsonify(handover_to_wire(services.handovers.state(caller.ctx, record_id(record))))


def report(services: Services, caller: Caller, record: str) -> Response:
    """Answer every record that was handed over as a file."""
    caller.require_whole()
    format_ = query_of(request, HandoverFileArguments)["format"]
    pieces = services.handovers.report(caller.ctx, record_id(record), format_)
    response = Response(pieces, mimetype=MEDIA[format_].partition(";")[0])
    response.headers["Content-Disposition"] = attachment(caller.ctx, "handover", format_)
    return response


def plan_to_wire(plan: Plan) -> dict[str, object]:
    """Return what would be done: records by field and by the rule that decides."""
    return {
        "person": str(plan.order.person),
        "name": plan.name,
        "total": plan.total,
        "complete": not plan.unruled,
        "parts": [_part(each) for each in plan.parts],
        "mentions": list(plan.mentions),
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "entity": part.holding.entity.name,
        "field": part.holding.field.name,
        "rule": part.rule,
        "ends": part.ends,
        "records": part.records,
        "examples": [{"id": str(each.id), "title": each.title} for each in part.examples],
    }


def handover_to_wire(found: HandoverState) -> dict[str, object]:
    """Return where a hand-over stands."""
    return {
        "id": str(found.id),
        "person": str(found.order.person),
        "name": found.name,
        "state": found.state,
        "rules": [rule_to_json(each) for each in found.order.rules],
        "disable": found.order.disable,
        "done": found.done,
        "total": found.total,
        "given": [
            {"entity": each.entity, "field": each.field, "given": each.given,
             "stayed": each.stayed, "ended": each.ended, "left": each.left}
            for each in found.given
        ],
        "refused": [
            {"entity": each.entity, "field": each.field, "record": str(each.record),
             "reason": each.reason}
            for each in found.refused
        ],
        "mentions": list(found.mentions),
        "created_by": _id(found.created_by),
        "created_at": plain(found.created_at),
        "finished_at": plain(found.finished_at),
    }  # fmt: skip


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
