"""One figure: alone, beside a former one and a target, or as a part of a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from formula.typed import Typed
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.dashboards.targets import target_of
from ui.viewmodels.dashboards.views import Beside, Figure, WidgetView
from ui.viewmodels.measured import long_figure, short_figure
from ui.viewmodels.periods import Former

FORMERS: Mapping[str, Former] = {
    "previous_period": "previous_period",
    "previous_year": "previous_year",
}

FORMER_WORDS: Mapping[Former, str] = {
    "previous_period": "against the period before ({figure})",
    "previous_year": "against a year before ({figure})",
}
"""What a change is told against, in English."""

MOST_TIMES = 10
"""How many times as much a change is still told as a percentage."""

COLOR_TESTS = ("below", "from")
"""What a colour rule of a figure compares it with."""


def draw_metric(place: Place) -> WidgetView:
    """Return one figure with what it is held against."""
    result = place.aggregate()
    name, measure = next(iter(place.measures.items()))
    value = result.rows[0].get(name) if result.rows else None
    shown = replace(figure_of(place, measure, value), url=place.address())
    besides = [*_former(place, measure, value), *_target(place, measure, value)]
    view = place.view("metric", result)
    return replace(view, figure=shown, besides=tuple(besides))


def draw_gauge(place: Place) -> WidgetView:
    """Return one figure as the part of its target, or of the most it can be, that is reached."""
    result = place.aggregate()
    name, measure = next(iter(place.measures.items()))
    value = result.rows[0].get(name) if result.rows else None
    shown = replace(figure_of(place, measure, value), url=place.address())
    besides = tuple(_target(place, measure, value))
    if besides:
        return replace(place.view("gauge", result), figure=shown, besides=besides)
    note = place.screen.words.say("No target for this time")
    return replace(place.view("metric", result), figure=shown, note=note)


def figure_of(place: Place, measure: Typed, value: Any) -> Figure:
    """Return a measure's value short, exact and as a number. Any: also days, which MIN finds."""
    screen, entity = place.screen, place.entity
    return Figure(
        shown=short_figure(screen, entity, measure, value),
        exact=long_figure(screen, entity, measure, value),
        value="" if value is None else str(value),
        tone=_tone(place, value),
    )


def _former(place: Place, measure: Typed, value: Any) -> Iterator[Beside]:
    how = FORMERS.get(place.option("compare"))
    earlier = place.former(how) if how is not None else None
    if how is None or earlier is None:
        return
    name = next(iter(place.measures))
    rows = earlier.aggregate().rows
    was = rows[0].get(name) if rows else None
    old, new = number(was), number(value)
    exact = long_figure(place.screen, place.entity, measure, was)
    words = place.screen.words.say(FORMER_WORDS[how], figure=figure_of(place, measure, was).shown)
    if not old:
        yield Beside(words, exact)
        return
    change = (new - old) / abs(old)
    # So many times as much is no percentage that says anything: the former figure does.
    few = abs(change) <= MOST_TIMES
    share = place.screen.formats.percent(round(abs(change), 3)) if few else ""
    tone = "" if not change else "green" if (change > 0) != _is_bad(place) else "red"
    yield Beside(
        f"{share} {words}".strip(), exact, tone, "up" if change > 0 else "down" if change else ""
    )


def _is_bad(place: Place) -> bool:
    """Return whether more of it is worse, such as of what is overdue."""
    return place.option("better") == "less"


def _target(place: Place, measure: Typed, value: Any) -> Iterator[Beside]:
    target = target_of(place)
    if target is None or target <= 0:
        return
    share = number(value) / target
    screen = place.screen
    shown = figure_of(place, measure, target)
    words = screen.words.say(
        "{share} of the target of {figure}",
        share=screen.formats.percent(round(share, 3)), figure=shown.shown,
    )  # fmt: skip
    tone = "green" if share >= 1 else "orange" if share >= Decimal("0.7") else "red"
    bounded = min(max(share, Decimal(0)), Decimal(1)) * 100
    yield Beside(words, shown.exact, tone, share=format(bounded, ".1f"))


def _tone(place: Place, value: Any) -> str:
    """Return the colour of the first rule that a figure meets, "" for none."""
    rules = place.widget.options.get("colors")
    if value is None or not isinstance(rules, Mapping):
        return ""
    for rule in rules.values():
        if isinstance(rule, Mapping) and _meets(number(value), rule):
            return str(rule.get("color", ""))
    return ""


def _meets(value: Decimal, rule: Mapping[str, object]) -> bool:
    below, start = (rule.get(name) for name in COLOR_TESTS)
    return (below is None or value < number(below)) and (start is None or value >= number(start))


def number(value: Any) -> Decimal:
    """Return a value as a number; 0 for none, and for what is no number."""
    try:
        return Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
