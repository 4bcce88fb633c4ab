"""Parts of views that are read as they are looked at, and changed where they are drawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.context import Context
from engine.doors import BulkResult, Edit
from engine.errors import NotFound, RecordRefused
from metamodel.model import Entity
from metamodel.views import View
from ui.blueprints.dashboards import answered
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, RECORDS, asked_of, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.boards import pile_page
from ui.viewmodels.calendars import Stretch, events_of, span_named
from ui.viewmodels.galleries import cards_of
from ui.viewmodels.looking import look
from ui.viewmodels.maps import places_of
from ui.viewmodels.pivots import pivot_shown
from ui.viewmodels.series import Wish, planned
from ui.viewmodels.shell import may
from ui.viewmodels.spans import spans_of

IN_TIME = ("calendar", "timeline")


def create_views(site: Site) -> Blueprint:
    """Return the routes of what views read further on, and of what is changed on them."""
    blueprint = Blueprint("views", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORDS}/lane", _lane),
        ("GET", f"{RECORDS}/events", _events),
        ("GET", f"{RECORDS}/cards", _cards),
        ("GET", f"{RECORDS}/places", _places),
        ("GET", f"{RECORDS}/pivot", _pivot),
        ("POST", f"{RECORD}/when", _when),
        ("POST", f"{RECORD}/series", _series),
    )
    add_pages(blueprint, site, routes, with_entity)
    return blueprint


def _view(screen: Screen, entity: Entity, *types: str) -> View:
    """Return the view that an address names, of one of these types."""
    if not may(screen, "read", entity.key):
        raise NotFound(entity=entity.name)
    asked = asked_of()
    view = look(screen, entity, asked).view
    if view.type not in types:
        raise NotFound(view=asked.view)
    return view


def _lane(site: Site, screen: Screen, entity: Entity) -> Response:
    view = _view(screen, entity, "kanban")
    pile = pile_page(screen, entity, view, asked_of(), request.args.get("stage", ""))
    return site.show("pages/board_cards.html", pile, language=screen.language)


def _events(site: Site, screen: Screen, entity: Entity) -> Response:
    view = _view(screen, entity, *IN_TIME)
    stretch = Stretch.read(request.args.get("from", ""), request.args.get("to", ""))
    return jsonify(events_of(screen, entity, view, asked_of(), stretch))


def _cards(site: Site, screen: Screen, entity: Entity) -> Response:
    view = _view(screen, entity, "gallery", "split")
    part = cards_of(screen, entity, view, asked_of())
    return site.show("pages/picture_cards.html", part, language=screen.language)


def _places(site: Site, screen: Screen, entity: Entity) -> Response:
    return jsonify(places_of(screen, entity, _view(screen, entity, "map"), asked_of()))


def _pivot(site: Site, screen: Screen, entity: Entity) -> Response:
    """Answer a pivot as a file, or the statement behind it."""
    view = _view(screen, entity, "pivot")
    if not request.args.get("widget"):
        raise NotFound(view=view.name)
    return answered(site, screen, pivot_shown(screen, entity, view, asked_of()))


def _when(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Put a record at another time, as somebody dragged it."""
    spans = spans_of(screen, entity, _view(screen, entity, *IN_TIME).layout)
    sent: Any = request.get_json()
    body = sent if isinstance(sent, dict) else {}
    whole = body.get("allDay") is True
    span = span_named(str(body.get("start", "")), str(body.get("end") or ""), whole=whole)
    if not spans.own:
        raise NotFound(field=spans.field.name)
    version = body.get("version")
    edit = Edit(record, spans.values(span), version if isinstance(version, int) else None)
    return once(
        screen.services,
        request,
        screen.ctx,
        lambda ctx: screen.services.writer.update(ctx, entity.key, [edit]),
        lambda records, _: jsonify(
            {"version": records.get(screen.ctx, entity.key, [record])[0].version}
        ),
    )


def _series(site: Site, screen: Screen, entity: Entity, record: UUID) -> Response:
    """Put times of what repeats elsewhere, or call them off: one, those that follow, or all."""
    spans = spans_of(screen, entity, _view(screen, entity, *IN_TIME).layout)
    sent: Any = request.get_json()
    wish = Wish.read(sent if isinstance(sent, dict) else {})
    if not spans.own:
        raise NotFound(field=spans.field.name)
    whole = screen.services.reader.get(screen.ctx, entity.key, [record])[0]
    bulk = planned(screen, spans, whole, wish)

    def answer(_: object, result: BulkResult) -> Response:
        say, title = screen.words.say, whole.title
        moved = say("“{title}” is at another time now.", title=title)
        said = moved if wish.span else say("“{title}” was called off.", title=title)
        made = [str(result.change.id)] if result.change is not None else []
        undo = screen.url("records", entity.name, "bulk", "undo")
        return jsonify({"message": said, "undo": undo, "change_sets": made})

    def write(ctx: Context) -> BulkResult:
        result = screen.services.writer.bulk(ctx, entity.key, bulk)
        if refused := [error for item in result.items for error in item.errors]:
            raise RecordRefused(refused)
        return result

    return once(screen.services, request, screen.ctx, write, answer)
