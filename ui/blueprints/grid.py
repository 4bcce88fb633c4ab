"""Cells that are changed in a list, and the inputs they are changed with."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.doors import BulkResult
from engine.errors import NotFound
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORDS, asked_of, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.grid import bulk_of, drawn_rows, editors, item_answer, read_written
from ui.viewmodels.lists import ListPart
from ui.viewmodels.looking import look
from ui.viewmodels.shell import may

GRID = f"{RECORDS}/grid"


def create_grid(site: Site) -> Blueprint:
    """Return the routes of editing in a list."""
    blueprint = Blueprint("grid", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{GRID}/editors", _editors),
        ("POST", GRID, _write),
    )
    add_pages(blueprint, site, routes, with_entity)
    return blueprint


def _editors(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    made = editors(screen, entity, look(screen, entity, asked_of()))
    return site.show("pages/grid_editors.html", made, language=screen.language)


def _write(site: Site, screen: Screen, entity: Entity) -> Response:
    _require_readable(screen, entity)
    bulk = bulk_of(screen, entity, read_written(request.get_json()))

    def answer(_: object, result: BulkResult) -> Response:
        return jsonify({"items": [item_answer(screen, item) for item in result.items]})

    done = once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.writer.bulk(ctx, entity.key, bulk),
        answer,
    )
    return _drawn(site, screen, entity, done)


def _drawn(site: Site, screen: Screen, entity: Entity, done: Response) -> Response:
    """Return what became of rows, with all that are there drawn as they are now."""
    items = done.get_json()["items"]
    ids = tuple(UUID(item["id"]) for item in items if item["id"] and item["op"] != "delete")
    rows = drawn_rows(screen, entity, look(screen, entity, asked_of()), ids)
    html = site.renderer.render("pages/list_rows.html", screen.language, ListPart(rows))
    return jsonify({"items": items, "html": html})


def _require_readable(screen: Screen, entity: Entity) -> None:
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
