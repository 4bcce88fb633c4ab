"""Records whose day or instant, moved by a lapse, has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Date, DateTime, Select, any_, bindparam, select

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


def due_records(work: Work, trigger: Trigger, last: datetime) -> list[UUID]:
    """Return live records whose moment came after `last`, up to now, in no order."""
    field = work.ctx.model.entities[trigger.entity].fields[trigger.date_field]
    days = _candidates(work, trigger, last)
    if field.type == "date":
        days = [day for day in days if _has_come(work, trigger, day, last)]
        return [row[0] for row in _of_days(work, trigger, days)] if days else []
    dated = _between(work, trigger, days[0], days[-1])
    return [id_ for id_, found in dated if _has_come(work, trigger, found, last)]


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


def _has_come(work: Work, trigger: Trigger, found: date | datetime, last: datetime) -> bool:
    moment = moment_of(work.ctx.model, trigger, found)
    return moment is not None and last < moment <= work.ctx.now


def _candidates(work: Work, trigger: Trigger, last: datetime) -> list[date]:
    """Return the days from which a moment after `last` and up to now may be counted, in order."""
    zone = ZoneInfo(work.ctx.model.app.timezone)
    offset = trigger.offset or Lapse(0, "day")
    nearest, farthest = (offset.amount * days for days in _DAYS[offset.unit])
    if offset.amount and offset.unit.startswith("working"):
        farthest += _HOLIDAYS if offset.amount > 0 else -_HOLIDAYS
    first = last.astimezone(zone).date().toordinal() - max(nearest, farthest) - 1
    final = work.ctx.now.astimezone(zone).date().toordinal() - min(nearest, farthest) + 1
    return [date.fromordinal(each) for each in range(max(first, 1), final + 1)]


def _of_days(work: Work, trigger: Trigger, days: list[date]) -> Any:  # Any: rows of ids
    def make() -> Select[Any]:
        table, column = _column(work, trigger)
        wanted = column == any_(bindparam("days", type_=ARRAY(Date())))
        return select(table.c.id).where(wanted, table.c.sys_trashed_at.is_(None))

    return work.run(("due on", trigger.entity, trigger.date_field), make, days=days)


def _between(
    work: Work, trigger: Trigger, first: date, final: date
) -> Iterator[tuple[UUID, datetime]]:
    zone = ZoneInfo(work.ctx.model.app.timezone)
    low = datetime.combine(first, time(), tzinfo=zone).astimezone(UTC)
    high = datetime.combine(final + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)

    def make() -> Select[Any]:
        table, column = _column(work, trigger)
        return select(table.c.id, column).where(
            column >= bindparam("low", type_=DateTime(timezone=True)),
            column < bindparam("high", type_=DateTime(timezone=True)),
            table.c.sys_trashed_at.is_(None),
        )

    key = ("due between", trigger.entity, trigger.date_field)
    yield from ((row[0], row[1]) for row in work.run(key, make, low=low, high=high))


def _column(work: Work, trigger: Trigger) -> tuple[Any, Any]:  # Any: a table and its column
    table = work.ctx.compiled.tables.of(trigger.entity)
    field = work.ctx.model.entities[trigger.entity].fields[trigger.date_field]
    return table, table.c[field.column]
