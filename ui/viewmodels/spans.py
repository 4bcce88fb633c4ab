"""When a record stands on a calendar: its days or times, read and written on a person's clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.agenda.repeats import moments
from engine.agenda.series import Series
from engine.errors import NotFound
from engine.query.parse import parse_filter
from engine.query.spec import Row
from engine.values.parts import Period
from formula.typed import Typed
from metamodel.model import Entity, Field
from metamodel.views import FieldPath, Layout
from ui.screen import Screen
from ui.viewmodels.cells import field_of
from ui.viewmodels.conditions import day_text, moment_text
from ui.viewmodels.rows import may_show

DAY = timedelta(days=1)

Kind = Literal["days", "times", "period"]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {"date": "days", "datetime": "times", "period": "period"}
)
"""How records stand in time by the type of the field that says when they begin."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, as a calendar draws it: the end is not included.

    Of whole days both are midnights; without a zone, since the clock is the person's. A time of a
    series is known by the `day` that it has on the clock of its rule.
    """

    start: datetime
    end: datetime | None
    whole: bool
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Spans:
    """How one view's records stand in time, on the clock of one person's zone.

    `own`: the dates are the record's own fields, so that a person may change them there.
    """

    screen: Screen
    entity: Entity
    layout: Layout
    start: FieldPath
    field: Field
    kind: Kind

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.screen.formats.zone)

    @property
    def own(self) -> bool:
        return len(self.start.text.split(".")) == 1

    @property
    def resizable(self) -> bool:
        """Whether an end can be changed."""
        return self.own and (self.kind == "period" or self.end_field is not None)

    @property
    def rule_field(self) -> Field | None:
        """The record's own field of the rule that it repeats by."""
        rule = self.layout.repeat
        return field_of(self.screen, rule) if rule is not None and "." not in rule.text else None

    @property
    def end_field(self) -> Field | None:
        """The record's own field of its end."""
        end = self.layout.end
        found = field_of(self.screen, end) if end is not None and "." not in end.text else None
        return found if found is not None and found.formula is None else None

    @property
    def paths(self) -> tuple[FieldPath, ...]:
        """What is read of each record to know when it is."""
        known = (self.start, self.layout.end, self.layout.all_day, self.layout.repeat)
        return tuple(path for path in known if path is not None)

    def condition(self, first: date, last: date) -> Typed:
        """Return the condition that a record touches the days from `first` up to `last`."""
        begins, ends = self.start.text, self.layout.end.text if self.layout.end else ""
        if self.kind == "period":
            text = (
                f"(ISBLANK({begins}.start) or {begins}.start <= {day_text(last)}) and "
                f"(ISBLANK({begins}.end) or {begins}.end >= {day_text(first)})"
            )
        else:
            low, high = self._bounds(first, last)
            text = f"{begins} < {high} and {begins} >= {low}"
            if ends:
                text = f"{begins} < {high} and ({begins} >= {low} or {ends} > {low})"
            if self.layout.repeat is not None:
                again = f"{begins} < {high} and not ISBLANK({self.layout.repeat.text})"
                text = f"({text}) or ({again})"
        return parse_filter(self.screen.ctx, self.entity.key, text)

    def _bounds(self, first: date, last: date) -> tuple[str, str]:
        """Return the first day and the day after the last as formulas write them."""
        if self.kind == "days":
            return day_text(first), day_text(last + DAY)
        company = ZoneInfo(self.screen.ctx.moment.zone)
        low, high = (
            datetime.combine(day, time(), self.zone).astimezone(company)
            for day in (first, last + DAY)
        )
        return moment_text(low), moment_text(high)

    def of(self, row: Row) -> Span | None:
        """Return when a record is; None where nothing says when."""
        value = row.values.get(self.start.text)
        until = row.values.get(self.layout.end.text) if self.layout.end is not None else None
        if isinstance(value, Period):
            return _of_period(value)
        if not isinstance(value, date):
            return None
        if not isinstance(value, datetime):
            last = until if isinstance(until, date) and until >= value else value
            return Span(_midnight(value), _midnight(last) + DAY, whole=True)
        return self._timed(row, value, until if isinstance(until, datetime) else None)

    def _timed(self, row: Row, value: datetime, until: datetime | None) -> Span:
        """Return a time on the person's clock, or the whole days that it touches there."""
        begins = value.astimezone(self.zone).replace(tzinfo=None)
        ends = until.astimezone(self.zone).replace(tzinfo=None) if until is not None else None
        flag = self.layout.all_day
        if flag is not None and row.values.get(flag.text):
            return _whole(begins, ends)
        return Span(begins, ends if ends is not None and ends > begins else None, whole=False)

    def each(self, row: Row, first: date, last: date) -> Iterator[Span]:
        """Yield when a record is between two days: once, or as often as it repeats.

        What has a time repeats on the company's clock: it is the same meeting for all who look.
        """
        span, series = self.of(row), self.series(row)
        if span is None or series is None:
            yield from (span,) if span is not None else ()
            return
        low, high = _midnight(first), _midnight(last) + DAY
        for found in self._again(row, span, series, (low, high)):
            # The whole days of a time reach further than it does.
            if low <= found.start < high or (found.start < low and (found.end or low) > low):
                yield found

    def series(self, row: Row) -> Series | None:
        """Return how a record repeats, on the clock of its rule; None for what does not."""
        span, repeat = self.of(row), self.layout.repeat
        rule = row.values.get(repeat.text) if repeat is not None else None
        if span is None or not isinstance(rule, str) or not rule:
            return None
        value = row.values.get(self.start.text)
        if not isinstance(value, datetime):
            return Series(rule, span.start, (span.end or span.start) - span.start)
        until = row.values.get(self.layout.end.text) if self.layout.end is not None else None
        length = max(until - value, timedelta()) if isinstance(until, datetime) else timedelta()
        return Series(rule, value.astimezone(self.clock).replace(tzinfo=None), length)

    @property
    def clock(self) -> tzinfo:
        """The clock that records repeat on: the company's for what has a time; days have none."""
        return ZoneInfo(self.screen.ctx.moment.zone) if self.kind == "times" else UTC

    @property
    def _seen(self) -> tzinfo:
        """The clock that they are looked at on."""
        return self.zone if self.kind == "times" else UTC

    def series_at(self, series: Series, span: Span) -> Series:
        """Return a series with one time for all of it: that which a person named."""
        begins = span.start.replace(tzinfo=self._seen).astimezone(self.clock).replace(tzinfo=None)
        length = span.end - span.start if span.end is not None else timedelta()
        return replace(series, begins=begins, length=length)

    def time_of(self, series: Series, *, whole: bool) -> Span:
        """Return the first time of a series on the person's clock."""
        begins = series.begins.replace(tzinfo=self.clock).astimezone(self._seen)
        start = begins.replace(tzinfo=None)
        return Span(start, start + series.length if series.length else None, whole)

    def _again(
        self, row: Row, span: Span, series: Series, within: tuple[datetime, datetime]
    ) -> Iterator[Span]:
        low, high = (each.replace(tzinfo=self._seen) for each in within)
        begins = series.begins.replace(tzinfo=self.clock)
        for at in moments(series.rule, begins, series.length, self.clock, (low - DAY, high + DAY)):
            found = replace(span, start=at.replace(tzinfo=None), end=None)
            if self.kind == "times":
                found = self._timed(row, at, at + series.length)
            elif span.end is not None:
                found = replace(found, end=found.start + series.length)
            yield replace(found, day=at.astimezone(self.clock).date())

    def values(self, span: Span) -> dict[str, Any]:
        """Return what to write, by field name, so that a record is at another time."""
        last = (span.end or span.start + DAY) - DAY
        if self.kind == "period":
            days = {"from": span.start.date().isoformat(), "to": last.date().isoformat()}
            return {self.field.name: days}
        flag, end = self.layout.all_day, self.end_field
        found: dict[str, Any] = {}
        if self.kind == "days":
            found[self.field.name] = span.start.date().isoformat()
            if end is not None and span.end is not None:
                found[end.name] = last.date().isoformat()
            return found
        found[self.field.name] = self._instant(span.start)
        if end is not None and span.end is not None:
            found[end.name] = self._instant(span.end)
        if flag is not None and "." not in flag.text:
            found[flag.text] = span.whole
        return found

    def _instant(self, clock: datetime) -> str:
        return clock.replace(tzinfo=self.zone).astimezone(UTC).isoformat().replace("+00:00", "Z")


