"""Rankings: who has the most, by how much, and who went up or down since the period before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from ui.viewmodels.dashboards.chart import sort_of
from ui.viewmodels.dashboards.metric import FORMERS, figure_of, number
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.dashboards.views import Figure, Step, WidgetView
from ui.viewmodels.measured import group_label

MOST_PLACES = 10

ASKED = 1_000
"""Places of the former period that are gone through."""


def draw_ranks(place: Place) -> WidgetView:
    """Return the first places of a ranking, with what was theirs before."""
    name, group = next(iter(place.widget.group_by.items()))
    measured, measure = next(iter(place.measures.items()))
    limit = place.number("limit") or MOST_PLACES
    result = place.aggregate({name: group}, sort=sort_of(place), limit=limit)
    largest = max((number(row[measured]) for row in result.rows), default=Decimal(0))
    before = dict(_former(place, name, measured))
    steps = tuple(
        Step(
            label=group_label(place.screen, group, row[name]),
            shown=figure_of(place, measure, row[measured]).shown,
            url=place.behind([(group, row[name])]),
            share=format(max(number(row[measured]), Decimal(0)) * 100 / largest, ".1f")
            if largest > 0
            else "0",
            notes=_note(place, before.get(_key(row[name]))),
            moved=_moved(at, before.get(_key(row[name])), any_before=bool(before)),
        )
        for at, row in enumerate(result.rows, start=1)
    )
    return replace(place.view("ranks", result), steps=steps)


def _former(place: Place, name: str, measured: str) -> Iterator[tuple[Any, tuple[int, Any]]]:
    """Yield place and figure of the period before, by what tells groups apart."""
    how = FORMERS.get(place.option("compare"))
    earlier = place.former(how) if how is not None else None
    if earlier is None:
        return
    group = place.widget.group_by[name]
    rows = earlier.aggregate({name: group}, sort=sort_of(place), limit=ASKED).rows
    for at, row in enumerate(rows, start=1):
        yield _key(row[name]), (at, row[measured])


def _moved(
    at: int, before: tuple[int, Any] | None, *, any_before: bool
) -> Literal["", "up", "down", "same", "new"]:
    if before is None:
        return "new" if any_before else ""
    return "up" if at < before[0] else "down" if at > before[0] else "same"


def _note(place: Place, before: tuple[int, Any] | None) -> tuple[Figure, ...]:
    if before is None:
        return ()
    measure = next(iter(place.measures.values()))
    shown = figure_of(place, measure, before[1]).shown
    words = place.screen.words.say("before: no. {place}, {figure}", place=before[0], figure=shown)
    return (Figure(words),)


def _key(value: Any) -> Any:
    return getattr(value, "id", value)
