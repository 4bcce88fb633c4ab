"""A dashboard: figures, bars and funnels, each with the records behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from engine.access.listed import usable_dashboards
from engine.errors import QueryInvalid
from engine.query.parse import parse_group, parse_measure
from engine.query.spec import AggregateQuery, AggregateResult, LinkValue
from formula.typed import Typed
from formula.types import DateTimeType, DateType
from metamodel.dashboards import Dashboard, Widget
from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.cells import mark
from ui.viewmodels.conditions import equal_to
from ui.viewmodels.measured import group_field, group_label, long_figure, short_figure
from ui.viewmodels.narrowing import FilterView, Narrowing, narrowing
from ui.viewmodels.shell import Shell, may, shell
from ui.viewmodels.tables import TableView, table_of
from ui.viewmodels.whose import whose

BARS = frozenset({"bar", "column", "line", "area", "pie", "leaderboard"})

Shape = Literal["metric", "chart", "funnel", "table"]


@dataclass(frozen=True, slots=True)
class Point:
    """One mark of a chart: its name, its value, and where its records are.

    `share` is its part of the largest mark, in percent.
    """

    label: str
    value: str
    shown: str
    url: str
    tone: str = ""
    share: str = "0"


@dataclass(frozen=True, slots=True)
class WidgetView:
    """One widget in its place; `at` is column, row, width, height from 1 on a grid of twelve."""

    key: str
    shape: Shape
    type: str
    label: str
    at: tuple[int, int, int, int]
    figure: str
    exact: str
    url: str
    points: tuple[Point, ...]
    sql: str = ""
    table: TableView | None = None
    whose: str = ""


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """A dashboard as a whole."""

    shell: Shell
    heading: str
    tabs: tuple[tuple[str, str, bool], ...]
    widgets: tuple[WidgetView, ...]
    filters: tuple[FilterView, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """One widget, with what the dashboard's filters make of its records."""

    screen: Screen
    entity: Entity
    widget: Widget
    filter: Typed | None
    narrowed: Narrowing


def dashboard_page(screen: Screen, dashboard: Dashboard, asked: Mapping[str, str]) -> DashboardPage:
    """Return a dashboard with its figures worked out; `asked` sets its filters."""
    heading = screen.label(dashboard.label, dashboard.name)
    url = screen.url("dashboards", dashboard.name)
    narrowed = narrowing(screen, dashboard, asked)
    widgets = (_readable(screen, widget, narrowed) for widget in dashboard.widgets.values())
    return DashboardPage(
        shell=shell(screen, heading, url),
        heading=heading,
        tabs=tuple(
            (
                screen.label(each.label, each.name),
                screen.url("dashboards", each.name),
                each.key == dashboard.key,
            )
            for each in usable_dashboards(screen.ctx)
        ),
        widgets=tuple(view for view in widgets if view is not None),
        filters=narrowed.views,
        url=url,
    )


def _readable(screen: Screen, widget: Widget, narrowed: Narrowing) -> WidgetView | None:
    """Return a widget; None where it reads what the person may not read."""
    try:
        return _widget(screen, widget, narrowed)
    except QueryInvalid:
        return None


def _widget(screen: Screen, widget: Widget, narrowed: Narrowing) -> WidgetView | None:
    entity = screen.ctx.model.entities.get(widget.entity)
    if entity is None or entity.retired or not may(screen, "read", entity.key):
        return None
    place = _Place(screen, entity, widget, narrowed.apply(screen, entity, widget.filter), narrowed)
    if widget.type == "funnel" and widget.pipeline:
        return _funnel(place)
    if widget.type in BARS and widget.group_by:
        return _chart(place)
    if widget.type == "table" and widget.group_by:
        return _table(place)
    return _metric(place)


def _measures(screen: Screen, entity: Entity, widget: Widget) -> Mapping[str, Typed]:
    return widget.measures or {"count": parse_measure(screen.ctx, entity.key, "COUNT()")}


def _metric(place: _Place) -> WidgetView:
    screen, entity, widget = place.screen, place.entity, place.widget
    measures = _measures(screen, entity, widget)
    result = screen.services.reader.aggregate(
        screen.ctx, AggregateQuery(entity.key, place.filter, measures=measures)
    )
    name, measure = next(iter(measures.items()))
    value = result.rows[0].get(name) if result.rows else None
    view = _view(place, "metric", result)
    figure, exact = (shown(screen, entity, measure, value) for shown in (short_figure, long_figure))
    return replace(view, figure=figure, exact=exact)


