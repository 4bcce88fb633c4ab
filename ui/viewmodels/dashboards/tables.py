"""Tables and pivots: groups down, measures or the last group across, subtotals and totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from formula.typed import Aggregate, Typed
from ui.viewmodels.dashboards.chart import in_order, is_time, sort_of
from ui.viewmodels.dashboards.metric import figure_of, number
from ui.viewmodels.dashboards.place import Place, Rows
from ui.viewmodels.dashboards.views import Figure, Grid, Line, WidgetView
from ui.viewmodels.measured import group_label, group_name, measure_label

MOST_ROWS = 50

MOST_ACROSS = 24
"""Columns of a pivot; the others are counted in the totals alone."""

ADDS_UP = frozenset({"SUM", "COUNT"})
"""Functions whose figures of parts add up to that of the whole."""


def draw_table(place: Place) -> WidgetView:
    """Return a table of the groups, the largest first; a pivot has the last group across."""
    groups = place.widget.group_by
    pivots = len(groups) > 1 and (place.widget.type == "pivot" or len(groups) == 2)
    return _pivot(place) if pivots and not place.option("flat") else _plain(place)


def _plain(place: Place) -> WidgetView:
    groups, measures = dict(place.widget.group_by), place.measures
    limit = place.number("limit") or MOST_ROWS
    nested = len(groups) > 1
    sort = sort_of(place) if not nested or place.option("sort") else ()
    result = place.aggregate(groups, sort=sort, limit=limit + 1)
    rows = list(result.rows)[:limit]
    lines = [_line(place, groups, row) for row in rows]
    whole = result.everything and len(result.rows) <= limit
    if nested and not place.option("sort"):
        lines = list(_with_subtotals(place, groups, rows, lines))
    grid = Grid(
        tuple(group_name(place.screen, group) for group in groups.values()),
        tuple(measure_label(place.screen, place.entity, each) for each in measures.values()),
        (*lines, *(_totals(place, rows, whole=whole) if len(rows) > 1 else ())),
        more=not whole,
    )
    return replace(place.view("table", result), grid=grid)


def _line(place: Place, groups: Mapping[str, Typed], row: Mapping[str, Any]) -> Line:
    found = [(group, row[name]) for name, group in groups.items()]
    names = tuple(group_label(place.screen, group, value) for group, value in found)
    url = place.behind(found)
    figures = tuple(
        replace(figure_of(place, measure, row[name]), url=url)
        for name, measure in place.measures.items()
    )
    return Line(names[0], figures, names=names[1:])


def _with_subtotals(
    place: Place, groups: Mapping[str, Typed], rows: Rows, lines: Sequence[Line]
) -> Iterator[Line]:
    """Yield lines with a subtotal after those of each value of the first group."""
    name, group = next(iter(groups.items()))
    subtotals = (
        {_key(row[name]): row for row in place.aggregate({name: group}).rows}
        if any(not adds_up(each) for each in place.measures.values())
        else {}
    )
    held: list[Mapping[str, Any]] = []
    for at, (row, line) in enumerate(zip(rows, lines, strict=True)):
        yield line
        held.append(row)
        last = at + 1 == len(rows) or _key(rows[at + 1][name]) != _key(row[name])
        if not last:
            continue
        if len(held) > 1:
            known = subtotals.get(_key(row[name]))
            yield replace(
                _total_line(place, place.screen.words.say("{name} in all", name=line.label),
                            known or _summed(place, held)),
                names=("",) * (len(groups) - 1),
            )  # fmt: skip
        held = []


def _totals(place: Place, rows: Rows, *, whole: bool) -> Iterator[Line]:
    """Yield the line of grand totals: over all groups, also those that are not shown."""
    adds = all(adds_up(each) for each in place.measures.values())
    found = _summed(place, rows) if adds and whole else next(iter(place.aggregate().rows), {})
    line = _total_line(place, place.screen.words.say("Total"), found)
    yield replace(line, names=("",) * (len(place.widget.group_by) - 1))


def _total_line(place: Place, label: str, row: Mapping[str, Any]) -> Line:
    figures = tuple(
        replace(figure_of(place, measure, row.get(name)), tone="")
        for name, measure in place.measures.items()
    )
    return Line(label, figures, level=0)


def _summed(place: Place, rows: Rows) -> Mapping[str, Any]:
    return {
        name: sum((row[name] for row in rows if row[name] is not None), start=type_zero(rows, name))
        for name in place.measures
    }


def type_zero(rows: Rows, name: str) -> Any:
    """Return nothing of the kind that a measure is in. Any: a whole number, or a decimal one."""
    return next((each * 0 for row in rows if (each := row[name]) is not None), 0)


def adds_up(measure: Typed) -> bool:
    """Return whether the figures of parts add up to the figure of the whole."""
    node = measure.node
    return isinstance(node, Aggregate) and node.function in ADDS_UP


@dataclass(frozen=True, slots=True)
class _Sides:
    """What a pivot is made of: its groups down and across, and the one figure in its cells."""

    down: Mapping[str, Typed]
    across: str
    group: Typed
    name: str
    measure: Typed


def _pivot(place: Place) -> WidgetView:
    *downs, (across, group) = place.widget.group_by.items()
    name, measure = next(iter(place.measures.items()))
    sides = _Sides(dict(downs), across, group, name, measure)
    result = place.aggregate(dict(place.widget.group_by), measures={name: measure}, limit=10_000)
    heads = in_order(place, group, list({_key(r[across]): r[across] for r in result.rows}.values()))
    heads = heads[-MOST_ACROSS:] if is_time(group) else heads[:MOST_ACROSS]
    lines = list(_pivoted(place, sides, result.rows, heads))
    wide = len(heads) > 1
    lines += [_bottom(place, sides, result.rows, heads)] if len(lines) > 1 else []
    grid = Grid(
        tuple(group_name(place.screen, each) for each in sides.down.values()),
        (
            *(group_label(place.screen, group, head) for head in heads),
            *((place.screen.words.say("Total"),) if wide else ()),
        ),
        tuple(lines if wide else (replace(each, figures=each.figures[:1]) for each in lines)),
    )
    return replace(place.view("table", result), grid=grid)


def _pivoted(place: Place, sides: _Sides, rows: Rows, heads: Sequence[Any]) -> Iterator[Line]:
    """Yield the lines of a pivot, the largest first, each with its total at the end."""
    cells: dict[tuple[Any, ...], dict[Any, Any]] = {}
    values: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in rows:
        key = tuple(_key(row[name]) for name in sides.down)
        values[key] = row
        cells.setdefault(key, {})[_key(row[sides.across])] = row[sides.name]
    totals = _ends(place, sides, cells)
    ordered = sorted(cells, key=lambda key: number(totals.get(key)), reverse=True)
    for key in ordered[: place.number("limit") or MOST_ROWS]:
        found = [(group, values[key][name]) for name, group in sides.down.items()]
        names = tuple(group_label(place.screen, group, value) for group, value in found)
        figures = [
            _cell(place, sides, cells[key].get(_key(head)), [*found, (sides.group, head)])
            for head in heads
        ]
        end = replace(
            figure_of(place, sides.measure, totals.get(key)), url=place.behind(found), tone=""
        )
        yield Line(names[0], (*figures, end), names=names[1:])


def _ends(
    place: Place, sides: _Sides, cells: Mapping[tuple[Any, ...], Mapping[Any, Any]]
) -> Mapping[tuple[Any, ...], Any]:
    """Return the total of each line, asked for where it is no sum of its cells."""
    if adds_up(sides.measure):
        return {
            key: sum((each for each in line.values() if each is not None), start=0)
            for key, line in cells.items()
        }
    rows = place.aggregate(sides.down, measures={sides.name: sides.measure}).rows
    return {tuple(_key(row[name]) for name in sides.down): row[sides.name] for row in rows}


def _bottom(place: Place, sides: _Sides, rows: Rows, heads: Sequence[Any]) -> Line:
    """Return the totals of a pivot's columns, and the grand total."""
    measures = {sides.name: sides.measure}
    if adds_up(sides.measure):
        sums: dict[Any, Any] = {}
        for row in rows:
            key = _key(row[sides.across])
            sums[key] = sums.get(key, 0) + (row[sides.name] or 0)
        whole = sum(sums.values(), start=0)
    else:
        found = place.aggregate({sides.across: sides.group}, measures=measures).rows
        sums = {_key(row[sides.across]): row[sides.name] for row in found}
        whole = next((row[sides.name] for row in place.aggregate(measures=measures).rows), None)
    figures = [_cell(place, sides, sums.get(_key(head)), [(sides.group, head)]) for head in heads]
    end = replace(figure_of(place, sides.measure, whole), url=place.address(), tone="")
    label = place.screen.words.say("Total")
    return Line(label, (*figures, end), level=0, names=("",) * (len(sides.down) - 1))


def _cell(place: Place, sides: _Sides, value: Any, groups: Sequence[tuple[Typed, Any]]) -> Figure:
    """Return one cell; a dash where there is nothing. Any: values of every type."""
    if value is None:
        return Figure("–")
    return replace(figure_of(place, sides.measure, value), url=place.behind(groups))


def _key(value: Any) -> Any:
    return getattr(value, "id", value)
