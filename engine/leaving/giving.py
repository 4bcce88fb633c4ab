"""Gives many records to others in one statement: the links, who changed them, the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from engine.context import Context
from engine.leaving.holdings import Holding
from engine.schema.ddl import qualified
from engine.schema.names import quoted
from engine.values.identity import id_texts, new_id


@dataclass(frozen=True, slots=True)
class Gift:
    """Records of one holding, locked, and who takes each of them."""

    holding: Holding
    leaver: UUID
    ids: Sequence[UUID]
    takers: Sequence[UUID | None]


def give(connection: Connection, ctx: Context, gift: Gift) -> None:
    """Give locked records away and write the history, all in one statement."""
    statement = text(_statement(ctx, gift.holding))
    values = {
        "ids": list(gift.ids),
        "takers": list(gift.takers),
        "changes": id_texts(ctx.now, len(gift.ids)),
        "change_set": new_id(ctx.now),
        "field": gift.holding.field.key,
        "entity": gift.holding.entity.key,
        "leaver": str(gift.leaver),
        "now": ctx.now,
        "actor": ctx.actor.user,
        "door": ctx.cause.door,
        "reference": ctx.cause.reference,
        "revision": ctx.revision,
    }
    connection.execute(statement, values)


def _statement(ctx: Context, holding: Holding) -> str:
    """Return the statement; every name comes from the model, every value is a bind."""
    schema = ctx.tenant.schema
    table = qualified(schema, holding.entity.table)
    sets, changes = (
        qualified(schema, ctx.model.entities[key].table) for key in ("sys_change_set", "sys_change")
    )
    stamps = {"updated_at": ":now", "updated_by": ":actor"}
    fields = holding.entity.fields
    written = [f"{quoted(holding.column)} = g.taker", "sys_version = t.sys_version + 1"]
    written += [
        f"{quoted(fields[key].column)} = {value}" for key, value in stamps.items() if key in fields
    ]
    return (
        "WITH g AS (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:takers AS uuid[]),"  # noqa: S608
        " CAST(CAST(:changes AS text[]) AS uuid[])) WITH ORDINALITY AS g(id, taker, change, seq)),"
        f" given AS (UPDATE {table} t SET {', '.join(written)} FROM g WHERE t.id = g.id"
        " RETURNING t.id),"
        f" made AS (INSERT INTO {sets} (id, at, actor, door, reference, revision)"
        " VALUES (:change_set, :now, :actor, :door, :reference, :revision) RETURNING id)"
        f" INSERT INTO {changes} (id, change_set, seq, entity, record, operation, computed,"
        " before, after)"
        " SELECT g.change, made.id, g.seq, :entity, g.id, 'update', false,"
        " jsonb_build_object(CAST(:field AS text), CAST(:leaver AS text)),"
        " jsonb_build_object(CAST(:field AS text), g.taker)"
        " FROM made, g JOIN given ON given.id = g.id"
    )
