"""People: the list, one person, and what an administrator changes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from flask import Response, jsonify, request

from engine.accounts.invitations import Invited
from engine.doors import Edit
from engine.messages import sentence
from engine.query.spec import Record
from engine.tenants.errors import TenantError
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.gains import gains
from ui.viewmodels.admin.people import InvitedView, Wanted, more_people, people_page
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


def _invite(site: Site, screen: Screen) -> Response:
    sent = {name: value for name, value in values().items() if name != "roles"}
    place = screen.label(screen.ctx.model.app.label, screen.ctx.tenant.name)
    try:
        made = screen.services.people.invitations.invite(
            screen.ctx,
            Invited(
                email=str(sent.pop("email", None) or ""),
                name=str(sent.pop("name", None) or ""),
                roles=tuple(_roles()),
                language=screen.language,
                values=sent,
            ),
            place=place,
        )
    except TenantError as refused:
        return at_field("email", sentence(refused, screen.language))
    here = screen.url("admin", "people", str(made.user))
    if made.link:
        view = InvitedView(made.account.name, urljoin(request.host_url, made.link), here)
        return jsonify({"html": site.renderer.render("admin/invited.html", screen.language, view)})
    said = screen.words.say("Invited: a letter is on its way.")
    return jsonify({"location": here, "message": said})


def _gains(site: Site, screen: Screen, person: UUID) -> Response:
    found = screen.services.comparer.roles(screen.ctx, {person: _roles()})
    view = gains(screen, found, screen.ctx.model)
    return jsonify({"html": site.renderer.render("admin/gains.html", screen.language, view)})


def _change_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, values())


def _give_roles(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"roles": _roles()})


def _enable_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"active": True})


def _end_sign_ins(site: Site, screen: Screen, person: UUID) -> Response:
    services = screen.services
    services.visits.end(screen.ctx, person, services.audit)
    services.contexts.forget()
    said = screen.words.say("Ended: they prove who they are before they come in here again.")
    here = screen.url("admin", "people", str(person))
    return jsonify({"location": here, "message": said})


def _disable_person(site: Site, screen: Screen, person: UUID) -> Response:
    return _update(screen, person, {"active": False})


PEOPLE = (
    ("GET", "/people", _people),
    ("POST", "/people", _invite),
    ("GET", "/people/<uuid:person>", _person),
    ("POST", "/people/<uuid:person>", _change_person),
    ("POST", "/people/<uuid:person>/roles", _give_roles),
    ("POST", "/people/<uuid:person>/gains", _gains),
    ("POST", "/people/<uuid:person>/enable", _enable_person),
    ("POST", "/people/<uuid:person>/disable", _disable_person),
    ("POST", "/people/<uuid:person>/sessions/end", _end_sign_ins),
)


def values() -> Mapping[str, Any]:
    """Return what a form sent."""
    body = request.get_json()
    found = body.get("values", {}) if isinstance(body, dict) else {}
    return found if isinstance(found, dict) else {}


def _roles() -> list[str]:
    """Return the roles that a form sent, by name."""
    found = values().get("roles")
    return [str(role) for role in found] if isinstance(found, list) else []


def at_field(field: str, message: str) -> Response:
    """Answer what is wrong with one field of a form."""
    response = jsonify({"errors": [{"path": [field], "code": "refused", "message": message}]})
    response.status_code = 422
    return response


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
