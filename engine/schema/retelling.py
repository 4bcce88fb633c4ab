"""Statements by which a publish tells of many records whose choice is written anew.

Whatever else writes records tells it through a unit of work; this is for so many of them that
values must not travel. Of a small table a record is written and told by one statement, under the
lock of the publish; of a large one what moves is listed before, and told afterwards.
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
from engine.schema.ranges import among
from metamodel.model import Entity, Field

NEW_ID = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send("
    "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), "
    "52, 1), 53, 1), 'hex')::uuid"
)
"""A new UUIDv7 for each row; PostgreSQL makes them itself only from 18 on."""


ASKEW = "1 minute"
"""By how much the clocks of those who save may differ from the database's."""

MOVING = "sys_moving"
"""The table of what moves, from before the switch until it is told: exists only meanwhile."""


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
    table, column = qualified(ctx.tenant.schema, retold.entity.table), quoted(retold.field.column)
    moved = (
        f"UPDATE {table} t SET {column} = n.becomes, sys_version = sys_version + 1 "  # noqa: S608
        f"FROM ({retold.source}) n WHERE t.id = n.id "
        "RETURNING t.id, n.was, n.becomes, n.was::text AS stood, n.becomes::text AS stage"
    )
    begun = begun_set(ctx, change_set, "WHERE EXISTS (SELECT 1 FROM moved)")
    told = f"told AS ({begun})"
    story = _Story(ctx, retold.entity, retold.field, "clock_timestamp()")
    # A record that moves on in one publish is told in that order.
    told_so_far = (
        f"SELECT count(*) FROM {qualified(ctx.tenant.schema, 'sys_change')} c "  # noqa: S608
        f"WHERE c.change_set = '{change_set}'::uuid"
    )
    changes = story.changes(change_set, f"({told_so_far}) + row_number() OVER () - 1")
    return f"WITH moved AS ({moved}), {', '.join((*story.visits(), told))} {changes}"


def begun_set(ctx: Context, change_set: UUID, condition: str = "") -> str:
    """Return the statement that begins the change set of a publish, unless it is there."""
    return (
        f"INSERT INTO {qualified(ctx.tenant.schema, 'sys_change_set')} "  # noqa: S608
        "(id, at, actor, door, reference, revision) "
        f"SELECT '{change_set}'::uuid, clock_timestamp(), '{ctx.actor.user}'::uuid, 'publish', "
        f"'{ctx.revision}', {ctx.revision} {condition} ON CONFLICT (id) DO NOTHING"
    )


def telling(ctx: Context, entity: Entity, field: Field, change_set: UUID) -> str:
    """Return the statement that tells what was listed of a field, each record once.

    It is told as of the instant at which its change set began, whatever people did since.
    """
    schema = ctx.tenant.schema
    moved = (
        f"DELETE FROM {qualified(schema, MOVING)} m WHERE m.place = {place_of_moves(field)} "  # noqa: S608
        f"AND {among('m.id')} RETURNING m.number, m.id, m.was, m.becomes, "
        "m.was #>> '{}' AS stood, m.becomes #>> '{}' AS stage"
    )
    counted = (
        f"UPDATE {qualified(schema, entity.table)} t SET sys_version = sys_version + 1 "  # noqa: S608
        "FROM moved WHERE t.id = moved.id"
    )
    sets = qualified(schema, "sys_change_set")
    at = f"(SELECT at FROM {sets} WHERE id = '{change_set}'::uuid)"  # noqa: S608
    story = _Story(ctx, entity, field, at)
    parts = (f"moved AS ({moved})", f"counted AS ({counted})", *story.visits())
    return f"WITH {', '.join(parts)} {story.changes(change_set, 'number - 1')}"


def place_of_moves(field: Field) -> str:
    """Return, as SQL, by what the moves of a field are told from others in their list."""
    return literal(f"{field.entity}.{field.key}")


@dataclass(frozen=True, slots=True)
class _Story:
    """How history and the memory of stages tell of records that `moved`, as of an instant."""

    ctx: Context
    entity: Entity
    field: Field
    at: str

    def changes(self, change_set: UUID, place: str) -> str:
        key, operation = literal(self.field.key), "move" if self.field.pipeline else "update"
        return (
            f"INSERT INTO {qualified(self.ctx.tenant.schema, 'sys_change')} "  # noqa: S608
            "(id, change_set, seq, entity, record, operation, computed, before, after) "
            f"SELECT {NEW_ID}, '{change_set}'::uuid, {place}, {literal(self.entity.key)}, id, "
            f"'{operation}', false, jsonb_build_object({key}, was), "
            f"jsonb_build_object({key}, becomes) FROM moved"
        )

    def visits(self) -> Iterator[str]:
        """Yield what ends the visits of moved records, and begins those of where they went.

        Those that somebody moved on since have left there, too.
        """
        if not self.field.pipeline:
            return
        schema, entity, at = self.ctx.tenant.schema, self.entity, self.at
        visits, actor = qualified(schema, VISITS), f"'{self.ctx.actor.user}'::uuid"
        keys = [key for key, each in entity.pipelines.items() if each.field_key == self.field.key]
        names = ", ".join(map(literal, keys))
        mine = f"v.entity = {literal(entity.key)} AND v.pipeline IN ({names})"
        amount = amount_field(entity)
        money = f"t.{quoted(amount.column)}" if amount is not None and amount.column else "NULL"
        there = (
            f"SELECT v.id, v.left_at, v.left_by FROM {visits} v WHERE v.record = moved.id "  # noqa: S608
            f"AND {mine} AND (v.left_at IS NULL OR v.left_at >= {at} - interval '{ASKEW}') "
            "ORDER BY v.stage = moved.stood DESC, v.entered_at LIMIT 1"
        )
        yield (
            f"ended AS (UPDATE {visits} v SET left_at = least({at}, w.left_at), "  # noqa: S608
            f"left_by = {actor} FROM moved CROSS JOIN LATERAL ({there}) w WHERE v.id = w.id "
            "RETURNING v.record, v.pipeline, w.left_at, w.left_by)"
        )
        yield (
            f"begun AS (INSERT INTO {visits} (id, entity, record, pipeline, stage, entered_at, "  # noqa: S608
            "entered_by, left_at, left_by, amount) "
            f"SELECT {NEW_ID}, {literal(entity.key)}, moved.id, "
            f"coalesce(ended.pipeline, {literal(keys[0])}), moved.stage, "
            f"least({at}, ended.left_at), {actor}, ended.left_at, ended.left_by, {money} "
            f"FROM moved JOIN {qualified(schema, entity.table)} t ON t.id = moved.id "
            "LEFT JOIN ended ON ended.record = moved.id)"
        )
