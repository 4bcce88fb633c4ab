"""Funnels and what changed of a pipeline, each mark opening the records that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.query.amounts import amount_field
from engine.query.parse import parse_group
from engine.query.spec import Mark, MarkKind, Span
from engine.query.standings import Past, PastQuery, Told
from formula.typed import Typed
from metamodel.flows import Pipeline
from ui.viewmodels.cells import mark
from ui.viewmodels.dashboards.metric import figure_of, number
from ui.viewmodels.dashboards.place import Place
from ui.viewmodels.dashboards.views import Figure, Grid, Line, Step, WidgetView
from ui.viewmodels.narrowing import Narrowing
from ui.viewmodels.periods import bounds

LEFT = ("lost", "cancelled")

PART_WORDS: dict[MarkKind, str] = {
    "opening": "Open before",
    "added": "Newly open",
    "brought": "Brought forward",
    "grown": "Grown",
    "shrunk": "Shrunk",
    "won": "Won",
    "lost": "Lost",
    "slipped": "Slipped",
    "closing": "Open after",
}
"""What the parts of a pipeline's change are called, in English."""


PART_TONES: dict[MarkKind, str] = {
    "added": "green",
    "brought": "green",
    "grown": "green",
    "shrunk": "orange",
    "won": "blue",
    "lost": "red",
    "slipped": "orange",
}
"""The colours of the parts: what came, what was won, what was put off, what was lost."""


def draw_funnel(place: Place) -> WidgetView:
    """Return a funnel: who is in each stage now, or as of a day, or who ever reached it."""
    if place.option("shows") == "reached":
        return _reached(place)
    if place.narrowed.as_of is not None:
        return _stood(place, place.narrowed.as_of)
    return _present(place)


def _present(place: Place) -> WidgetView:
    pipeline = pipeline_of(place)
    field = place.entity.fields[pipeline.field_key]
    group = parse_group(place.screen.ctx, place.entity.key, field.name)
    result = place.aggregate({"stage": group})
    by_stage = {row["stage"]: row for row in result.rows}
    (name, measure), *others = place.measures.items()
    steps, sizes = [], []
    for stage in pipeline.stages.values():
        if stage.ends in LEFT:
            continue
        row = by_stage.get(stage.key) or by_stage.get(stage.name) or {}
        found = mark(place.screen, field, stage.key)
        shown = [figure_of(place, each, row.get(key)).shown for key, each in others[:1]]
        steps.append(
            Step(
                label=found.text,
                shown=" · ".join([figure_of(place, measure, row.get(name)).shown, *shown]),
                url=place.behind([(group, stage.key)]),
                tone=found.tone,
            )
        )
        sizes.append(number(row.get(name)))
    return replace(place.view("funnel", result), steps=tuple(shared(steps, sizes)))


def _stood(place: Place, day: date) -> WidgetView:
    """Return the funnel as it was at the end of a day."""
    pipeline = pipeline_of(place)
    span = Span(pipeline.key, day)
    past = place.past(PastQuery(place.entity.key, span, "as_of", place.filter()))
    field = place.entity.fields[pipeline.field_key]
    steps, sizes = [], []
    for stage, told in past.of("stood").items():
        if pipeline.stages[stage].ends in LEFT:
            continue
        found = mark(place.screen, field, stage)
        url = place.behind(mark=Mark(span, "stood", stage))
        steps.append(Step(found.text, _shown(place, told), url, found.tone))
        sizes.append(told.amount if told.amount is not None else Decimal(told.count))
    note = place.screen.words.say("as of {day}", day=place.screen.formats.date(day))
    return replace(place.view("funnel", past), steps=tuple(shared(steps, sizes)), note=note)


def _reached(place: Place) -> WidgetView:
    """Return who of those that entered in the time reached each stage, and who fell out of it."""
    pipeline, days = pipeline_of(place), time_of(place, "this_year")
    span = Span(pipeline.key, min(days[1], place.screen.ctx.moment.today), days[0] - _DAY)
    past = place.past(PastQuery(place.entity.key, span, "funnel", unbounded(place)))
    field = place.entity.fields[pipeline.field_key]
    steps, sizes = [], []
    before: int | None = None
    for stage, told in past.of("reached").items():
        found = mark(place.screen, field, stage)
        url = _behind(place, Mark(span, "reached", stage))
        notes = tuple(_kept(place, past, span, stage, before))
        steps.append(Step(found.text, place.screen.formats.number(told.count), url,
                          found.tone, notes=notes))  # fmt: skip
        sizes.append(Decimal(told.count))
        before = told.count
    note = between(place, days)
    return replace(place.view("funnel", past), steps=tuple(shared(steps, sizes)), note=note)


