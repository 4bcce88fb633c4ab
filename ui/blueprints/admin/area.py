"""The administration's routes, closed to everybody who does not look after the tenant."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import Blueprint, Response, redirect

from engine.errors import Forbidden
from ui.blueprints.admin.acting import ACTING
from ui.blueprints.admin.handover import HANDOVER
from ui.blueprints.admin.log import LOG
from ui.blueprints.admin.messages import MESSAGES
from ui.blueprints.admin.organisation import ORGANISATION
from ui.blueprints.admin.people import PEOPLE
from ui.blueprints.admin.personal import PERSONAL
from ui.blueprints.admin.reshape import RESHAPE
from ui.blueprints.admin.roles import ROLES
from ui.blueprints.admin.workspace import WORKSPACE
from ui.blueprints.page import Answer, Site
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.admin.areas import areas

ADMIN = "/<tenant>/admin"


def create_admin(site: Site) -> Blueprint:
    """Return the routes of the administration."""
    blueprint = Blueprint("admin", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "", _home),
        *PEOPLE,
        *HANDOVER,
        *PERSONAL,
        *ORGANISATION,
        *ROLES,
        *RESHAPE,
        *ACTING,
        *LOG,
        *MESSAGES,
        *WORKSPACE,
    )
    add_pages(
        blueprint,
        site,
        (
            (method, ADMIN + path, _guarded(answer, path.split("/")[1] if path else ""))
            for method, path, answer in routes
        ),
    )
    return blueprint


def _guarded(answer: Answer, area: str) -> Answer:
    """Let in whom the menu shows the way, and nobody else by its address."""

    @wraps(answer)
    def view(site: Site, screen: Screen, **path: Any) -> Response:
        entered = {each.name for each in areas(screen)}
        if not entered or (area and area not in entered):
            raise Forbidden
        return answer(site, screen, **path)

    return view


def _home(site: Site, screen: Screen) -> Response:
    return redirect(areas(screen)[0].url, code=303)  # type: ignore[return-value]
