"""Which view of an entity is looked at: the model's or a saved one, as the person arranged it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from engine.errors import NotFound
from engine.query.parse import parse_group, parse_path
from engine.query.views import usable_views as views_of
from engine.views import (
    ColorSpec,
    ColumnSpec,
    SavedView,
    ViewSpec,
    may_change,
    may_own,
    opened,
    spec_of,
)
from metamodel.label import Label
from metamodel.model import Entity
from metamodel.views import FieldPath, View
from ui.screen import Screen
from ui.viewmodels.asked import Asked

ICONS: Mapping[str, str] = MappingProxyType(
    {
        "list": "list",
        "kanban": "layout-kanban",
        "calendar": "calendar",
        "timeline": "timeline",
        "gallery": "layout-grid",
        "map": "map-2",
        "pivot": "table-options",
        "split": "layout-sidebar",
    }
)
"""The icon of each kind of view that can be opened."""

EVERYTHING = "true"
"""The filter of whoever takes away that of a saved view, as an address says it."""

NOTHING = "none"
"""The group of whoever takes away those of a view, as an address says it."""


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One view that can be switched to; `mark` is the icon of one that is shared or locked."""

    label: str
    icon: str
    url: str
    current: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Looking:
    """A view as somebody looks at it.

    `over` is what a change for oneself stands over, `laid` whether there is one. `filter` is the
    text that the builder holds. `missing` are parts of the view that mean nothing any more, and
    `lost` says that the view of the address is not there.
    """

    view: View
    over: str
    views: tuple[SavedView, ...]
    saved: SavedView | None = None
    laid: bool = False
    filter: str = ""
    missing: tuple[str, ...] = ()
    lost: bool = False
    height: str = ""
    frozen: int = 1


def look(screen: Screen, entity: Entity, asked: Asked) -> Looking:
    """Return the view that an address asks for, else the one that suits the person best."""
    services, ctx = screen.services, screen.ctx
    views = services.saved_views.find(ctx, entity=entity.key, kinds=tuple(ICONS))
    saved = _saved(views, asked.view)
    if saved is None:
        base = view_of(screen, entity, asked.view)
        found = Looking(base, base.key, views, lost=_is_id(asked.view))
    else:
        base = _base(screen, entity, saved)
        seen = opened(ctx, entity, base, spec_of(saved.spec))
        named = replace(seen.view, key=str(saved.id), name=str(saved.id), type=saved.kind)
        titled = replace(named, label=Label({"": saved.title}), roles=())
        found = Looking(
            titled, str(saved.id), views, saved, missing=seen.missing,
            height=seen.height, frozen=seen.frozen,
        )  # fmt: skip
    return _asked(screen, entity, _laid(screen, entity, found), asked)


def _laid(screen: Screen, entity: Entity, found: Looking) -> Looking:
    """Return a view as the person arranged it for themselves."""
    own = next((view for view in found.views if view.over == found.over), None)
    if own is None:
        return found
    spec = spec_of(own.spec)
    seen = opened(screen.ctx, entity, found.view, spec)
    return replace(
        found,
        view=seen.view,
        laid=True,
        missing=(*found.missing, *seen.missing),
        height=seen.height or found.height,
        frozen=found.frozen if spec.frozen is None else seen.frozen,
    )


def _asked(screen: Screen, entity: Entity, found: Looking, asked: Asked) -> Looking:
    """Return a view with the groups that the address asks for; what its filter is, is said.

    What is asked of a view that is somebody's own stands in the place of its filter; to one of
    the model it is added.
    """
    view = found.view
    if asked.group:
        view = replace(view, group=tuple(_groups(screen, entity, asked.group)))
    if found.saved is None and not found.laid:
        return replace(found, view=view, filter=asked.filter)
    text = asked.filter or (view.filter.text if view.filter is not None else "")
    if asked.filter:
        view = replace(view, filter=None)
    return replace(found, view=view, filter="" if text == EVERYTHING else text)