def _kept(place: Place, past: Past, span: Span, stage: str, before: int | None) -> Iterator[Figure]:
    """Yield how many of the stage before came, and how many fell out of this one."""
    say, formats = place.screen.words.say, place.screen.formats
    if before:
        share = round(Decimal(past.of("reached")[stage].count) / before, 3)
        yield Figure(say("{share} of the stage before", share=formats.percent(share)))
    stayed, fell = (past.of(kind).get(stage) for kind in ("stayed", "fell"))
    if stayed is not None and stayed.count:
        text = say("{count} here now", count=formats.number(stayed.count))
        yield Figure(text, url=_behind(place, Mark(span, "stayed", stage)))
    if fell is not None and fell.count:
        text = say("{count} dropped out", count=formats.number(fell.count))
        yield Figure(text, url=_behind(place, Mark(span, "fell", stage)))


def draw_bridge(place: Place) -> WidgetView:
    """Return what became of the open amount of a pipeline between the days of a period."""
    pipeline, days = pipeline_of(place), time_of(place, "this_quarter")
    today = place.screen.ctx.moment.today
    day = place.entity.field_named(place.option("day"))
    legible = place.screen.services.access.readable(place.screen.ctx, place.entity.key)
    by = day.key if day is not None and day.type == "date" and day.key in legible else ""
    span = Span(pipeline.key, min(days[1], place.narrowed.as_of or today), days[0] - _DAY, by,
                days[1] if by else None)  # fmt: skip
    past = place.past(PastQuery(place.entity.key, span, "bridge", unbounded(place)))
    amount = amount_field(place.entity)
    lines = tuple(
        Line(
            place.screen.words.say(PART_WORDS[told.kind]),
            (
                Figure(
                    *_part(place, told),
                    url=_behind(place, Mark(span, told.kind)),
                    tone=PART_TONES.get(told.kind, ""),
                ),
            ),
            level=0 if told.kind in ("opening", "closing") else 1,
        )
        for told in past.marks
        if told.count or told.kind in ("opening", "closing")
    )
    head = place.screen.field_label(amount) if amount is not None else ""
    grid = Grid(("",), (head,), lines)
    return replace(place.view("chart", past), grid=grid, note=between(place, days))


def _part(place: Place, told: Told) -> tuple[str, str, str]:
    """Return a part short, exact with its number of records, and as a number."""
    formats = place.screen.formats
    records = f"{formats.number(told.count)} {place.screen.entity_label(place.entity, plural=True)}"
    if told.amount is None:
        return formats.number(told.count), records, str(told.count)
    exact = f"{formats.money(told.amount)} · {records}"
    return formats.compact_money(told.amount), exact, str(told.amount)


def _shown(place: Place, told: Told) -> str:
    count = place.screen.formats.number(told.count)
    if told.amount is None:
        return count
    return f"{place.screen.formats.compact_money(told.amount)} · {count}"


def pipeline_of(place: Place) -> Pipeline:
    """Return the pipeline that a widget is about."""
    return place.entity.pipelines[place.widget.pipeline]


def shared(steps: Sequence[Step], sizes: Sequence[Decimal]) -> Iterator[Step]:
    """Yield steps with their part of the largest one."""
    largest = max(sizes, default=Decimal(0))
    for step, size in zip(steps, sizes, strict=True):
        part = size * 100 / largest if largest > 0 else Decimal(0)
        yield replace(step, share=format(max(part, Decimal(0)), ".2f"))


def time_of(place: Place, default: str) -> tuple[date, date]:
    """Return the days that a memory is asked of: the period chosen, else its own."""
    chosen = next((each for each in place.narrowed.chosen if each.is_period), None)
    code = chosen.code if chosen is not None else place.option("time") or default
    return bounds(code, place.screen.ctx.moment.today)


def unbounded(place: Place) -> Typed | None:
    """Return the condition on the records without the period, which says when things happened."""
    return place.filter(_without_period(place))


def _without_period(place: Place) -> Narrowing:
    kept = tuple(each for each in place.narrowed.chosen if not each.is_period)
    return replace(place.narrowed, chosen=kept)


def _behind(place: Place, which: Mark) -> str:
    return replace(place, narrowed=_without_period(place)).behind(mark=which)


def between(place: Place, days: tuple[date, date]) -> str:
    """Return the first and the last of some days in words."""
    return " – ".join(place.screen.formats.date(day) for day in days)


_DAY = timedelta(days=1)
