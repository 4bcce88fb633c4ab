"""The organisation: departments are added, renamed, moved, and dissolved into others."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from engine.doors import Bulk, Edit
from engine.errors import FieldError, RecordRefused
from engine.query.spec import ListQuery
from ui.blueprints.admin.people import values
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.organisation import organisation_page
from ui.viewmodels.conditions import linked_to

BATCH = 500


def _organisation(site: Site, screen: Screen) -> Response:
    page = organisation_page(screen)
    return site.show("admin/organisation.html", page, language=screen.language)


def _add_department(site: Site, screen: Screen) -> Response:
    screen.services.writer.create(screen.ctx, "department", [values()])
    return _back(screen)


def _change_department(site: Site, screen: Screen, department: UUID) -> Response:
    screen.services.writer.update(screen.ctx, "department", [Edit(department, values())])
    return _back(screen)


def _dissolve_department(site: Site, screen: Screen, department: UUID) -> Response:
    """Hand people and departments below on to another one, then take this one away.

    Each step can be done again: what was handed on already stays where it is.
    """
    into = values().get("into")
    if into == str(department):
        raise RecordRefused([FieldError("required", ("into",))])
    for entity, field in (("user", "department"), ("department", "parent")):
        _hand_on(screen, entity, field, department, str(into) if into else None)
    screen.services.writer.delete(screen.ctx, "department", [department])
    return _back(screen)


ORGANISATION = (
    ("GET", "/organisation", _organisation),
    ("POST", "/organisation", _add_department),
    ("POST", "/organisation/<uuid:department>", _change_department),
    ("POST", "/organisation/<uuid:department>/dissolve", _dissolve_department),
)


def _hand_on(screen: Screen, entity: str, field: str, department: UUID, into: str | None) -> None:
    query = ListQuery(entity, filter=linked_to(screen, entity, field, department), limit=BATCH)
    while rows := screen.services.reader.find(screen.ctx, query).rows:
        edits = [Edit(row.id, {field: into}) for row in rows]
        screen.services.writer.bulk(screen.ctx, entity, Bulk(update=edits))


def _back(screen: Screen) -> Response:
    said = screen.words.say("Saved")
    return jsonify({"location": screen.url("admin", "organisation"), "message": said})
