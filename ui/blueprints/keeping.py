"""Keeping a view of a list: for oneself, as a new one, for everybody; sharing and locking it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from engine.context import Context, role_id
from engine.errors import FieldError, NotFound, RecordRefused
from engine.views import SavedView, Sharing, Wanted, kept, spec_of
from metamodel.model import Entity
from ui.blueprints.page import Answer, Site
from ui.blueprints.records import RECORDS, with_entity
from ui.blueprints.routing import Route, add_pages
from ui.once import once
from ui.screen import Screen
from ui.viewmodels.filters import FilterFields, linked_fields
from ui.viewmodels.looking import ICONS
from ui.viewmodels.shell import may
from ui.viewmodels.view_dialog import view_dialog

VIEWS = f"{RECORDS}/views"

SHARINGS: Mapping[str, Sharing] = {"mine": "mine", "some": "some", "everyone": "everyone"}


def create_keeping(site: Site) -> Blueprint:
    """Return the routes by which people keep views."""
    blueprint = Blueprint("keeping", __name__)
    routes: tuple[Route, ...] = (
        ("POST", VIEWS, _keep),
        ("GET", f"{RECORDS}/filter-fields", _fields),
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
    saved = _own(screen, entity, _view_id(name)) if name else None
    dialog = view_dialog(screen, entity, saved)
    return site.show("dialogs/view.html", dialog, language=screen.language)


def _fields(site: Site, screen: Screen, entity: Entity) -> Response:
    found = FilterFields(linked_fields(screen, entity, request.args.get("of", "")))
    return site.show("pages/filter_fields.html", found, language=screen.language)


def _keep(site: Site, screen: Screen, entity: Entity) -> Response:
    wanted = _wanted(screen, entity, _values())
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.create(ctx, wanted),
        lambda made: _address(screen, entity, made),
    )


def _change(site: Site, screen: Screen, entity: Entity, view: UUID) -> Response:
    before = _own(screen, entity, view)
    values = _values()
    wanted = _wanted(screen, entity, values, before)
    version = values.get("version")
    return _once(
        screen,
        lambda ctx: screen.services.saved_views.change(
            ctx, view, wanted, version if isinstance(version, int) else None
        ),
        lambda made: _address(screen, entity, made),
    )


def _drop(site: Site, screen: Screen, entity: Entity, view: UUID) -> Response:
    _own(screen, entity, view)
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
    made = kept(screen.ctx, entity, spec_of(_state(values)).over(spec_of(own)))
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
    return _own(screen, entity, _view_id(over)).title


def _view_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(view=text) from None


def _own(screen: Screen, entity: Entity, view: UUID) -> SavedView:
    """Return a saved view of this entity that the person sees."""
    found = screen.services.saved_views.get(screen.ctx, view)
    if found.entity != entity.key or found.kind not in ICONS:
        raise NotFound(view=str(view))
    return found


def _wanted(
    screen: Screen, entity: Entity, values: Mapping[str, Any], before: SavedView | None = None
) -> Wanted:
    """Return the view that was sent; what is not said stays as it was."""
    state = spec_of(_state(values)) if "state" in values else None
    made = kept(screen.ctx, entity, state) if state is not None else None
    base = str(values.get("base", "")) if before is None else before.base
    begun = next((view for view in entity.views.values() if view.key == base), None)
    sharing = SHARINGS.get(str(values.get("sharing", before.sharing if before else "mine")), "mine")
    return Wanted(
        title=str(values.get("title", before.title if before else "") or ""),
        spec=made.spec if made is not None else before.spec if before is not None else {},
        uses=made.uses if made is not None else before.uses if before is not None else (),
        kind=begun.type if begun is not None else "list",
        entity=entity.key,
        base=base,
        sharing=sharing,
        shared_with=_whom(values) if "sharing" in values else before.shared_with if before else (),
        locked=bool(values.get("locked", before.locked if before else False)),
    )


def _whom(values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return with whom a view is shared: people, departments, teams, and roles by their names."""
    found = [role_id(str(name)) for name in _list(values.get("roles"))]
    for kind in ("person", "department", "team"):
        for text in _list(values.get(kind)):
            try:
                found.append(UUID(str(text)))
            except ValueError:
                wrong = FieldError("invalid_id", (kind,), {"value": str(text)[:80]})
                raise RecordRefused([wrong]) from None
    return tuple(dict.fromkeys(found))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _values() -> Mapping[str, Any]:
    body = request.get_json()
    values = body.get("values", {}) if isinstance(body, dict) else {}
    return values if isinstance(values, dict) else {}


def _state(values: Mapping[str, Any]) -> Any:
    """Return the spec that was sent: as an object, or as the text that a form holds."""
    state = values.get("state")
    if not isinstance(state, str):
        return state
    try:
        return json.loads(state)
    except ValueError:
        raise RecordRefused([FieldError("object_expected", ("state",))]) from None


def _address(screen: Screen, entity: Entity, made: SavedView) -> dict[str, str]:
    return {"location": screen.url("records", entity.name, view=str(made.id))}


def _once(
    screen: Screen, do: Callable[[Context], Any], answer: Callable[[Any], Mapping[str, str]]
) -> Response:
    """Write once, however often it is sent."""
    return once(screen.services, request, screen.ctx, do, lambda _, done: jsonify(answer(done)))
