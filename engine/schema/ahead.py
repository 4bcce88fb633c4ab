"""What a plan needs around its fills so that nobody waits for them: room, notes, and the swap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.schema.derived import Derived
from engine.schema.live import Live
from engine.schema.noting import (
    Noted,
    begin_noting,
    end_noting,
    end_table,
    note_table,
    noted,
    ways_of,
)
from engine.schema.shadows import index_steps, room_steps, shadowed, swap_steps
from engine.schema.steps import Step
from engine.schema.structure import is_small


def filling_steps(
    tenant: Tenant, new: CompiledModel, live: Live, fills: Sequence[Step], made: Derived
) -> tuple[tuple[Step, ...], bool]:
    """Return all steps that fill, in order, and whether what people save meanwhile is noted."""
    steps = (*fills, *made.steps)
    early = [step for step in steps if step.phase == "expand" and step.table]
    if not made.shadows and not any(step.late or not is_small(step.rows) for step in early):
        return steps, False
    interim = shadowed(new, made.shadows)
    seen = noted((way for step in early for way in ways_of(step, interim)), live)
    rows = {name: table.rows for name, table in live.items()}
    entities = {entity.table: key for key, entity in new.model.entities.items()}
    return (
        *room_steps(tenant.schema, new, made.shadows),
        *_begin(tenant.schema, seen, entities),
        *steps,
        *index_steps(tenant.schema, new, made.shadows, rows),
        *swap_steps(tenant.schema, new, made.shadows),
        *_end(tenant.schema, seen, entities),
    ), True


def _begin(schema: str, seen: Noted, entities: dict[str, str]) -> Iterator[Step]:
    first = begin_noting(schema)
    for table, columns in seen.items():
        sql = (*first, *note_table(schema, table, columns))
        params = {"table": table}
        yield Step("note_changes", entities[table], sql=sql, lock="share", params=params)


def _end(schema: str, seen: Noted, entities: dict[str, str]) -> Iterator[Step]:
    last = list(seen)[-1:]
    for table in seen:
        sql = (*end_table(schema, table), *(end_noting(schema) if [table] == last else ()))
        params = {"table": table}
        yield Step("stop_noting", entities[table], sql=sql, phase="settle", params=params)