def _groups(screen: Screen, entity: Entity, text: str) -> Iterator[FieldPath]:
    for name in text.split(",") if text != NOTHING else ():
        parse_group(screen.ctx, entity.key, name)
        yield parse_path(screen.ctx, entity.key, name)


def state(found: Looking, asked: Asked) -> ViewSpec:
    """Return all that is looked at as one spec: what is kept when somebody saves it."""
    view = found.view
    own = view.filter.text if view.filter is not None else ""
    parts = [each for each in (own, asked.filter) if each and each != EVERYTHING]
    sort = asked.sort or ",".join(f"{'-' * s.descending}{s.path.text}" for s in view.sort)
    return ViewSpec(
        columns=tuple(
            ColumnSpec(c.path.text, c.label.texts.get("", ""), c.width, c.total)
            for c in view.columns
        ),
        filter=parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts),
        sort=sort,
        group=tuple(path.text for path in view.group),
        colors=tuple(ColorSpec(rule.when.text, rule.color) for rule in view.colors),
        height=found.height,
        frozen=found.frozen,
    )


def view_of(screen: Screen, entity: Entity, name: str) -> View:
    """Return the model's view of this name that the person may use, else what suits them best."""
    views = usable_views(screen, entity)
    if not views:
        raise NotFound(entity=entity.name)
    named = next((view for view in views if view.name == name), None)
    if named is not None:
        return named
    lists = [view for view in views if view.type == "list"]
    return next((v for v in lists if _suits(screen, entity, v)), next(iter(lists), views[0]))


def _suits(screen: Screen, entity: Entity, view: View) -> bool:
    """Return whether a view shows what a person works with: "mine" is little for a manager."""
    if view.filter is None or view.filter.stability != "personal":
        return True
    seen = screen.services.access.row_filter(screen.ctx, entity.key, "read")
    groups = ("user.department", "user.home_departments", "user.team")
    return seen is not None and not any(group in seen.text for group in groups)


def usable_views(screen: Screen, entity: Entity) -> list[View]:
    """Return the views of the model that a person may use, in order: none over what is hidden."""
    usable = views_of(screen.ctx, screen.services.access, entity)
    return [view for view in usable if view.type in ICONS]


def tabs(
    screen: Screen, entity: Entity, current: View, saved: Sequence[SavedView] | None = None
) -> tuple[ViewTab, ...]:
    """Return the tabs that switch between views: the model's, then those that people keep."""
    if saved is None:
        saved = screen.services.saved_views.find(screen.ctx, entity=entity.key, kinds=tuple(ICONS))
    kept = [view for view in saved if not view.over]
    return (
        *(
            _tab(screen, entity, view.name, screen.label(view.label, view.name), view.type, current)
            for view in usable_views(screen, entity)
        ),
        *(
            replace(
                _tab(screen, entity, str(view.id), view.title, view.kind, current), mark=_mark(view)
            )
            for view in kept
        ),
    )


def _tab(
    screen: Screen, entity: Entity, name: str, label: str, kind: str, current: View
) -> ViewTab:
    return ViewTab(
        label=label,
        icon=ICONS[kind],
        url=screen.url("records", entity.name, view=name),
        current=name == current.name,
    )


def _mark(view: SavedView) -> str:
    if view.locked:
        return "lock"
    return "users" if view.sharing != "mine" else ""


def may_save(screen: Screen, view: SavedView | None) -> bool:
    """Return whether the person may change a saved view for everybody."""
    return view is not None and may_change(screen.ctx, view)


def may_manage(screen: Screen, view: SavedView | None) -> bool:
    """Return whether the person may share, lock and take away a saved view."""
    return view is not None and may_own(screen.ctx, view)


def _saved(views: Sequence[SavedView], name: str) -> SavedView | None:
    return next((view for view in views if not view.over and str(view.id) == name), None)


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _base(screen: Screen, entity: Entity, saved: SavedView) -> View:
    """Return the view that a saved one began as, else another of its kind."""
    views = usable_views(screen, entity)
    same = [view for view in views if view.type == saved.kind]
    begun = next((view for view in same if view.key == saved.base), None)
    return begun or next(iter(same), None) or view_of(screen, entity, "")
