"""One statement that writes a choice anew in many records and tells it in their histories.

Whatever else writes records tells it through a unit of work; this is for so many of them, under
the lock of a publish, that values must not travel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.context import Context
from engine.query.amounts import amount_field
from engine.query.stages import VISITS
from engine.schema.ddl import qualified
from engine.schema.names import literal, quoted
from metamodel.model import Entity, Field

NEW_ID = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send("
    "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), "
    "52, 1), 53, 1), 'hex')::uuid"
)
"""A new UUIDv7 for each row; PostgreSQL makes them itself only from 18 on."""


@dataclass(frozen=True, slots=True)
class Retold:
    """Records whose choice is written anew: `source` selects their `id`, what it `was`, `becomes`.

    `option` and `into` say, by key, what the move is about.
    """

    entity: Entity
    field: Field
    option: str
    into: str
    source: str


def retelling(ctx: Context, retold: Retold, change_set: UUID) -> str:
    """Return the statement; where no record is to be written, it writes and tells nothing."""
    schema, field = ctx.tenant.schema, retold.field
    table, column = qualified(schema, retold.entity.table), quoted(field.column)
    parts = [
        f"moved AS (UPDATE {table} t SET {column} = n.becomes, sys_version = sys_version + 1 "  # noqa: S608
        f"FROM ({retold.source}) n WHERE t.id = n.id RETURNING t.id, n.was, n.becomes)",
        *(_visits(ctx, retold) if field.pipeline else ()),
        f"told AS (INSERT INTO {qualified(schema, 'sys_change_set')} "  # noqa: S608
        "(id, at, actor, door, reference, revision) "
        f"SELECT '{change_set}'::uuid, clock_timestamp(), '{ctx.actor.user}'::uuid, 'publish', "
        f"'{ctx.revision}', {ctx.revision} WHERE EXISTS (SELECT 1 FROM moved) "
        "ON CONFLICT (id) DO NOTHING)",
    ]
    key, operation = literal(field.key), "move" if field.pipeline else "update"
    return (
        f"WITH {', '.join(parts)} INSERT INTO {qualified(schema, 'sys_change')} "  # noqa: S608
        "(id, change_set, seq, entity, record, operation, computed, before, after) "
        f"SELECT {NEW_ID}, '{change_set}'::uuid, row_number() OVER () - 1, "
        f"{literal(retold.entity.key)}, id, '{operation}', false, "
        f"jsonb_build_object({key}, was), jsonb_build_object({key}, becomes) FROM moved"
    )


def _visits(ctx: Context, retold: Retold) -> Iterator[str]:
    """Yield what ends the visits of moved records, and begins those of where they are now."""
    schema, entity = ctx.tenant.schema, retold.entity
    visits, actor = qualified(schema, VISITS), f"'{ctx.actor.user}'::uuid"
    names = [each.key for each in entity.pipelines.values() if each.field_key == retold.field.key]
    amount = amount_field(entity)
    money = f"t.{quoted(amount.column)}" if amount is not None and amount.column else "NULL"
    yield (
        f"ended AS (UPDATE {visits} v SET left_at = clock_timestamp(), left_by = {actor} "  # noqa: S608
        f"FROM moved WHERE v.record = moved.id AND v.entity = {literal(entity.key)} "
        f"AND v.pipeline IN ({', '.join(map(literal, names))}) AND v.left_at IS NULL "
        "RETURNING v.record, v.pipeline)"
    )
    yield (
        f"begun AS (INSERT INTO {visits} "  # noqa: S608
        "(id, entity, record, pipeline, stage, entered_at, entered_by, amount) "
        f"SELECT {NEW_ID}, {literal(entity.key)}, moved.id, "
        f"coalesce(ended.pipeline, {literal(names[0])}), moved.becomes, clock_timestamp(), "
        f"{actor}, {money} FROM moved JOIN {qualified(schema, entity.table)} t ON t.id = moved.id "
        "LEFT JOIN ended ON ended.record = moved.id)"
    )
