"""Roles: their matrix, what a change would do, and publishing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify, request

from engine.drafts.going_out import Terms
from engine.errors import NotFound, ScenariosRed
from engine.reshaping import RoleChange
from metamodel.access import Role
from metamodel.problems import DefinitionInvalid
from metamodel.role_edits import RoleEdit
from ui.blueprints.admin.people import at_field, values
from ui.blueprints.page import Site
from ui.blueprints.records import entity_of
from ui.screen import Screen
from ui.viewmodels.admin.publishing import preview, problems
from ui.viewmodels.admin.reshape.underway import red_words
from ui.viewmodels.admin.role_fields import fields_view
from ui.viewmodels.admin.roles import role_page, roles_page


def _roles(site: Site, screen: Screen) -> Response:
    return site.show("admin/roles.html", roles_page(screen), language=screen.language)


def _role(site: Site, screen: Screen, role: str) -> Response:
    page = role_page(screen, _known(screen, role))
    return site.show("admin/role.html", page, language=screen.language)


def _role_fields(site: Site, screen: Screen, role: str, entity: str) -> Response:
    view = fields_view(screen, _known(screen, role), entity_of(screen, entity))
    return site.show("admin/role_fields.html", view, language=screen.language)


def _preview_role(site: Site, screen: Screen, role: str) -> Response:
    changes = (_change(screen, role),)
    try:
        proposal = screen.services.reshaping.propose(screen.ctx, changes)
    except DefinitionInvalid as invalid:
        return _invalid(screen, invalid)
    view = preview(screen, proposal)
    html = site.renderer.render("admin/role_preview.html", screen.language, view)
    return jsonify({"html": html, "over": view.over})


def _publish_role(site: Site, screen: Screen, role: str) -> Response:
    return _publish(screen, (_change(screen, role),), screen.url("admin", "roles", role))


def _copy_role(site: Site, screen: Screen) -> Response:
    sent = values()
    name = str(sent.get("name") or "").strip().lower()
    labels = {"en": sent.get("label_en"), "zh": sent.get("label_zh")}
    edits = tuple(RoleEdit(("label", code), text) for code, text in labels.items() if text)
    if name in screen.ctx.model.roles:
        return at_field("name", screen.words.say("There is a role of this name already."))
    change = RoleChange(name, edits, copy_of=str(sent.get("copy_of") or ""))
    return _publish(screen, (change,), screen.url("admin", "roles", name))


def _retire_role(site: Site, screen: Screen, role: str) -> Response:
    change = RoleChange(_known(screen, role).name, retire=True)
    return _publish(screen, (change,), screen.url("admin", "roles"))


ROLES = (
    ("GET", "/roles", _roles),
    ("POST", "/roles", _copy_role),
    ("GET", "/roles/<role>", _role),
    ("GET", "/roles/<role>/fields/<entity>", _role_fields),
    ("POST", "/roles/<role>/preview", _preview_role),
    ("POST", "/roles/<role>/publish", _publish_role),
    ("POST", "/roles/<role>/retire", _retire_role),
)


def _known(screen: Screen, name: str) -> Role:
    role = screen.ctx.model.roles.get(name)
    if role is None:
        raise NotFound(role=name)
    return role


def _body() -> dict[str, Any]:
    body = request.get_json()
    return body if isinstance(body, dict) else {}


def _change(screen: Screen, role: str) -> RoleChange:
    """Return the edits of a request: pairs of a path and the value to put there."""
    edits = _body().get("edits", [])
    found = [
        RoleEdit(tuple(str(edit["path"]).split("/")), edit.get("value"))
        for edit in (edits if isinstance(edits, list) else [])
        if isinstance(edit, dict) and edit.get("path")
    ]
    return RoleChange(_known(screen, role).name, tuple(found))


def _publish(screen: Screen, changes: Sequence[RoleChange], location: str) -> Response:
    over = _body().get("over", screen.ctx.revision)
    message, despite = str(_body().get("message") or ""), _body().get("despite_red") is True
    try:
        screen.services.reshaping.publish(
            screen.ctx,
            changes,
            over=over if isinstance(over, int) else 0,
            terms=Terms(message, despite_red=despite),
        )
    except DefinitionInvalid as invalid:
        return _invalid(screen, invalid)
    except ScenariosRed as red:
        return at_field("despite_red", red_words(screen, [each.name for each in red.results]))
    return jsonify({"location": location, "message": screen.words.say("Published")})


def _invalid(screen: Screen, invalid: DefinitionInvalid) -> Response:
    response = jsonify({"errors": problems(screen, invalid.problems)})
    response.status_code = 422
    return response