def spans_of(screen: Screen, entity: Entity, layout: Layout) -> Spans:
    """Return how records of a view stand in time.

    Raises `NotFound` where nothing says so, or nothing that the person may read.
    """
    start = layout.start
    field = field_of(screen, start) if start is not None else None
    if start is None or field is None or not may_show(screen, entity, start):
        raise NotFound(view="start")
    kept = {
        name: path if path is not None and may_show(screen, entity, path) else None
        for name, path in (
            ("end", layout.end),
            ("all_day", layout.all_day),
            ("repeat", layout.repeat),
        )
    }
    layout = replace(layout, end=kept["end"], all_day=kept["all_day"], repeat=kept["repeat"])
    return Spans(screen, entity, layout, start, field, KINDS[field.type])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _of_period(period: Period) -> Span | None:
    first, last = period.start or period.end, period.end or period.start
    if first is None or last is None:
        return None
    return Span(_midnight(first), _midnight(last) + DAY, whole=True)


def _whole(begins: datetime, ends: datetime | None) -> Span:
    """Return the whole days that two times touch; an end at midnight touches no further day."""
    first = _midnight(begins.date())
    if ends is None or ends <= begins:
        return Span(first, first + DAY, whole=True)
    last = _midnight(ends.date())
    return Span(first, last if last == ends else last + DAY, whole=True)
