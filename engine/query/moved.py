"""What last moved a computed value: the change set in which it became what it is, and its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from engine.context import Context
from engine.doors import Access
from engine.history.recall import recalled
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from metamodel.model import Field

MOST = 10
"""Records of a change that are named."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A record that was entered or changed in the same act, as far as the person may see it."""

    entity: str
    record: LinkValue
    operation: str


@dataclass(frozen=True, slots=True)
class Moved:
    """When a value became what it is, through whom, and what was done then."""

    at: datetime
    by: LinkValue | None
    door: str
    before: object
    after: object
    causes: tuple[Cause, ...] = ()


def last_moved(
    ctx: Context, access: Access, connection: Connection, record: UUID, field: Field
) -> Moved | None:
    """Return what last moved a field's value; None where history does not reach back to it."""
    row = connection.execute(_latest(ctx, record, field)).mappings().first()
    if row is None:
        return None
    named = titles_of(ctx, access, connection, "user", [row["actor"]] if row["actor"] else [])
    before = (row["before"] or {}).get(field.key)
    after = (row["after"] or {}).get(field.key)
    return Moved(
        row["at"],
        named.get(row["actor"]),
        row["door"] or "",
        recalled(field, before),
        recalled(field, after),
        _causes(ctx, access, connection, row["change_set"]),
    )


def _latest(ctx: Context, record: UUID, field: Field) -> Select[Any]:
    sets, changes = _tables(ctx)
    moved = (
        changes["entity"] == field.entity,
        changes["record"] == record,
        changes["after"].has_key(field.key),
    )
    names = ("change_set", "before", "after")
    return (
        select(
            *(changes[name].label(name) for name in names),
            *(sets[name].label(name) for name in ("at", "actor", "door")),
        )
        .join_from(changes["id"].table, sets["id"].table, changes["change_set"] == sets["id"])
        .where(*moved)
        .order_by(changes["change_set"].desc())
        .limit(1)
    )


def _causes(
    ctx: Context, access: Access, connection: Connection, change_set: UUID
) -> tuple[Cause, ...]:
    """Return what people did in a change set, the first of it."""
    _, changes = _tables(ctx)
    done = (
        select(*(changes[name].label(name) for name in ("entity", "record", "operation")))
        .where(changes["change_set"] == change_set, changes["computed"].is_not(True))
        .order_by(changes["seq"])
        .limit(MOST)
    )
    rows: list[Row[Any]] = [
        row for row in connection.execute(done) if row.entity in ctx.model.entities
    ]
    found = []
    for key in dict.fromkeys(row.entity for row in rows):
        if ctx.model.entities[key].system:
            continue
        ids = [row.record for row in rows if row.entity == key]
        named = titles_of(ctx, access, connection, key, ids)
        found += [
            Cause(key, named[row.record], row.operation)
            for row in rows
            if row.entity == key and row.record in named and not named[row.record].restricted
        ]
    return tuple(found)


def _tables(ctx: Context) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the columns of change sets and of changes. Any: columns of every type."""
    made = []
    for name in ("sys_change_set", "sys_change"):
        table, fields = ctx.compiled.tables.of(name), ctx.model.entities[name].fields
        columns = {key: table.c[each.column] for key, each in fields.items() if each.column}
        made.append({**columns, "id": table.c.id})
    return made[0], made[1]
