"""Keeping a view of a list: for oneself, as a new one, for everybody; sharing and locking it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.context import Context
from engine.errors import NotFound
from engine.views import SavedView, Wanted, kept, spec_of
from metamodel.model import Entity
from ui.blueprints.page import Answer, Site
from ui.blueprints.records import RECORDS, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.blueprints.sent_views import seen_view, state_of, wanted_view
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.admin.reshape.formulas import checked_answer
from ui.viewmodels.filter_help import checked_filter
from ui.viewmodels.filters import FilterFields, linked_fields
from ui.viewmodels.shell import may
from ui.viewmodels.view_dialog import view_dialog

VIEWS = f"{RECORDS}/views"


def create_keeping(site: Site) -> Blueprint:
    """Return the routes by which people keep views."""
    blueprint = Blueprint("keeping", __name__)
    routes: tuple[Route, ...] = (
        ("POST", VIEWS, _keep),
        ("GET", f"{RECORDS}/filter-fields", _fields),
        ("POST", f"{RECORDS}/filter-check", _check),
        ("GET", f"{VIEWS}/dialog", _dialog),
        ("POST", f"{VIEWS}/lay", _lay),
        ("POST", f"{VIEWS}/reset", _reset),
        ("POST", f"{VIEWS}/<uuid:view>", _change),
        ("POST", f"{VIEWS}/<uuid:view>/delete", _drop),
    )
    add_pages(blueprint, site, routes, _readable)
    return blueprint


def _readable(site: Site, answer: Answer) -> Answer:
    """Answer only for entities that the person may read."""

    @wraps(answer)
    def view(site: Site, screen: Screen, entity: Entity, **path: Any) -> Response:
        if not may(screen, "read", entity.key):
            raise NotFound(entity=entity.name)
        return answer(site, screen, entity, **path)

    return with_entity(site, view)


def _dialog(site: Site, screen: Screen, entity: Entity) -> Response:
    name = request.args.get("view", "")
    saved = _seen(screen, entity, _view_id(name)) if name else None
    dialog = view_dialog(screen, entity, saved)
    return site.show("dialogs/view.html", dialog, language=screen.language)


def _fields(site: Site, screen: Screen, entity: Entity) -> Response:
    found = FilterFields(linked_fields(screen, entity, request.args.get("of", "")))
    return site.show("pages/filter_fields.html", found, language=screen.language)


def _check(site: Site, screen: Screen, entity: Entity) -> Response:
    sent = _values()
    text, at = str(sent.get("formula") or ""), sent.get("at")
    found = checked_filter(screen, entity, text, at if isinstance(at, int) else len(text))
    return jsonify(checked_answer(found))


def _keep(site: Site, screen: Screen, entity: Entity) -> Response:
    wanted = wanted_view(screen.ctx, entity, _values())
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.create(ctx, wanted),
        lambda made: _address(screen, entity, made),
    )


def _change(site: Site, screen: Screen, entity: Entity, view: UUID) -> Response:
    before = _seen(screen, entity, view)
    values = _values()
    wanted = wanted_view(screen.ctx, entity, values, before)
    version = values.get("version")
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.change(
            ctx, view, wanted, version if isinstance(version, int) else None
        ),
        lambda made: _address(screen, entity, made),
    )


def _drop(site: Site, screen: Screen, entity: Entity, view: UUID) -> Response:
    _seen(screen, entity, view)
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.drop(ctx, view),
        lambda _: {"location": screen.url("records", entity.name)},
    )


def _lay(site: Site, screen: Screen, entity: Entity) -> Response:
    values = _values()
    over = str(values.get("over", ""))
    before = screen.services.saved_views.find(screen.ctx, entity=entity.key)
    own = next((view.spec for view in before if view.over == over), {})
    made = kept(screen.ctx, entity, spec_of(state_of(values)).over(spec_of(own)))
    wanted = Wanted(_title(screen, entity, over), made.spec, entity=entity.key, uses=made.uses)
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.lay(ctx, over, wanted),
        lambda _: {"message": screen.words.say("Kept for you")},
    )


def _reset(site: Site, screen: Screen, entity: Entity) -> Response:
    over = str(_values().get("over", ""))
    name = next((view.name for view in entity.views.values() if view.key == over), over)
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.reset(ctx, entity.key, over),
        lambda _: {"location": screen.url("records", entity.name, view=name)},
    )


def _title(screen: Screen, entity: Entity, over: str) -> str:
    """Return what the view is called that somebody changes for themselves; raise `NotFound`."""
    view = next((view for view in entity.views.values() if view.key == over), None)
    if view is not None:
        return view.name
    return _seen(screen, entity, _view_id(over)).title


def _view_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(view=text) from None


def _seen(screen: Screen, entity: Entity, view: UUID) -> SavedView:
    return seen_view(screen.services.saved_views, screen.ctx, entity, view)


def _values() -> Mapping[str, Any]:
    body = request.get_json()
    values = body.get("values", {}) if isinstance(body, dict) else {}
    return values if isinstance(values, dict) else {}


def _address(screen: Screen, entity: Entity, made: SavedView) -> dict[str, str]:
    return {"location": screen.url("records", entity.name, view=str(made.id))}


def _once(
    screen: Screen, do: Callable[[Context], Any], answer: Callable[[Any], Mapping[str, str]]
) -> Response:
    """Write once, however often it is sent."""
    return once(screen.services, request, screen.ctx, do, lambda _, done: jsonify(answer(done)))
