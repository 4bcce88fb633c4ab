"""What change sets entered in each record, and what became of the same values afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, bindparam, select

from engine.context import Context
from engine.errors import NotFound

CHANGE = "sys_change"

SET = "sys_change_set"


@dataclass(slots=True)
class Trace:
    """One record as change sets found it and left it: values by field key, as history has them.

    `created` and `deleted` say that they made it or moved it to the trash.
    """

    entity: str
    record: UUID
    created: bool = False
    deleted: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Since:
    """What others did to a record afterwards: the fields by key, who was the last, and when."""

    fields: set[str] = field(default_factory=set)
    by: UUID | None = None
    at: datetime | None = None


def require_own(ctx: Context, connection: Connection, sets: Sequence[UUID]) -> None:
    """Raise `NotFound` where one of some change sets is not the person's own."""
    table = ctx.compiled.tables.of(SET)
    wanted = list(dict.fromkeys(sets))
    mine = select(table.c["id"]).where(_among(table.c["id"]), table.c["actor"] == ctx.actor.user)
    found = set(connection.execute(mine, {"ids": wanted}).scalars())
    missing = [each for each in wanted if each not in found]
    if missing:
        raise NotFound(change_set=str(missing[0]))


def traces_of(ctx: Context, connection: Connection, sets: Sequence[UUID]) -> list[Trace]:
    """Return what change sets entered, a trace for each record, in the order they met it."""
    table = ctx.compiled.tables.of(CHANGE)
    entered = select(table).where(_among(table.c["change_set"]), table.c["computed"].is_not(True))
    ordered = entered.order_by(table.c["change_set"], table.c["seq"])
    found: dict[tuple[str, UUID], Trace] = {}
    for row in connection.execute(ordered, {"ids": list(sets)}):
        values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row by its columns' names
        key = (values["entity"], values["record"])
        _follow(found.setdefault(key, Trace(*key)), values)
    return list(found.values())


def _follow(trace: Trace, values: Mapping[Any, Any]) -> None:
    match values["operation"]:
        case "create":
            trace.created = True
        case "delete":
            trace.deleted = True
        case "restore":
            trace.deleted = False
        case _:
            for key, before in (values["before"] or {}).items():
                trace.before.setdefault(key, before)
            for key, after in (values["after"] or {}).items():
                trace.before.setdefault(key, None)
                trace.after[key] = after


def versions_of(
    ctx: Context, connection: Connection, traces: Sequence[Trace]
) -> Mapping[UUID, int]:
    """Return the present versions of the records of one entity that are still there."""
    table = ctx.compiled.tables.of(traces[0].entity)
    found = select(table.c.id, table.c.sys_version).where(_among(table.c.id))
    rows = connection.execute(found, {"ids": [each.record for each in traces]})
    return {row[0]: row[1] for row in rows}


def since(
    ctx: Context, connection: Connection, traces: Sequence[Trace], sets: Sequence[UUID]
) -> Mapping[UUID, Since]:
    """Return what was entered in the records afterwards, by record; nothing for most of them."""
    changes, of = ctx.compiled.tables.of(CHANGE), ctx.compiled.tables.of(SET)
    later = (
        select(changes, of.c["actor"], of.c["at"])
        .join(of, of.c["id"] == changes.c["change_set"])
        .where(
            _among(changes.c["record"]),
            changes.c["computed"].is_not(True),
            changes.c["change_set"] > min(sets),
            changes.c["change_set"].not_in(list(sets)),
        )
        .order_by(changes.c["change_set"], changes.c["seq"])
    )
    found: dict[UUID, Since] = {}
    ids = [trace.record for trace in traces]
    for row in connection.execute(later, {"ids": ids}):
        _note(found.setdefault(row._mapping["record"], Since()), row)  # noqa: SLF001
    return found


def _note(met: Since, row: Row[Any]) -> None:
    values = row._mapping  # noqa: SLF001
    met.fields |= (values["after"] or {}).keys() | (values["before"] or {}).keys()
    if values["operation"] in ("create", "delete", "restore"):
        met.fields.add(values["operation"])
    met.by, met.at = values["actor"], values["at"]


def _among(column: Any) -> Any:  # Any: SQLAlchemy's columns of every type
    return column == bindparam("ids", type_=ARRAY(Uuid())).any_()
