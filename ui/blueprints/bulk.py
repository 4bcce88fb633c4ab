"""What is done with the records that are chosen in a list: rehearsed, done, taken back."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from engine.doors import BulkResult
from engine.errors import NotFound
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORDS, asked_of, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.bulk import all_ids, change_sets, read_wanted, result_answer, undone_answer
from ui.viewmodels.looking import look
from ui.viewmodels.shell import may

BULK = f"{RECORDS}/bulk"


def create_bulk(site: Site) -> Blueprint:
    """Return the routes of what is done with many records."""
    blueprint = Blueprint("bulk", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{BULK}/ids", _ids),
        ("POST", f"{BULK}/rehearse", _rehearse),
        ("POST", BULK, _do),
        ("POST", f"{BULK}/undo", _undo),
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
    done = screen.services.undoing.undo(screen.ctx, change_sets(request.get_json()))
    return jsonify(undone_answer(screen, entity, done))


def _require_readable(screen: Screen, entity: Entity) -> None:
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
