"""Writes a unit's change set: who, when, why, and each record's values before and after."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, Text, bindparam, text
from sqlalchemy.sql.elements import TextClause

from engine.changes import RecordChange
from engine.context import Context
from engine.values.identity import id_array, id_texts
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
    rows = list(_alike(changes, id_texts(ctx.now, len(changes)), first))
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


def _alike(
    changes: Sequence[RecordChange], ids: Sequence[str], first: int
) -> Iterator[Mapping[str, object]]:
    """Yield what changed alike, with the records: many that are set at once share what says so."""
    alike: dict[Hashable, list[int]] = {}
    for at, each in enumerate(changes):
        kind = (each.entity, each.operation, each.computed, id(each.before), id(each.after))
        alike.setdefault(kind, []).append(at)
    for places in alike.values():
        one = changes[places[0]]
        yield {
            "ids": f"{{{','.join([ids[at] for at in places])}}}",
            "seqs": f"{{{','.join([str(first + at) for at in places])}}}",
            "entity": one.entity,
            "records": id_array([changes[at].id for at in places]),
            "operation": one.operation,
            "computed": one.computed,
            "before": as_json(one.before),
            "after": as_json(one.after),
        }


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


CHANGES = {
    "ids": "uuid[]", "seqs": "numeric[]", "entity": "text", "records": "uuid[]",
    "operation": "text", "computed": "boolean", "before": "jsonb", "after": "jsonb",
}  # fmt: skip
"""What says which records changed alike, by its PostgreSQL type."""

CHANGE_COLUMNS = ("seq", "entity", "record", "operation", "computed", "before", "after")


def _statement(ctx: Context) -> TextClause:
    """Return the statement; the schema's stand-in is written out: text is not translated."""
    sets, changes = ctx.model.entities["sys_change_set"], ctx.model.entities["sys_change"]
    set_columns = _columns(sets, ("at", "actor", "door", "reference", "revision"))
    columns = _columns(changes, CHANGE_COLUMNS)
    link = changes.fields["change_set"].column
    typed = ", ".join(f'"{name}" {kind}' for name, kind in CHANGES.items())
    return text(
        # All names come from the model, all values are binds.
        f"WITH made AS (INSERT INTO {STAND_IN}.{sets.table} (id, {set_columns})"  # noqa: S608
        " VALUES (:change_set, :at, :actor, :door, :reference, :revision) RETURNING id)"
        f" INSERT INTO {STAND_IN}.{changes.table} (id, {link}, {columns})"
        " SELECT r.id, made.id, r.seq, c.entity, r.record, c.operation, c.computed, c.before,"
        f" c.after FROM made, jsonb_to_recordset(CAST(:changes AS jsonb)) AS c({typed}),"
        " unnest(c.ids, c.seqs, c.records) AS r(id, seq, record)"
    ).bindparams(bindparam("changes", type_=Text()))


def _columns(entity: Entity, names: Sequence[str]) -> str:
    return ", ".join(f'"{entity.fields[name].column}"' for name in names)
