"""People's calendars: what is on them, who is taken, when all are free, and feeds of one's own."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request

from engine.agenda import Slot, people_of
from engine.errors import NotFound
from ui.blueprints.page import Site
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.agenda import (
    AT_ONCE,
    agenda_events,
    agenda_page,
    clashes,
    free_times,
    layers,
    names_of,
)
from ui.viewmodels.calendars import Stretch, span_named
from ui.viewmodels.series import Wish, slots_after
from ui.viewmodels.spans import spans_of

LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240)
"""Minutes that free time is looked for."""


def create_agenda(site: Site) -> Blueprint:
    """Return the routes of people's calendars."""
    blueprint = Blueprint("agenda", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/calendar", _page),
        ("GET", "/<tenant>/calendar/events", _events),
        ("GET", "/<tenant>/calendar/busy", _busy),
        ("GET", "/<tenant>/calendar/free", _free),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _page(site: Site, screen: Screen) -> Response:
    return site.show("pages/agenda.html", agenda_page(screen), language=screen.language)


def _events(site: Site, screen: Screen) -> Response:
    names = request.args.get("layers", "").split(",")
    return jsonify(agenda_events(screen, _stretch(), _people(screen), names))


def _busy(site: Site, screen: Screen) -> Response:
    """Answer who is taken at a time: the people named, or those of a record that is moved."""
    span = span_named(request.args.get("start", ""), request.args.get("end", ""), whole=False)
    if span.end is None:
        raise NotFound(end="")
    zone = ZoneInfo(screen.formats.zone)
    within = Slot(span.start.replace(tzinfo=zone), span.end.replace(tzinfo=zone))
    entity, _, record = request.args.get("of", "").partition(":")
    if not record:
        known = names_of(screen, _people(screen))
        return jsonify({"clashes": clashes(screen, known, (within,), None)})
    found = next(((e, v) for e, v in layers(screen) if e.name == entity), None)
    if found is None:
        raise NotFound(entity=entity)
    whole = screen.services.reader.get(screen.ctx, found[0].key, [_uuid(record)])[0]
    known = {each.id: each.title or "•••" for each in people_of(found[1], whole)}
    times: tuple[Slot, ...] = (within,)
    if request.args.get("day"):
        times = slots_after(spans_of(screen, found[0], found[1].layout), whole, _wish())
    return jsonify({"clashes": clashes(screen, known, times, whole.id)})


def _wish() -> Wish:
    """Return what an address says is to be done with times of a series."""
    return Wish.read(request.args)


def _free(site: Site, screen: Screen) -> Response:
    minutes = request.args.get("minutes", "60")
    wanted = int(minutes) if minutes.isdecimal() else 0
    if wanted not in LENGTHS:
        raise NotFound(minutes=minutes)
    return jsonify({"slots": free_times(screen, _people(screen), _stretch(), wanted)})


def _stretch() -> Stretch:
    return Stretch.read(request.args.get("from", ""), request.args.get("to", ""))


def _people(screen: Screen) -> tuple[UUID, ...]:
    """Return the colleagues that an address names, oneself where it names nobody."""
    named = [_uuid(each) for each in request.args.get("people", "").split(",") if each]
    known = names_of(screen, named[:AT_ONCE])
    return tuple(person for person in named if person in known) or (screen.ctx.actor.user,)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(id=text) from None
