"""A record's shares and the reasons behind rights on it, as dialogs of its page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.access.shares import Gift, Kind
from engine.errors import FieldError, RecordRefused
from engine.query.spec import Record
from metamodel.model import Entity
from ui.blueprints.page import Site
from ui.blueprints.records import RECORD, entity_of
from ui.blueprints.routing import Route, add_pages
from ui.screen import Screen
from ui.viewmodels.figures import figure_dialog
from ui.viewmodels.reasons import reason_dialog
from ui.viewmodels.sharing import share_dialog


def create_sharing(site: Site) -> Blueprint:
    """Return the routes of shares and reasons."""
    blueprint = Blueprint("sharing", __name__)
    routes: tuple[Route, ...] = (
        ("GET", f"{RECORD}/why", _why),
        ("GET", f"{RECORD}/figures/<field>", _figure),
        ("GET", f"{RECORD}/shares", _shares),
        ("POST", f"{RECORD}/shares", _share),
        ("POST", f"{RECORD}/shares/<uuid:share>/remove", _unshare),
    )
    add_pages(blueprint, site, routes)
    return blueprint


def _why(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    target, found = _record(screen, entity, record)
    explained = screen.services.explainer.record(
        screen.ctx, target.key, record, user=_id(request.args.get("user", ""), "user")
    )
    dialog = reason_dialog(screen, target, record, found.title, explained)
    return site.show("dialogs/why.html", dialog, language=screen.language)


def _figure(site: Site, screen: Screen, entity: str, record: UUID, field: str) -> Response:
    target, found = _record(screen, entity, record)
    dialog = figure_dialog(screen, target, found, field)
    return site.show("dialogs/figure.html", dialog, language=screen.language)


def _shares(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    target, found = _record(screen, entity, record)
    dialog = share_dialog(screen, target, record, found.title)
    return site.show("dialogs/share.html", dialog, language=screen.language)


def _share(site: Site, screen: Screen, entity: str, record: UUID) -> Response:
    target, sent = entity_of(screen, entity), _values()
    screen.services.shares.share(screen.ctx, target.key, record, gift_of(sent))
    return jsonify({"message": screen.words.say("Shared")})


def _unshare(site: Site, screen: Screen, entity: str, record: UUID, share: UUID) -> Response:
    target = entity_of(screen, entity)
    screen.services.shares.unshare(screen.ctx, target.key, record, share)
    return jsonify({"message": screen.words.say("No longer shared")})


def _record(screen: Screen, entity: str, record: UUID) -> tuple[Entity, Record]:
    target = entity_of(screen, entity)
    return target, screen.services.reader.get(screen.ctx, target.key, [record])[0]


def gift_of(sent: Mapping[str, Any]) -> Gift:
    """Return what a form of shares gives; raise `RecordRefused` for what cannot be read."""
    kind = str(sent.get("kind") or "person")
    if kind not in ("person", "department", "team", "role"):
        raise RecordRefused([FieldError("required", ("kind",))])
    whom = str(sent.get(kind) or "")
    chosen = whom if kind == "role" else _id(whom, kind)
    if not chosen:
        raise RecordRefused([FieldError("required", (kind,))])
    return Gift(
        kind=cast("Kind", kind),
        whom=chosen,
        right="write" if sent.get("right") == "write" else "read",
        until=_day(str(sent.get("until") or "")),
        note=str(sent.get("note") or ""),
    )


def _id(text: str, field: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise RecordRefused([FieldError("invalid_id", (field,), {"value": text})]) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise RecordRefused([FieldError("invalid_date", ("until",), {"value": text})]) from None


def _values() -> Mapping[str, Any]:
    body = request.get_json()
    found = body.get("values", {}) if isinstance(body, dict) else {}
    return found if isinstance(found, dict) else {}
