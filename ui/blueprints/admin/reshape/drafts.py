"""Several drafts of one's own: another begun, one chosen to work on, and what each is called."""

from __future__ import annotations

from flask import Response, jsonify

from ui.blueprints.admin.people import values
from ui.blueprints.page import Site
from ui.reshaping.sent import text_of
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import title_of_changes

PLACE = "/versions/drafts"


def _begin_draft(site: Site, screen: Screen) -> Response:
    title = text_of(values(), "title") or title_of_changes(screen)
    screen.services.drafts.create(screen.ctx, title)
    return _listed(screen, screen.words.say("Begun: what you change now goes into it"))


def _take_up_draft(site: Site, screen: Screen, name: str) -> Response:
    screen.services.own_drafts.take_up(screen.ctx, name)
    return _listed(screen, screen.words.say("What you change now goes into it"))


def _entitle_draft(site: Site, screen: Screen, name: str) -> Response:
    screen.services.own_drafts.entitle(screen.ctx, name, text_of(values(), "title"))
    return _listed(screen, screen.words.say("Renamed"))


def _listed(screen: Screen, message: str) -> Response:
    return jsonify({"message": message, "location": screen.url("admin", "versions")})


DRAFTS = (
    ("POST", PLACE, _begin_draft),
    ("POST", f"{PLACE}/<name>/take-up", _take_up_draft),
    ("POST", f"{PLACE}/<name>/title", _entitle_draft),
)
