"""People: the list, one person, and what an administrator changes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from engine.doors import Edit
from engine.query.spec import Record
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.people import Wanted, more_people, people_page
from ui.viewmodels.admin.person import person_page


def _people(site: Site, screen: Screen) -> Response:
    wanted = Wanted(
        text=request.args.get("q", "").strip(),
        department=request.args.get("department", ""),
        role=request.args.get("role", ""),
        state=request.args.get("state", ""),
        cursor=request.args.get("cursor", ""),
    )
    if wanted.cursor:
        rows = more_people(screen, wanted)
        return site.show("admin/person_rows.html", rows, language=screen.language)
    return site.show("admin/people.html", people_page(screen, wanted), language=screen.language)


def _person(site: Site, screen: Screen, person: UUID) -> Response:
    page = person_page(screen, _read(screen, person))
    return site.show("admin/person.html", page, language=screen.language)


def _change_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, values())


def _give_roles(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"roles": list(values().get("roles") or ())})


def _enable_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"active": True})


def _disable_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"active": False})


PEOPLE = (
    ("GET", "/people", _people),
    ("GET", "/people/<uuid:person>", _person),
    ("POST", "/people/<uuid:person>", _change_person),
    ("POST", "/people/<uuid:person>/roles", _give_roles),
    ("POST", "/people/<uuid:person>/enable", _enable_person),
    ("POST", "/people/<uuid:person>/disable", _disable_person),
)


def values() -> Mapping[str, Any]:
    """Return what a form sent."""
    body = request.get_json()
    found = body.get("values", {}) if isinstance(body, dict) else {}
    return found if isinstance(found, dict) else {}


def _read(screen: Screen, person: UUID) -> Record:
    return screen.services.reader.get(screen.ctx, "user", [person])[0]


def _update(screen: Screen, person: UUID, changed: Mapping[str, Any]) -> Response:
    screen.services.writer.update(screen.ctx, "user", [Edit(person, changed)])
    return jsonify(
        {
            "location": screen.url("admin", "people", str(person)),
            "message": screen.words.say("Saved"),
        }
    )
