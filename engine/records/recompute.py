"""Holds every stored computed value against what it must be, and mends what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change, RecordChange
from engine.context import Context
from engine.database import Database
from engine.history.changes import history_request
from engine.records.hooks import Hooks
from engine.values.computed import Recomputed, checked_fields, differences, recompute
from engine.values.graph import Stage
from engine.values.identity import new_id
from engine.values.sending import send
from metamodel.model import Entity

LARGEST_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored value that is not what it must be; entity and field by name."""

    entity: str
    field: str
    record: UUID
    stored: object
    right: object


def check(database: Database, ctx: Context) -> Iterator[Difference]:
    """Yield every stored computed value of live records that differs; write nothing."""
    with database.reading(ctx) as connection:
        for entity, stage, fields in _stages(ctx):
            for row in differences(connection, ctx, stage.entity, fields):
                yield from _differences(entity, row)


def mend(
    database: Database,
    ctx: Context,
    *,
    only: frozenset[tuple[str, str]] | None = None,
    hooks: Sequence[Hooks] = (),
) -> Iterator[Difference]:
    """Correct every stored computed value, stage by stage; yield what differed.

    With `only`, those fields (by entity and field key) alone. Hooks see each chunk as a change.
    """
    for entity, stage, fields in _stages(ctx, only):
        with database.reading(ctx) as connection:
            wrong = sorted(row.id for row in differences(connection, ctx, stage.entity, fields))
        for start in range(0, len(wrong), LARGEST_CHUNK):
            ids = wrong[start : start + LARGEST_CHUNK]

            def unit(
                connection: Connection,
                stage: Stage = stage,
                fields: tuple[str, ...] = fields,
                ids: list[UUID] = ids,
            ) -> list[Recomputed]:
                return _mend(connection, ctx, (stage.entity, fields), ids, hooks)

            for row in database.unit(ctx, unit):
                yield from _differences(entity, row)


def _mend(
    connection: Connection,
    ctx: Context,
    what: tuple[str, tuple[str, ...]],
    ids: list[UUID],
    hooks: Sequence[Hooks],
) -> list[Recomputed]:
    """Lock rows, then correct them, so that no writer's values are lost; keep the history."""
    entity, fields = what
    table = ctx.compiled.tables.of(entity)
    held = table.select().with_only_columns(table.c.id).where(table.c.id.in_(ids))
    connection.execute(held.order_by(table.c.id).with_for_update(key_share=True))
    found = recompute(connection, ctx, entity, fields, ids)
    changes = [
        RecordChange(entity, row.id, "update", row.before, row.after, computed=True)
        for row in found
    ]
    if changes:
        change_set = new_id(ctx.now)
        send(connection, ctx, history_request(connection, ctx, change_set, changes))
        for hook in hooks:
            change = Change(change_set, ctx.revision, tuple(changes))
            hook.before_commit(ctx, connection, change, ())
    return found


def _stages(
    ctx: Context, only: frozenset[tuple[str, str]] | None = None
) -> Iterator[tuple[Entity, Stage, tuple[str, ...]]]:
    for stage in ctx.compiled.graph.stages:
        keys = [key for key in stage.fields if only is None or (stage.entity, key) in only]
        fields = checked_fields(ctx.compiled, stage.entity, keys)
        if fields:
            yield ctx.model.entities[stage.entity], stage, fields


def _differences(entity: Entity, row: Recomputed) -> Iterator[Difference]:
    right: Mapping[str, object] = row.after
    for key, value in right.items():
        yield Difference(entity.name, entity.fields[key].name, row.id, row.before[key], value)
