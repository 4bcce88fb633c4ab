"""The tenant itself, and which of its people give two proofs of who they are."""

from __future__ import annotations

from flask import Response, jsonify, request

from engine.accounts.second_factor import EVERYBODY, ask
from ui.blueprints.admin.people import at_field, values
from ui.blueprints.page import Site
from ui.screen import Screen
from ui.session import session_of
from ui.viewmodels.admin.workspace import workspace_page


def _workspace(site: Site, screen: Screen) -> Response:
    return site.show("admin/workspace.html", workspace_page(screen), language=screen.language)


def _ask_for_proofs(site: Site, screen: Screen) -> Response:
    sent = values()
    found = sent.get("roles")
    roles = [str(role) for role in found] if isinstance(found, list) else []
    unknown = [role for role in roles if role not in screen.ctx.model.roles]
    if unknown:
        return at_field("roles", screen.words.say("There is no role “{role}”.", role=unknown[0]))
    wanted = [EVERYBODY] if sent.get("everybody") is True else roles
    ledger = screen.services.people.ledger
    by = session_of(screen.services, request).account
    ask(ledger, screen.ctx.tenant.name, wanted, screen.ctx.origin, by)
    said = screen.words.say("Saved")
    return jsonify({"location": screen.url("admin", "workspace"), "message": said})


WORKSPACE = (("GET", "/workspace", _workspace), ("POST", "/workspace/proofs", _ask_for_proofs))
