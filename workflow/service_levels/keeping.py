"""Clocks as they are kept, one row for each record, group of targets and time that it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, insert, or_, select, update

from engine.context import Context
from engine.notices.tables import columns_of
from engine.values.identity import new_id
from metamodel.actions import Lapse
from workflow.service_levels.business import Length
from workflow.service_levels.clock import OPEN, Clock

CLOCK = "sys_clock"


@dataclass(frozen=True, slots=True)
class Kept:
    """A clock and what it is of; `clock.id` is blank for a new one."""

    record: UUID
    group: str
    clock: Clock


def of_records(
    connection: Connection, ctx: Context, entity: str, records: Sequence[UUID]
) -> Mapping[UUID, Mapping[str, Clock]]:
    """Return the last clock of each group of targets, by record."""
    table, column = _table(ctx)
    statement = (
        select(*column.values())
        .where(column["entity"] == entity, column["record"].in_(list(records)))
        .order_by(column["id"])
    )
    found: dict[UUID, dict[str, Clock]] = {}
    for row in connection.execute(statement):
        held = _held(column, row)
        found.setdefault(held["record"], {})[held["group"]] = _clock(held)
    return found


def due_now(connection: Connection, ctx: Context, limit: int) -> Sequence[tuple[str, UUID]]:
    """Return records, by entity, of which some clock is to be looked at by now."""
    table, column = _table(ctx)
    statement = (
        select(column["entity"], column["record"])
        .select_from(table)
        .where(column["next_at"] <= ctx.now)
        .order_by(column["next_at"])
        .limit(limit)
    )
    return list(dict.fromkeys((row[0], row[1]) for row in connection.execute(statement)))


def open_of(connection: Connection, ctx: Context, level: str) -> list[UUID]:
    """Return the records of which a service level has open clocks, or ones that may go on."""
    table, column = _table(ctx)
    live = or_(column["state"].in_(sorted(OPEN)), column["over"].is_not(True))
    statement = select(column["record"]).select_from(table).where(column["level"] == level, live)
    return [row[0] for row in connection.execute(statement.distinct().order_by(column["record"]))]


def keep(connection: Connection, ctx: Context, entity: str, changed: Sequence[Kept]) -> None:
    """Keep clocks that are new or went on."""
    table, column = _table(ctx)
    new = [each for each in changed if each.clock.id is None]
    if new:
        connection.execute(insert(table), [
            {column[key].name: value for key, value in _row(ctx, entity, each).items()}
            for each in new
        ])  # fmt: skip
    for each in changed:
        if each.clock.id is not None:
            row = {column[key].name: value for key, value in _row(ctx, entity, each).items()}
            connection.execute(update(table).where(column["id"] == each.clock.id).values(**row))


def let_lie(connection: Connection, ctx: Context, entity: str, record: UUID) -> None:
    """Look no more at the clocks of a record that is in the trash, until it is written again."""
    table, column = _table(ctx)
    here = (column["entity"] == entity, column["record"] == record)
    quiet = {column["next_at"].name: None}
    connection.execute(update(table).where(*here).values(**quiet))


def put_off(
    connection: Connection, ctx: Context, entity: str, record: UUID, until: datetime
) -> None:
    """Look at the clocks of a record that are due no sooner than at an instant."""
    table, column = _table(ctx)
    here = (column["entity"] == entity, column["record"] == record, column["next_at"] <= ctx.now)
    later = {column["next_at"].name: until}
    connection.execute(update(table).where(*here).values(**later))


def _table(ctx: Context) -> tuple[Table, Mapping[str, Column[Any]]]:
    return columns_of(ctx, CLOCK)


def _row(ctx: Context, entity: str, kept: Kept) -> dict[str, Any]:  # Any: of every column's type
    clock = kept.clock
    return {
        "id": clock.id or new_id(ctx.now),
        "entity": entity,
        "record": kept.record,
        "level": clock.level,
        "group": kept.group,
        "target": clock.target,
        "state": clock.state,
        "started_at": clock.started_at,
        "length": _written(clock.length),
        "pauses": [[first.isoformat(), last.isoformat()] for first, last in clock.pauses],
        "paused_at": clock.paused_at,
        "due": clock.due,
        "ended_at": clock.ended_at,
        "over": clock.over,
        "next_at": clock.next_at,
        "done": list(clock.done),
    }


def _written(length: Length | None) -> object:
    match length:
        case Lapse(amount, unit):
            return {"amount": amount, "unit": unit}
        case Decimal():
            return {"hours": str(length)}
        case _:
            return None


def _read(value: Any) -> Length | None:  # Any: JSON
    if value is None:
        return None
    return Decimal(value["hours"]) if "hours" in value else Lapse(value["amount"], value["unit"])


def _held(column: Mapping[str, Column[Any]], row: Any) -> dict[str, Any]:  # Any: a row's values
    return {key: row._mapping[each.name] for key, each in column.items()}


def _clock(held: Mapping[str, Any]) -> Clock:  # Any: a row's values
    return Clock(
        level=held["level"],
        target=held["target"],
        state=held["state"],
        started_at=held["started_at"],
        length=_read(held["length"]),
        pauses=tuple(
            (datetime.fromisoformat(first), datetime.fromisoformat(last))
            for first, last in held["pauses"] or ()
        ),
        paused_at=held["paused_at"],
        due=held["due"],
        ended_at=held["ended_at"],
        over=bool(held["over"]),
        next_at=held["next_at"],
        done=tuple(held["done"] or ()),
        id=held["id"],
    )