def _chart(place: _Place) -> WidgetView:
    screen, entity, widget = place.screen, place.entity, place.widget
    measures = _measures(screen, entity, widget)
    name, group = next(iter(widget.group_by.items()))
    result = screen.services.reader.aggregate(
        screen.ctx, AggregateQuery(entity.key, place.filter, {name: group}, measures)
    )
    measured, measure = next(iter(measures.items()))
    rows: list[Mapping[str, Any]] = list(result.rows)
    if isinstance(group.type, (DateType, DateTimeType)):
        rows = sorted((r for r in rows if r[name] is not None), key=lambda row: row[name])[-24:]
    else:
        rows = sorted(rows, key=lambda row: row[measured] or 0, reverse=True)[:12]
    points = tuple(
        Point(
            label=group_label(screen, group, row[name]),
            value=str(row[measured] or 0),
            shown=long_figure(screen, entity, measure, row[measured]),
            url=_behind(place, group, row[name]),
        )
        for row in rows
    )
    return replace(_view(place, "chart", result), points=points)


def _table(place: _Place) -> WidgetView:
    screen, entity, widget = place.screen, place.entity, place.widget
    measures = _measures(screen, entity, widget)
    result = screen.services.reader.aggregate(
        screen.ctx, AggregateQuery(entity.key, place.filter, widget.group_by, measures)
    )
    table = table_of(screen, entity, widget.group_by, measures, result.rows)
    return replace(_view(place, "table", result), table=table)


def _funnel(place: _Place) -> WidgetView:
    screen, entity, widget = place.screen, place.entity, place.widget
    pipeline = entity.pipelines[widget.pipeline]
    field = entity.fields[pipeline.field_key]
    measures = _measures(screen, entity, widget)
    group = parse_group(screen.ctx, entity.key, field.name)
    result = screen.services.reader.aggregate(
        screen.ctx, AggregateQuery(entity.key, place.filter, {"stage": group}, measures)
    )
    by_stage = {row["stage"]: row for row in result.rows}
    name, measure = next(iter(measures.items()))
    points = []
    for stage in pipeline.stages.values():
        if stage.ends in ("lost", "cancelled"):
            continue
        row = by_stage.get(stage.key) or by_stage.get(stage.name) or {}
        shown = mark(screen, field, stage.key)
        others = [
            short_figure(screen, entity, m, row.get(n)) for n, m in list(measures.items())[1:2]
        ]
        points.append(
            Point(
                label=shown.text,
                value=str(row.get(name) or 0),
                shown=" · ".join([short_figure(screen, entity, measure, row.get(name)), *others]),
                url=_list_url(place, f'{field.name} == "{stage.name}"'),
                tone=shown.tone,
            )
        )
    view = _view(place, "funnel", result)
    return replace(view, points=tuple(_shared(points)))


def _shared(points: list[Point]) -> list[Point]:
    """Return marks with their part of the largest one."""
    values = [Decimal(point.value) for point in points]
    largest = max(values, default=Decimal(0))
    if largest <= 0:
        return points
    return [
        replace(point, share=format(value * 100 / largest, ".2f"))
        for point, value in zip(points, values, strict=True)
    ]


def _view(place: _Place, shape: Shape, result: AggregateResult) -> WidgetView:
    screen, widget = place.screen, place.widget
    column, row, width, height = widget.at
    return WidgetView(
        key=widget.key,
        shape=shape,
        type=widget.type,
        label=screen.label(widget.label, widget.key),
        at=(column + 1, row + 1, width, height),
        figure="",
        exact="",
        url=_list_url(place, ""),
        points=(),
        sql=result.sql if _may_see_sql(screen) else "",
        whose=whose(screen, result.scope),
    )


def _may_see_sql(screen: Screen) -> bool:
    roles = screen.ctx.model.roles
    return any(roles[name].see_sql for name in screen.ctx.actor.roles if name in roles)


def _behind(place: _Place, group: Typed, value: Any) -> str:
    """Return the address of the records behind one mark."""
    if isinstance(value, LinkValue):
        field = group_field(place.screen, group)
        name = field.name if field is not None else ""
        return _list_url(place, "", of=f"{name}:{value.id}")
    return _list_url(place, equal_to(group.text, value))


def _list_url(place: _Place, condition: str, *, of: str = "") -> str:
    """Return the address of the records behind a widget, or behind one mark of it."""
    screen, entity, widget = place.screen, place.entity, place.widget
    own = [widget.filter.text] if widget.filter is not None else []
    parts = [*own, *place.narrowed.texts(screen, entity), *([condition] if condition else [])]
    everything = next(
        (v.name for v in entity.views.values() if v.type == "list" and v.filter is None), ""
    )
    return screen.url(
        "records",
        entity.name,
        view=everything,
        filter=" and ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts),
        of=of or place.narrowed.link(screen, entity),
    )
