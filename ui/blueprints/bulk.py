"""What is done with the records that are chosen in a list: rehearsed, done, taken back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.access.shares import Gift, Given
from engine.doors import BulkResult
from engine.errors import NotFound
from engine.exchange.changing import Change
from engine.exchange.journal import ImportState
from engine.undoing import Undone
from metamodel.model import Entity
from ui.blueprints.exchange import job_of
from ui.blueprints.page import Site
from ui.blueprints.records import RECORDS, asked_of, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.blueprints.sharing import gift_of
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.bulk import (
    MOST,
    all_ids,
    change_sets,
    given_answer,
    given_shares,
    read_ids,
    read_wanted,
    result_answer,
    state_answer,
    undone_answer,
)
from ui.viewmodels.looking import look
from ui.viewmodels.sharing import whom_of
from ui.viewmodels.shell import may, may_share

BULK = f"{RECORDS}/bulk"


def create_bulk(site: Site) -> Blueprint:
    """Return the routes of what is done with many records."""
    blueprint = Blueprint("bulk", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{BULK}/ids", _ids),
        ("POST", f"{BULK}/rehearse", _rehearse),
        ("POST", BULK, _do),
        ("POST", f"{BULK}/undo", _undo),
        ("POST", f"{BULK}/begin", _begin),
        ("GET", f"{BULK}/<uuid:record>", _state),
        ("POST", f"{BULK}/<uuid:record>/undo", _take_back),
        ("GET", f"{BULK}/share", _share_form),
        ("POST", f"{BULK}/share/rehearse", _rehearse_share),
        ("POST", f"{BULK}/share", _share),
    )
    add_pages(blueprint, site, routes, with_entity)
    return blueprint


def _ids(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    asked = asked_of()
    return jsonify({"ids": all_ids(screen, entity, look(screen, entity, asked), asked)})


def _rehearse(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    wanted = read_wanted(request.get_json())
    result = screen.services.undoing.rehearse(screen.ctx, entity.key, wanted.bulk())
    return jsonify(result_answer(screen, entity, result))


def _do(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    wanted = read_wanted(request.get_json())

    def answer(_: object, result: BulkResult) -> Response:
        return jsonify(result_answer(screen, entity, result))

    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.writer.bulk(ctx, entity.key, wanted.bulk()),
        answer,
    )


def _undo(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    taken = given_shares(request.get_json())
    if taken:
        count = screen.services.shares.unshare_many(screen.ctx, entity.key, taken)
        return jsonify({"done": count, "kept": 0, "why": []})
    done = screen.services.undoing.undo(screen.ctx, change_sets(request.get_json()))
    return jsonify(undone_answer(screen, entity, done))


def _begin(site: Site, screen: Screen, entity: Entity) -> Response:
    """Leave a change of many records to a worker; without one the browser sends it in parts."""
    _require_readable(screen, entity)
    wanted = read_wanted(request.get_json(), MOST)
    changing = screen.services.changing
    if not changing.is_attended(screen.ctx):
        return jsonify({"follow": ""})
    change = Change(entity.name, wanted.ids, wanted.values, wanted.trash)

    def answer(_: object, made: UUID) -> Response:
        return jsonify({"follow": screen.url("records", entity.name, "bulk", str(made))})

    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: changing.begin(ctx, change, job=job_of(screen)),
        answer,
    )


def _state(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    state = screen.services.changing.state(screen.ctx, record)
    return jsonify(state_answer(screen, _about(entity, state), state))


def _take_back(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    state = screen.services.changing.state(screen.ctx, record)
    if screen.services.taking_back.begin(screen.ctx, record, job=job_of(screen)):
        return jsonify({"follow": screen.url("records", entity.name, "bulk", str(record))})
    after, kept = screen.services.taking_back.undo(screen.ctx, record)
    undone = Undone((record,) * after.counts.get("undone", 0), kept)
    return jsonify(undone_answer(screen, _about(entity, state), undone))


def _about(entity: Entity, state: ImportState) -> Entity:
    """Return the entity that a change is about; raise `NotFound` where it is another."""
    if state.entity != entity.name:
        raise NotFound(record=str(state.id))
    return entity


def _share_form(site: Site, screen: Screen, entity: Entity) -> Response:
    if not may_share(screen, entity):
        raise NotFound(entity=entity.name)
    return site.show("dialogs/share_many.html", whom_of(screen), language=screen.language)


def _rehearse_share(site: Site, screen: Screen, entity: Entity) -> Response:
    ids, gift = _gift()
    given = screen.services.shares.share_many(screen.ctx, entity.key, ids, gift, rehearsed=True)
    return jsonify(given_answer(screen, entity, given))


def _share(site: Site, screen: Screen, entity: Entity) -> Response:
    ids, gift = _gift()

    def answer(_: object, given: Given) -> Response:
        return jsonify(given_answer(screen, entity, given))

    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.shares.share_many(ctx, entity.key, ids, gift),
        answer,
    )


def _gift() -> tuple[tuple[UUID, ...], Gift]:
    """Return the records that are to be shared, and with whom."""
    body = request.get_json()
    values = body.get("values") if isinstance(body, dict) else None
    return read_ids(body), gift_of(values if isinstance(values, dict) else {})


def _require_readable(screen: Screen, entity: Entity) -> None:
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
