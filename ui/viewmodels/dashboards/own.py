"""Dashboards that people make of reports and widgets, kept and shared like views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.errors import NotFound, QueryInvalid
from engine.views import SavedView
from engine.views.service import may_change, may_own
from metamodel.dashboards import Dashboard, DashboardFilter, Widget
from metamodel.label import Label
from ui.screen import Screen
from ui.viewmodels.dashboards.page import KIND, Shown
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.reports.spec import Place, mended, spec_of_kept, widget_of
from ui.viewmodels.shell import may

MOST_WIDGETS = 24

COLUMNS = 12

FILTERS = ("owner", "department")
"""Fields that a dashboard of one's own is filtered by where its records have them."""


def own_dashboards(screen: Screen) -> tuple[SavedView, ...]:
    """Return the dashboards that people made and that the person sees, by their titles."""
    return screen.services.saved_views.find(screen.ctx, kinds=(KIND,))


def shown_own(screen: Screen, saved: SavedView) -> Shown:
    """Return a dashboard that somebody made, under the rights of whoever looks."""
    if saved.kind != KIND:
        raise NotFound(dashboard=str(saved.id))
    widgets: dict[str, Widget] = {}
    problems: dict[str, tuple[WidgetView, ...]] = {}
    for each in parts_of(saved):
        try:
            made = _widget(screen, each)
        except QueryInvalid:
            problems[each["key"]] = (_problem(screen, each),)
        else:
            if made is not None:
                widgets[each["key"]] = made
    board = Dashboard(
        key=str(saved.id),
        name=saved.title,
        label=Label({"": saved.title}),
        widgets=widgets,
        filters={each.name: each for each in _filters(screen, tuple(widgets.values()))},
        icon="layout-dashboard",
    )
    return Shown(
        board,
        screen.url("dashboards", "own", str(saved.id)),
        problems,
        arranged_at=saved.version if may_change(screen.ctx, saved) else 0,
        may_own=may_own(screen.ctx, saved),
        shared=saved.sharing != "mine",
    )


def parts_of(saved: SavedView) -> list[dict[str, Any]]:
    """Return the parts of a dashboard as they are kept, those that mean nothing left out."""
    kept = saved.spec.get("widgets")
    parts = kept if isinstance(kept, Sequence) and not isinstance(kept, str) else ()
    return [dict(each) for each in parts if isinstance(each, Mapping) and each.get("key")]


def arranged(parts: Sequence[Mapping[str, Any]], wanted: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the parts that are wanted, each at its new place, in the order they were in.

    Any: JSON of every shape.
    """
    known = (each for each in wanted if isinstance(each, Mapping))
    places = {str(each.get("key")): place_of(each.get("at")) for each in known}
    return [{**each, "at": places[each["key"]]} for each in parts if each["key"] in places]


def place_of(said: object) -> list[int]:
    """Return a place on the grid, brought into it."""
    known = said if isinstance(said, Sequence) and len(said) == 4 else (0, 0, 4, 4)
    column, row, width, height = (each if isinstance(each, int) else 0 for each in known)
    width = min(max(width, 2), COLUMNS)
    return [min(max(column, 0), COLUMNS - width), min(max(row, 0), 38), width,
            min(max(height, 2), COLUMNS)]  # fmt: skip


def below(parts: Sequence[Mapping[str, Any]]) -> int:
    """Return the first row below all parts."""
    places = [place_of(each.get("at")) for each in parts]
    return max((row + height for _, row, _, height in places), default=0)


def _widget(screen: Screen, part: Mapping[str, Any]) -> Widget | None:
    spec = spec_of_kept(part.get("spec") or {})
    entity = screen.ctx.model.entity_named(spec.entity)
    if entity is None or entity.retired or entity.system:
        raise QueryInvalid([], where="entity")
    if not may(screen, "read", entity.key):
        return None
    column, row, width, height = place_of(part.get("at"))
    place: Place = (column, row, width, height)
    label = Label({"": str(part.get("title") or screen.entity_label(entity, plural=True))})
    return widget_of(screen, entity, spec, key=str(part["key"]), label=label, at=place)


def _problem(screen: Screen, part: Mapping[str, Any]) -> WidgetView:
    """Return what stands in the place of a widget that means nothing any more."""
    spec = spec_of_kept(part.get("spec") or {})
    entity = screen.ctx.model.entity_named(spec.entity)
    say = screen.words.say
    if entity is None or entity.retired:
        problem = say("The records that this was about are not there any more: {name}",
                      name=spec.entity)  # fmt: skip
    else:
        problem = "; ".join(mended(screen, entity, spec))
    column, row, width, height = place_of(part.get("at"))
    return WidgetView(
        key=str(part["key"]),
        shape="problem",
        type=spec.type,
        label=str(part.get("title") or ""),
        at=(column + 1, row + 1, width, height),
        problem=problem,
        hint=say("Open it as a report and choose something else, or take it off the dashboard."),
        url=screen.url("reports", "new", **dict(spec.query())),
    )


def _filters(screen: Screen, widgets: Sequence[Widget]) -> Iterator[DashboardFilter]:
    """Yield the filters that a dashboard's records can share: a day, whose, which department."""
    entities = [screen.ctx.model.entities[each.entity] for each in widgets]
    fields = [field for entity in entities for field in entity.fields.values() if not field.retired]
    days = [f for f in fields if f.type == "date" and not f.hidden and f.formula is None]
    for field in days[:1]:
        yield DashboardFilter("period", field.label, field.name)
    for name in FILTERS:
        found = next((field for field in fields if field.name == name), None)
        if found is not None:
            yield DashboardFilter(name, found.label, name)


def id_of(text: str) -> UUID | None:
    """Return the id that a text of an address means."""
    try:
        return UUID(text)
    except ValueError:
        return None
