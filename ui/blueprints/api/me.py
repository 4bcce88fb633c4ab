"""Who calls: the person as the tenant knows them, and as far as a token reaches."""

from __future__ import annotations

from flask import Response, jsonify

from ui.blueprints.api.caller import Caller
from ui.blueprints.api.shapes import ID, TEXT, TEXTS, Json, listed, whole
from ui.services import Services

ME: Json = whole(
    data=whole(
        user=ID,
        name=TEXT,
        email=TEXT,
        language=TEXT,
        tenant=TEXT,
        roles=TEXTS,
        department={"anyOf": [ID, {"type": "null"}]},
        teams=listed(ID),
        scopes={"anyOf": [TEXTS, {"type": "null"}]},
    )
)
"""What is answered; `scopes` is null in a session."""


def me(services: Services, caller: Caller) -> Response:
    """Answer who the caller is here; `scopes` is null in a session."""
    actor = caller.ctx.actor
    return jsonify(
        {
            "data": {
                "user": str(actor.user),
                "name": actor.name,
                "email": caller.account.email,
                "language": caller.ctx.language,
                "tenant": caller.ctx.tenant.name,
                "roles": list(actor.roles),
                "department": str(actor.department) if actor.department else None,
                "teams": [str(each) for each in actor.teams],
                "scopes": None if caller.scopes is None else sorted(caller.scopes),
            }
        }
    )
