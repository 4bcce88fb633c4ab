"""Buttons of a record on the screens: what one asks, and what it does."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, jsonify

from engine.errors import NotFound, RecordRefused
from metamodel.automation import Button
from metamodel.model import Entity
from ui.blueprints.admin.people import values
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.pressing import press_dialog


def create_pressing(site: Site) -> Blueprint:
    """Return the routes of buttons."""
    blueprint = Blueprint("pressing", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORD}/press/<name>", _ask_press),
        ("POST", f"{RECORD}/press/<name>", _press),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _ask_press(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    target = entity_of(screen, entity)
    found = screen.services.reader.get(screen.ctx, target.key, [record])[0]
    button = _offered(screen, target, record, name)
    dialog = press_dialog(screen, target, record, found.title, button)
    return site.show("dialogs/press.html", dialog, language=screen.language)


def _press(site: Site, screen: Screen, entity: str, record: UUID, name: str) -> Response:
    target = entity_of(screen, entity)
    try:
        run = screen.services.buttons.press(screen.ctx, target, record, name, values())
    except RecordRefused as error:
        # What the button asks for lies in the form as fields of its own.
        raise RecordRefused(
            [replace(each, path=each.path[1:]) if each.path[:1] == ("input",) else each
             for each in error.errors],
            error.code,
        ) from error  # fmt: skip
    said = screen.words.say("Done") if run.state == "done" else screen.words.say("It is under way")
    return jsonify({"message": said, "location": screen.record_url(target.name, record)})


def _offered(screen: Screen, entity: Entity, record: UUID, name: str) -> Button:
    offered = screen.services.buttons.offered(screen.ctx, entity, record)
    found = next((each for each in offered if each.name == name), None)
    if found is None:
        raise NotFound(entity=entity.name, button=name)
    return found
