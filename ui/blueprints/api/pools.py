"""Public pools and clocks of service levels over the API."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, jsonify, request
from marshmallow import fields, validate

from engine.errors import FieldError, RecordRefused
from engine.query.parse import parse_sort
from engine.query.spec import LinkValue, ListQuery
from engine.values.wire import link_to_wire, plain, record_to_wire, rows_to_wire
from metamodel.duties import Pool
from ui.blueprints.api.arguments import (
    ID,
    LIST,
    MAX_LIMIT,
    NUMBER,
    TEXT,
    Arguments,
    body_of,
    query_of,
    record_id,
)
from ui.blueprints.api.caller import Caller
from ui.blueprints.api.entities import entity_of
from ui.once import once
from ui.services import Services
from workflow.pools.holdings import Holding
from workflow.pools.taking import MOST_AT_ONCE, Claimed
from workflow.service_levels.clock import Clock

People = Mapping[UUID, LinkValue]


class PoolArguments(Arguments):
    """The query string of a pool: words to look for, an order, so many, behind a cursor."""

    q = fields.String(load_default="", error_messages=TEXT)
    sort = fields.String(load_default="", error_messages=TEXT)
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_LIMIT, error="out_of_range"),
        error_messages=NUMBER,
    )
    cursor = fields.String(load_default=None, error_messages=TEXT)


class ClaimBody(Arguments):
    """The body of a claim: records by id, or how many of those that wait longest."""

    ids = fields.List(fields.UUID(error_messages=ID), load_default=None, error_messages=LIST)
    count = fields.Integer(
        load_default=None,
        strict=True,
        validate=validate.Range(1, MOST_AT_ONCE, error="out_of_range"),
        error_messages=NUMBER,
    )


class GiveBackBody(Arguments):
    """The body of a record given back: to which pool, and why."""

    pool = fields.String(required=True, error_messages=TEXT)
    reason = fields.String(required=True, error_messages=TEXT)


def listed(services: Services, caller: Caller) -> Response:
    """Answer the pools that the caller is a member of."""
    query_of(request, Arguments)
    return jsonify({"data": [_pool(services, caller, each)
                             for each in services.pools.offered(caller.ctx)]})  # fmt: skip


def inside(services: Services, caller: Caller, pool: str) -> Response:
    """Answer a page of what lies in a pool."""
    found = _reachable(services, caller, pool)
    asked = query_of(request, PoolArguments)
    ctx = services.pools.through(caller.ctx, found)
    query = ListQuery(
        entity=found.entity,
        search=asked["q"],
        sort=parse_sort(ctx, found.entity, asked["sort"]) if asked["sort"] else (),
        limit=asked["limit"],
        cursor=asked["cursor"],
    )
    page = services.reader.find(ctx, query)
    data = rows_to_wire(caller.model, caller.model.entities[found.entity], page.rows)
    return jsonify({"data": data, "next": page.next})


def read(services: Services, caller: Caller, pool: str, record: str) -> Response:
    """Answer a record of a pool as its members see it."""
    found = _reachable(services, caller, pool)
    query_of(request, Arguments)
    seen = services.pools.look(caller.ctx, found, record_id(record))
    return jsonify(record_to_wire(caller.model, seen))


def claim(services: Services, caller: Caller, pool: str) -> Response:
    """Give the caller records of a pool, each to one person."""
    found = _reachable(services, caller, pool)
    body = body_of(request, ClaimBody)
    if (body["ids"] is None) == (body["count"] is None):
        raise RecordRefused([FieldError("claim_what", ("ids",))])
    wanted = body["ids"] if body["ids"] is not None else body["count"]
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.pools.claim(ctx, found, wanted),
        lambda source, done: jsonify(_claimed(done)),
    )


def give_back(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Give a record back to a pool, with a reason."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "update")
    body = body_of(request, GiveBackBody)
    known = {each.name: each for each in services.pools.takes(caller.ctx, target.key, id_)}
    if body["pool"] not in known:
        services.reader.get(caller.ctx, target.key, [id_])
        raise RecordRefused([FieldError("not_for_pool", ("pool",), {"pool": body["pool"]})])
    return once(
        services,
        request,
        caller.ctx,
        lambda ctx: services.pools.give_back(ctx, known[body["pool"]], id_, body["reason"]),
        lambda source, done: Response(status=204),
    )


def holders(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer who had a record, the latest first, and why that changed."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    services.reader.get(caller.ctx, target.key, [id_])
    entries = services.pools.past(caller.ctx, target.key, id_)
    named = {who for each in entries for who in (each.holder, each.former, each.by) if who}
    people = services.pools.names(caller.ctx, named)
    return jsonify({"data": [_entry(caller, each, people) for each in entries]})


def clocks(services: Services, caller: Caller, entity: str, record: str) -> Response:
    """Answer how the service levels of a record stand."""
    target, id_ = entity_of(caller.ctx, entity), record_id(record)
    caller.require(target.name, "read")
    query_of(request, Arguments)
    services.reader.get(caller.ctx, target.key, [id_])
    found = services.pools.clocks(caller.ctx, target.key, id_)
    return jsonify({"data": [_clock(caller, group, each) for group, each in found.items()]})


def _reachable(services: Services, caller: Caller, pool: str) -> Pool:
    """Return a pool; a token that reads nothing of its records does not reach it."""
    found = services.pools.pool(caller.ctx, pool)
    caller.require(caller.model.entities[found.entity].name, "read")
    return found


def _pool(services: Services, caller: Caller, pool: Pool) -> dict[str, object]:
    room = services.pools.room(caller.ctx, pool)
    return {
        "name": pool.name,
        "label": pool.label.text(caller.ctx.language) or pool.name,
        "entity": caller.model.entities[pool.entity].name,
        "may_hold": room.holds,
        "left_today": room.today,
    }


def _claimed(done: Claimed) -> dict[str, object]:
    return {
        "claimed": [str(each) for each in done.got],
        "missed": [{"id": str(id_), "why": why} for id_, why in done.missed.items()],
        "may_hold": done.room.holds,
        "left_today": done.room.today,
    }


def _entry(caller: Caller, entry: Holding, people: People) -> dict[str, object]:
    pool = caller.model.pools.get(entry.pool)
    return {
        "what": entry.act,
        "at": plain(entry.at),
        "pool": pool.name if pool is not None else None,
        "holder": _person(people, entry.holder),
        "former": _person(people, entry.former),
        "by": _person(people, entry.by),
        "reason": entry.reason or None,
        "reason_label": _reason(caller, pool, entry),
        "note": entry.note or None,
    }


def _reason(caller: Caller, pool: Pool | None, entry: Holding) -> str | None:
    found = pool.returns.get(entry.reason) if pool is not None else None
    return found.label.text(caller.ctx.language) if found is not None else None


def _person(people: People, id_: UUID | None) -> dict[str, object] | None:
    found = people.get(id_) if id_ is not None else None
    return None if found is None else link_to_wire(found, several=False)


def _clock(caller: Caller, group: str, clock: Clock) -> dict[str, object]:
    level = caller.model.service_levels.get(clock.level)
    return {
        "group": group,
        "service_level": level.name if level is not None else clock.level,
        "target": clock.target,
        "state": clock.state,
        "started_at": plain(clock.started_at),
        "due": plain(clock.due),
        "paused_at": plain(clock.paused_at),
        "ended_at": plain(clock.ended_at),
        "pauses": [[plain(first), plain(last)] for first, last in clock.pauses],
    }
