"""Writes a unit's change set: who, when, why, and each record's values before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, Text, bindparam, text
from sqlalchemy.sql.elements import TextClause

from engine.changes import RecordChange
from engine.context import Context
from engine.values.identity import new_ids
from engine.values.parts import Period
from engine.values.sealed import MARK, Sealed
from engine.values.sending import STAND_IN, Request, sentence
from metamodel.model import Entity


def history_request(
    connection: Connection,
    ctx: Context,
    change_set: UUID,
    changes: Sequence[RecordChange],
    *,
    first: int = 0,
) -> Request:
    """Return what inserts the change set and its changes, in order from `first`: one statement."""
    ids = new_ids(ctx.now, len(changes))
    rows = [
        {
            "id": str(id_),
            "seq": seq,
            "entity": change.entity,
            "record": str(change.id),
            "operation": change.operation,
            "computed": change.computed,
            "before": as_json(change.before),
            "after": as_json(change.after),
        }
        for seq, (id_, change) in enumerate(zip(ids, changes, strict=True), start=first)
    ]
    values = {
        "change_set": change_set,
        "at": ctx.now,
        "actor": ctx.actor.user,
        "door": ctx.cause.door,
        "reference": ctx.cause.reference or None,
        "revision": ctx.revision,
        "changes": json.dumps(rows, ensure_ascii=False, separators=(",", ":")),
    }
    return Request(sentence(connection, ctx, ("history",), lambda: _statement(ctx)), (values,))


def as_json(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by field key as JSON keeps them: numbers and instants as text."""
    return {key: json_value(value) for key, value in values.items()}


def json_value(value: object) -> object:
    """Return one value as JSON keeps it."""
    match value:
        case Decimal():
            return format(value, "f")
        case UUID():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case Period():
            return {"from": json_value(value.start), "to": json_value(value.end)}
        case Sealed():
            return MARK
        case tuple():
            return [json_value(each) for each in value]
        case _:
            return value


CHANGE_COLUMNS = {
    "id": "uuid", "seq": "numeric", "entity": "text", "record": "uuid", "operation": "text",
    "computed": "boolean", "before": "jsonb", "after": "jsonb",
}  # fmt: skip


def _statement(ctx: Context) -> TextClause:
    """Return the statement; the schema's stand-in is written out: text is not translated."""
    sets, changes = ctx.model.entities["sys_change_set"], ctx.model.entities["sys_change"]
    set_columns = _columns(sets, ("at", "actor", "door", "reference", "revision"))
    columns = _columns(changes, tuple(name for name in CHANGE_COLUMNS if name != "id"))
    link = changes.fields["change_set"].column
    typed = ", ".join(f'"{name}" {kind}' for name, kind in CHANGE_COLUMNS.items())
    names = ", ".join(f'c."{name}"' for name in CHANGE_COLUMNS if name != "id")
    return text(
        # All names come from the model, all values are binds.
        f"WITH made AS (INSERT INTO {STAND_IN}.{sets.table} (id, {set_columns})"  # noqa: S608
        " VALUES (:change_set, :at, :actor, :door, :reference, :revision) RETURNING id)"
        f" INSERT INTO {STAND_IN}.{changes.table} (id, {link}, {columns})"
        f" SELECT c.id, made.id, {names} FROM made,"
        f" jsonb_to_recordset(CAST(:changes AS jsonb)) AS c({typed})"
    ).bindparams(bindparam("changes", type_=Text()))


def _columns(entity: Entity, names: Sequence[str]) -> str:
    return ", ".join(f'"{entity.fields[name].column}"' for name in names)
