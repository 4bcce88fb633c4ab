"""The inbox, what came new, and what somebody chooses for themselves."""

from __future__ import annotations

import json
from typing import Any, Literal, cast
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.errors import FieldError, NotFound, RecordRefused
from engine.notices import Asked
from engine.pushing import device_of
from ui.blueprints.page import Site
from ui.blueprints.routing import Route, add_pages
from ui.choices import checked
from ui.screen import Screen
from ui.viewmodels.design import design_page
from ui.viewmodels.device import manifest, waiting_page
from ui.viewmodels.inbox import inbox_page, notice_line
from ui.viewmodels.own import device_of as called
from ui.viewmodels.preferences import preferences_page, shortcuts_page

STATES = ("open", "unread", "done", "all")


def create_inbox(site: Site) -> Blueprint:
    """Return the routes of a person's own pages in a tenant."""
    blueprint = Blueprint("inbox", __name__)
    routes: tuple[Route, ...] = (
        ("GET", "/<tenant>/inbox", _inbox),
        ("GET", "/<tenant>/inbox/unseen", _unseen),
        ("POST", "/<tenant>/inbox/mark", _mark),
        ("GET", "/<tenant>/preferences", _preferences),
        ("POST", "/<tenant>/preferences/<unknown>", _prefer),
        ("POST", "/<tenant>/devices", _keep_device),
        ("POST", "/<tenant>/devices/<unknown>/remove", _forget_device),
        ("GET", "/<tenant>/shortcuts", _shortcuts),
        ("GET", "/<tenant>/design", _design),
        ("GET", "/<tenant>/waiting", _waiting),
        ("GET", "/<tenant>/app.webmanifest", _manifest),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _inbox(site: Site, screen: Screen) -> Response:
    state = request.args.get("state", "")
    asked = Asked(_state(state) if state else "open", before=_id(request.args.get("before", "")))
    page = inbox_page(screen, request.args.get("show", ""), asked)
    return site.show("pages/inbox.html", page, language=screen.language)


def _unseen(site: Site, screen: Screen) -> Response:
    """Answer what came new; nothing (204) where nothing changed since the mark that is sent.

    With `at=entity:id` the person looks at that record: what was told of it counts as read.
    """
    entity, _, record = request.args.get("at", "").partition(":")
    mark = request.args.get("mark", "")
    notices = screen.services.notices
    found = notices.unseen(screen.ctx, mark)
    if found is not None and found.count and record and not screen.ctx.tenant.frozen:
        kind, seen = screen.ctx.model.entity_named(entity), _id(record)
        if kind is not None and seen is not None:
            notices.see(screen.ctx, kind.key, seen)
            found = notices.unseen(screen.ctx, "")
    if found is None:
        return Response(status=204)
    lines = [notice_line(screen, each) for each in found.latest]
    return jsonify(
        {
            "count": found.count,
            "mark": found.mark,
            "latest": [
                {"id": each.id, "text": each.plain, "said": each.said, "url": each.url}
                for each in lines
            ],
        }
    )


def _mark(site: Site, screen: Screen) -> Response:
    body: Any = request.get_json()
    sent = body.get("values", {}) if isinstance(body, dict) else {}
    named = sent.get("ids") if isinstance(sent, dict) else None
    ids = [_id(str(each)) for each in named] if isinstance(named, list) else []
    everything = isinstance(sent, dict) and sent.get("all") is True
    state = _state(str(sent.get("state", "open")) if isinstance(sent, dict) else "open")
    known = [each for each in ids if each is not None]
    if not known and not everything:
        raise RecordRefused([FieldError("required", ("ids",))])
    count = screen.services.notices.mark(screen.ctx, None if everything else known, state)
    return jsonify({"count": count})


def _preferences(site: Site, screen: Screen) -> Response:
    page = preferences_page(screen)
    return site.show("pages/preferences.html", page, language=screen.language)


def _prefer(site: Site, screen: Screen, unknown: str) -> Response:
    """Keep one of a person's preferences; one that is not known is not there."""
    body: Any = request.get_json()
    sent = body.get("values", {}) if isinstance(body, dict) else {}
    value = checked(unknown, sent, screen.url())
    if value is None:
        raise NotFound(preference=unknown)
    screen.services.preferences.keep(screen.ctx, unknown, value)
    return jsonify({"message": screen.words.say("Saved")})


def _keep_device(site: Site, screen: Screen) -> Response:
    """Tell the person on the device that asks, from now on."""
    body: Any = request.get_json()
    device = device_of(body.get("values") if isinstance(body, dict) else None, screen.language)
    screen.services.devices.keep(screen.ctx, device, called(request.user_agent.string)[0])
    return jsonify({"message": screen.words.say("Saved"), "name": device.name})


def _forget_device(site: Site, screen: Screen, unknown: str) -> Response:
    """Tell the person on one of their devices no more."""
    screen.services.devices.forget(screen.ctx, unknown)
    return jsonify({"message": screen.words.say("Saved")})


def _shortcuts(site: Site, screen: Screen) -> Response:
    return site.show("pages/shortcuts.html", shortcuts_page(screen), language=screen.language)


def _design(site: Site, screen: Screen) -> Response:
    return site.show("pages/design.html", design_page(screen), language=screen.language)


def _waiting(site: Site, screen: Screen) -> Response:
    return site.show("pages/waiting.html", waiting_page(screen), language=screen.language)


def _manifest(site: Site, screen: Screen) -> Response:
    """Answer what a device asks before it puts the tenant among its own apps."""
    return Response(
        json.dumps(manifest(screen), ensure_ascii=False), mimetype="application/manifest+json"
    )


def _state(text: str) -> Literal["open", "unread", "done", "all"]:
    if text not in STATES:
        raise RecordRefused(
            [FieldError("unknown_choice", ("state",), {"value": text, "known": list(STATES)})]
        )
    return cast("Literal['open', 'unread', 'done', 'all']", text)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", ("id",), {"value": text})]) from None
