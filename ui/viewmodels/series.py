"""Times of what repeats, put elsewhere or called off: this one, this one and the next, or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, Literal, cast, get_args

from engine.agenda import Slot
from engine.agenda.copies import copied
from engine.agenda.repeats import moments
from engine.agenda.series import Series
from engine.doors import Bulk, Edit
from engine.errors import FieldError, NotFound, RecordRefused
from engine.query.spec import Record, Row
from ui.screen import Screen
from ui.viewmodels.calendars import span_named
from ui.viewmodels.spans import Span, Spans

Which = Literal["one", "following", "all"]
"""Which times of a series are meant, of those from a day on or altogether."""

LOOKED_AHEAD, TIMES = timedelta(days=92), 40
"""How far, and how many times, it is looked whether people are taken when a series is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a series: its times from or on a `day` elsewhere, or called off.

    `span` is where the time on that day goes, None to call it off.
    """

    day: date
    which: Which
    span: Span | None = None
    version: int | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Wish:
        """Return what a browser sent; raise `NotFound` for what is none. Any: JSON."""
        which, day, version = body.get("which"), str(body.get("day", "")), body.get("version")
        start, end = str(body.get("start") or ""), str(body.get("end") or "")
        try:
            named = date.fromisoformat(day)
        except ValueError:
            raise NotFound(day=day) from None
        if which not in get_args(Which):
            raise NotFound(which=str(which))
        span = span_named(start, end, whole=body.get("allDay") is True) if start else None
        known = version if isinstance(version, int) else None
        return cls(named, cast("Which", which), span, known)


def planned(screen: Screen, spans: Spans, record: Record, wish: Wish) -> Bulk:
    """Return the write that does what somebody wants of a series, all of it or nothing.

    Raises `NotFound` where there is no such time (any more), `RecordRefused` where the rule
    cannot be moved.
    """
    series, wish = _named(spans, record, wish)
    if wish.which == "all":
        if wish.span is None:
            return Bulk(delete=[record.id])
        return Bulk(update=[_edit(spans, record, wish, _moved(spans, series, wish))])
    left = series.without(wish.day) if wish.which == "one" else series.before(wish.day)
    if left is None:
        # Its only time is the whole of it.
        return planned(screen, spans, record, replace(wish, which="all"))
    update = [_edit(spans, record, wish, left)]
    if wish.span is None:
        return Bulk(update=update)
    parted = _parted(spans, series, wish)
    made = copied(screen.ctx, screen.services.access, record)
    made |= _values(spans, parted, whole=wish.span.whole)
    return Bulk(create=[made], update=update)


def slots_after(spans: Spans, record: Record, wish: Wish) -> tuple[Slot, ...]:
    """Return the times that a series takes in the weeks after it is put elsewhere."""
    series, wish = _named(spans, record, wish)
    moved = _parted(spans, series, wish) if wish.which != "all" else _moved(spans, series, wish)
    begins = moved.begins.replace(tzinfo=spans.clock)
    start = max(begins, spans.screen.ctx.now)
    found = moments(moved.rule, begins, moved.length, spans.clock, (start, start + LOOKED_AHEAD))
    return tuple(Slot(at, at + moved.length) for at in islice(found, TIMES))


def _named(spans: Spans, record: Record, wish: Wish) -> tuple[Series, Wish]:
    """Return the series that is meant, and the wish with as little as it comes to."""
    series = spans.series(row_of(spans, record))
    if series is None or spans.rule_field is None or not series.on(wish.day):
        raise NotFound(day=wish.day.isoformat())
    begun = wish.which == "following" and wish.day == series.first
    return series, replace(wish, which="all") if begun else wish


def row_of(spans: Spans, record: Record) -> Row:
    """Return a whole record as a calendar reads it."""
    fields = spans.entity.fields
    by_name = {fields[key].name: value for key, value in record.values.items()}
    return Row(record.id, record.version, record.title, by_name)


def _parted(spans: Spans, series: Series, wish: Wish) -> Series:
    """Return what stands for itself: one time elsewhere, or all from it on."""
    if wish.which == "one":
        return replace(_elsewhere(spans, series, wish), rule="")
    return _moved(spans, series.rest(wish.day), wish)


def _moved(spans: Spans, series: Series, wish: Wish) -> Series:
    there = _elsewhere(spans, series, wish)
    found = series.moved(wish.day, there.begins, there.length)
    if found is None:
        assert spans.rule_field is not None  # noqa: S101 - `_named` says so
        raise RecordRefused([FieldError("series_of_days", (spans.rule_field.name,))])
    return found


def _elsewhere(spans: Spans, series: Series, wish: Wish) -> Series:
    assert wish.span is not None  # noqa: S101 - what is called off goes nowhere
    return spans.series_at(series, wish.span)


def _edit(spans: Spans, record: Record, wish: Wish, series: Series) -> Edit:
    own = spans.of(row_of(spans, record))
    whole = wish.span.whole if wish.which == "all" and wish.span else own is not None and own.whole
    return Edit(record.id, _values(spans, series, whole=whole), wish.version)


def _values(spans: Spans, series: Series, *, whole: bool) -> Mapping[str, Any]:
    """Return what to write, by field name, so that a record is a series. Any: on the wire."""
    assert spans.rule_field is not None  # noqa: S101 - `_named` says so
    first = spans.time_of(series, whole=whole)
    return spans.values(first) | {spans.rule_field.name: series.rule or None}
