"""Bars, columns, lines, areas and pies: one group along, and a second one or measures beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from formula.typed import Typed
from formula.types import DateTimeType, DateType
from ui.viewmodels.dashboards.metric import figure_of, number
from ui.viewmodels.dashboards.place import Place, Rows
from ui.viewmodels.dashboards.views import Grid, Line, WidgetView
from ui.viewmodels.measured import group_field, group_label, group_name, measure_label

MOST_MARKS = 12
"""Groups that a chart shows where nobody says how many."""

MOST_TIMES = 24
"""Times along a chart, the latest of all."""

MOST_SERIES = 8

BUCKET = re.compile(r'STARTOF\(.*"(day|week|month|quarter|year)"\)$', re.DOTALL)


def draw_chart(place: Place) -> WidgetView:
    """Return a chart's lines of figures, in time or the largest first, as the widget asks."""
    (name, group), *others = place.widget.group_by.items()
    limit = place.number("limit") or (MOST_TIMES if is_time(group) else MOST_MARKS)
    if others:
        return _side_by_side(place, limit)
    sort = sort_of(place, is_time=is_time(group))
    field = group_field(place.screen, group)
    if sort == ((name, False),) and field is not None and field.options:
        # Options come in their own order where nothing else is asked for.
        sort = ()
    result = place.aggregate(dict(place.widget.group_by), sort=sort, limit=limit + 1)
    rows = list(result.rows)
    more = len(rows) > limit
    rows = rows[:limit]
    if is_time(group) and not place.option("sort"):
        rows = list(_filled(place, name, group, [r for r in rows if r[name] is not None][::-1]))
    lines = tuple(
        Line(
            group_label(place.screen, group, row[name]),
            tuple(
                replace(
                    figure_of(place, measure, row.get(key)),
                    url=place.behind([(group, row[name])]),
                )
                for key, measure in place.measures.items()
            ),
        )
        for row in rows
    )
    heads = tuple(measure_label(place.screen, place.entity, m) for m in place.measures.values())
    grid = Grid((group_name(place.screen, group),), heads, lines, more)
    return replace(place.view("chart", result), grid=grid)


def _side_by_side(place: Place, limit: int) -> WidgetView:
    """Return a chart whose second group stands side by side in each mark of the first."""
    (along, first), (across, second), *_ = place.widget.group_by.items()
    result = place.aggregate({along: first, across: second})
    measured, measure = next(iter(place.measures.items()))
    heads, marks = _axes(result.rows, along, across, measured)
    if is_time(first):
        marks = sorted((each for each in marks if each is not None), reverse=True)[:limit][::-1]
    cells = {(_key(row[along]), _key(row[across])): row[measured] for row in result.rows}
    heads = in_order(place, second, heads[:MOST_SERIES])
    lines = tuple(
        Line(
            group_label(place.screen, first, one),
            tuple(
                replace(
                    figure_of(place, measure, cells.get((_key(one), _key(other)))),
                    url=place.behind([(first, one), (second, other)]),
                )
                for other in heads
            ),
        )
        for one in marks[:limit]
    )
    names = tuple(group_label(place.screen, second, head) for head in heads)
    grid = Grid((group_name(place.screen, first),), names, lines, len(marks) > limit, parts=True)
    return replace(place.view("chart", result), grid=grid)


def _axes(rows: Rows, along: str, across: str, measured: str) -> tuple[list[Any], list[Any]]:
    """Return the values of both groups, those with the most first. Any: values of every type."""
    found = []
    for name in (across, along):
        sums: dict[Any, Any] = {}
        values: dict[Any, Any] = {}
        for row in rows:
            key = _key(row[name])
            values[key] = row[name]
            sums[key] = sums.get(key, 0) + number(row[measured])
        found.append([values[key] for key in sorted(sums, key=lambda k: sums[k], reverse=True)])
    return found[0], found[1]


def _key(value: Any) -> Any:
    """Return what tells values of a group apart: a link by its record."""
    return getattr(value, "id", value)


def in_order(place: Place, group: Typed, values: Sequence[Any]) -> list[Any]:
    """Return a group's values as its options are ordered, else as they read; blank last."""
    found = group_field(place.screen, group)
    options = found.options if found is not None else {}
    places = {name: n for n, o in enumerate(options.values()) for name in (o.key, o.name)}

    def place_of(value: Any) -> tuple[bool, int, Any]:
        known = places.get(value, len(places)) if isinstance(value, str) else 0
        timed = isinstance(value, date)
        return value is None, known, value if timed else group_label(place.screen, group, value)

    return sorted(values, key=place_of)


def sort_of(place: Place, *, is_time: bool = False) -> tuple[tuple[str, bool], ...]:
    """Return the order of the groups: as the widget says, else by time or the largest first."""
    names = {*place.widget.group_by, *place.measures}
    written = [part.strip() for part in place.option("sort").split(",")]
    asked = [(each.lstrip("-"), each.startswith("-")) for each in written]
    known = tuple((name, falling) for name, falling in asked if name in names)
    if known:
        return known
    if is_time:
        return ((next(iter(place.widget.group_by)), True),)
    return ((next(iter(place.measures)), True),)


def is_time(group: Typed) -> bool:
    """Return whether a group is a day or a moment."""
    return isinstance(group.type, DateType | DateTimeType)


def _filled(
    place: Place, name: str, group: Typed, rows: Sequence[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Yield groups in time with those between that hold nothing, so that no gap is hidden."""
    bucket = BUCKET.match(group.text)
    previous: Any = None
    for row in rows:
        here = row[name]
        steps = 0
        while bucket and _is_day(previous) and _is_day(here) and steps < MOST_TIMES:
            previous = _next(previous, bucket[1])
            steps += 1
            if previous >= here:
                break
            yield {name: previous, **dict.fromkeys(place.measures)}
        yield row
        previous = here


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _next(day: date, unit: str) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=1 if unit == "day" else 7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
