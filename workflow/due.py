"""Records whose day or instant, moved by a lapse, has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Integer,
    Select,
    Table,
    Uuid,
    any_,
    bindparam,
    select,
)

from engine.records.formed import Part
from engine.records.work import Work
from metamodel.actions import Lapse
from metamodel.automation import Trigger
from metamodel.model import Model
from workflow.lapses import after, at_time, day_after

_DAYS = {"minute": (0, 1), "hour": (0, 1), "day": (1, 1), "week": (7, 7), "month": (28, 31),
         "year": (365, 366), "working_hour": (0, 7), "working_day": (1, 7)}  # fmt: skip
"""How many days one unit of a lapse is: at least and at most, holidays left aside."""

_HOLIDAYS = 21
"""Days that a lapse in working time may take beyond that: the longest holidays in a row."""


@dataclass(frozen=True, slots=True)
class Window:
    """Time that is looked at: what came after an instant, up to another."""

    after: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Records that are due, of a part of all; `reached` is its last one, None where no more are."""

    ids: tuple[UUID, ...]
    reached: UUID | None = None


def due_records(work: Work, trigger: Trigger, window: Window, part: Part) -> Due:
    """Return live records whose moment came within a window, of the next part of those near it."""
    field = work.ctx.model.entities[trigger.entity].fields[trigger.date_field]
    days = _candidates(work, trigger, window)
    if field.type == "date":
        days = [day for day in days if _has_come(work, trigger, day, window)]
        near = [row[0] for row in _of_days(work, trigger, days, part)] if days else []
        ids = near
    else:
        dated = [*_between(work, trigger, days, part)]
        near = [id_ for id_, _ in dated]
        ids = [id_ for id_, found in dated if _has_come(work, trigger, found, window)]
    return Due(tuple(ids), near[-1] if len(near) == part.most else None)


def moment_of(model: Model, trigger: Trigger, found: date | datetime) -> datetime | None:
    """Return the moment that a record's day or instant sets an automation off."""
    zone = ZoneInfo(model.app.timezone)
    offset = trigger.offset or Lapse(0, "day")
    if isinstance(found, datetime) and not trigger.at:
        return after(model, found, offset)
    day = found.astimezone(zone).date() if isinstance(found, datetime) else found
    if offset.unit in ("minute", "hour", "working_hour"):
        return after(model, at_time(model, day, trigger.at or "00:00"), offset)
    moved = day_after(model, day, offset)
    return None if moved is None else at_time(model, moved, trigger.at or "00:00")


def _has_come(work: Work, trigger: Trigger, found: date | datetime, window: Window) -> bool:
    moment = moment_of(work.ctx.model, trigger, found)
    return moment is not None and window.after < moment <= window.until


def _candidates(work: Work, trigger: Trigger, window: Window) -> list[date]:
    """Return the days from which a moment within a window may be counted, in order."""
    zone = ZoneInfo(work.ctx.model.app.timezone)
    offset = trigger.offset or Lapse(0, "day")
    nearest, farthest = (offset.amount * days for days in _DAYS[offset.unit])
    if offset.amount and offset.unit.startswith("working"):
        farthest += _HOLIDAYS if offset.amount > 0 else -_HOLIDAYS
    first = window.after.astimezone(zone).date().toordinal() - max(nearest, farthest) - 1
    final = window.until.astimezone(zone).date().toordinal() - min(nearest, farthest) + 1
    return [date.fromordinal(each) for each in range(max(first, 1), final + 1)]


def _of_days(work: Work, trigger: Trigger, days: list[date], part: Part) -> Any:  # Any: rows of ids
    def make() -> Select[Any]:
        table, column = _column(work, trigger)
        wanted = column == any_(bindparam("days", type_=ARRAY(Date())))
        return _next_of(table, select(table.c.id).where(wanted))

    key = ("due on", trigger.entity, trigger.date_field)
    return work.run(key, make, days=days, after=part.after, most=part.most)


def _between(
    work: Work, trigger: Trigger, days: list[date], part: Part
) -> Iterator[tuple[UUID, datetime]]:
    zone = ZoneInfo(work.ctx.model.app.timezone)
    low = datetime.combine(days[0], time(), tzinfo=zone).astimezone(UTC)
    high = datetime.combine(days[-1] + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)

    def make() -> Select[Any]:
        table, column = _column(work, trigger)
        found = select(table.c.id, column).where(
            column >= bindparam("low", type_=DateTime(timezone=True)),
            column < bindparam("high", type_=DateTime(timezone=True)),
        )
        return _next_of(table, found)

    key = ("due between", trigger.entity, trigger.date_field)
    rows = work.run(key, make, low=low, high=high, after=part.after, most=part.most)
    yield from ((row[0], row[1]) for row in rows)


def _next_of(table: Table, found: Select[Any]) -> Select[Any]:
    """Return a question narrowed to a part of the live records, in the order of their ids."""
    later = table.c.id > bindparam("after", type_=Uuid())
    found = found.where(table.c.sys_trashed_at.is_(None), later).order_by(table.c.id)
    return found.limit(bindparam("most", type_=Integer()))


def _column(work: Work, trigger: Trigger) -> tuple[Any, Any]:  # Any: a table and its column
    table = work.ctx.compiled.tables.of(trigger.entity)
    field = work.ctx.model.entities[trigger.entity].fields[trigger.date_field]
    return table, table.c[field.column]
