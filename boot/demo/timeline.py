"""A year of work, played day by day: what people do on one day and alike is written at once."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.changes import Change, RecordChange
from engine.context import Context
from engine.doors import Edit, Reader, Writer
from engine.query.spec import Record

Values = dict[str, object]
Then = Callable[[date, RecordChange], None]
ThenAll = Callable[[date, Change], None]
Call = Callable[[date], None]
ContextAt = Callable[[str, datetime], Context]

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person does to one record, and what follows from it."""

    person: str
    kind: Literal["create", "update", "move", "convert"]
    entity: str
    record: UUID | None = None
    values: Values = field(default_factory=dict)
    to: str = ""
    pipeline: str = ""
    then: Then | None = None
    then_all: ThenAll | None = None

    @property
    def alike(self) -> tuple[object, ...]:
        """Acts with equal keys are one write; one that asks for its whole change stays alone."""
        key: tuple[object, ...] = (self.person, self.kind, self.entity)
        if self.kind == "convert" or self.then_all is not None:
            return (*key, id(self))
        if self.kind == "move":
            return (*key, self.to, repr(sorted(self.values.items())))
        return key


def workday(day: date) -> date:
    """Return the day itself, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def workday_before(day: date) -> date:
    """Return the day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


class Timeline:
    """Acts in the order of their days; what lies after `last` never happens."""

    def __init__(
        self, reader: Reader, writer: Writer, context_at: ContextAt, *, last: date, zone: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._context_at = context_at
        self._last = last
        self.zone = ZoneInfo(zone)
        self._acts: list[tuple[date, int, Act | Call]] = []
        self._order = count()
        self._minute = 0

    def at(self, day: date, act: Act) -> None:
        """Plan an act for a day, or the Monday after it."""
        if workday(day) <= self._last:
            heapq.heappush(self._acts, (workday(day), next(self._order), act))

    def call(self, day: date, what: Call) -> None:
        """Plan to decide something on a day, when it is known how things stand by then."""
        if workday(day) <= self._last:
            heapq.heappush(self._acts, (workday(day), next(self._order), what))

    def read(self, person: str, day: date, entity: str, record: UUID) -> Record:
        """Return a record as a person reads it on a day."""
        return self._reader.get(self._context_at(person, self._clock(day)), entity, [record])[0]

    def run(self, progress: Callable[[date], None] = lambda _: None) -> None:
        """Play everything that was planned, and what follows from it."""
        today: date | None = None
        while self._acts:
            day = self._acts[0][0]
            if day != today:
                today, self._minute = day, 0
                progress(day)
            batches: dict[tuple[object, ...], list[Act]] = {}
            while self._acts and self._acts[0][0] == day:
                act = heapq.heappop(self._acts)[2]
                if isinstance(act, Act):
                    batches.setdefault(act.alike, []).append(act)
                else:
                    act(day)
            for acts in batches.values():
                self._write(day, acts)

    def _write(self, day: date, acts: Sequence[Act]) -> None:
        first = acts[0]
        ctx = self._context_at(first.person, self._clock(day))
        change = self._written(ctx, first, acts)
        for act, own in zip(acts, entered(change, first.entity), strict=False):
            if act.then is not None:
                act.then(day, own)
        if first.then_all is not None:
            first.then_all(day, change)

    def _written(self, ctx: Context, first: Act, acts: Sequence[Act]) -> Change:
        records = [act.record for act in acts if act.record is not None]
        match first.kind:
            case "create":
                return self._writer.create(ctx, first.entity, [act.values for act in acts])
            case "update":
                edits = [Edit(act.record, act.values) for act in acts if act.record is not None]
                return self._writer.update(ctx, first.entity, edits)
            case "move":
                return self._writer.move(
                    ctx,
                    first.entity,
                    records,
                    pipeline=first.pipeline,
                    to=first.to,
                    values=first.values,
                )
            case "convert":
                return self._writer.convert(ctx, first.entity, records[0], first.to)

    def _clock(self, day: date) -> datetime:
        """Return a minute of the working day, each later than the one before."""
        self._minute += 1
        begin = datetime.combine(day, time(9, 0), tzinfo=self.zone)
        return (begin + timedelta(minutes=self._minute)).astimezone(UTC)


def entered(change: Change, entity: str) -> tuple[RecordChange, ...]:
    """Return what was entered on records of an entity, in order."""
    own = (record for record in change.records if record.entity == entity)
    return tuple(record for record in own if not record.computed)


def created(change: Change, entity: str) -> tuple[RecordChange, ...]:
    """Return the records of an entity that a change made, in order."""
    return tuple(own for own in entered(change, entity) if own.operation == "create")
