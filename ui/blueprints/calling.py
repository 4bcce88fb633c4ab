"""The screen of somebody at the phone: a number, who it is, and what they have."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.calling import call_page


def create_calling(site: Site) -> Blueprint:
    """Return the route of the caller's screen."""
    blueprint = Blueprint("calling", __name__)

    def call(screen: Screen) -> Response:
        number, chosen = request.args.get("number", ""), request.args.get("of", "")
        page = call_page(screen, number, _id(chosen))
        return site.show("pages/call.html", page, language=screen.language)

    blueprint.add_url_rule("/<tenant>/call", view_func=site.page(call), methods=["GET"])
    return blueprint


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
