"""Steps that delete for good what is marked as purged: columns, tables, and what history tells.

Nothing else ever drops data. They run after the switch, and again with the next publish where
one was interrupted: a column that is there and purged is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from engine.context import Context, Tenant
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.live import Live, LiveTable
from engine.schema.names import literal, quoted
from engine.schema.steps import Effect, Step
from engine.schema.tables import stored_columns
from metamodel.linking.pairs import pair_key
from metamodel.model import Entity, Model

TRACES = (
    "sys_change", "sys_stage_visit", "sys_comment", "sys_share", "sys_kept", "sys_conversion",
    "sys_notice", "sys_open_form", "sys_run", "sys_holding", "sys_clock",
    "sys_approval", "sys_message",
)  # fmt: skip
"""Tables of the engine that tell of an entity's records."""

PURGES = {"purge_field": "field_purged", "purge_entity": "entity_purged"}
"""The steps that delete, and what their effects are called."""


def purge_steps(tenant: Tenant, old: Model, new: Model, live: Live) -> Iterator[Step]:
    """Yield what deletes the data of everything that the model says is purged."""
    for key in new.purged:
        if key in live:
            yield _entity_step(tenant.schema, key, live, old.entities.get(key))
    for entity in new.entities.values():
        there = live.get(entity.table)
        for key in entity.purged if there is not None else ():
            step = _field_step(tenant.schema, entity, key, live)
            if step is not None:
                yield step


def purge_effects(
    connection: Connection, ctx: Context, old: Model, steps: tuple[Step, ...], live: Live
) -> Iterator[Effect]:
    """Yield what goes for good, and what comes back empty because it went before."""
    for step in steps:
        if step.code in PURGES:
            rows = max(1, step.rows)
            yield Effect(PURGES[step.code], step.touches, "loses", rows, (), step.params)
    for revision, entity, field in _purged_so_far(connection, ctx):
        found = ctx.model.entities.get(entity)
        before = old.entities.get(entity)
        again = found is not None and (before is None or before.retired)
        if found is not None and field:
            each, was = found.fields.get(field), before.fields.get(field) if before else None
            again = each is not None and not each.retired and (was is None or was.retired)
        if again and found is not None and not found.retired:
            params = {"field": field, "revision": revision}
            yield Effect("comes_back_empty", entity, "notice", 1, (), params)


def _purged_so_far(connection: Connection, ctx: Context) -> list[tuple[int, str, str]]:
    codes = ", ".join(map(literal, PURGES))
    rows = driver_of(connection).execute(
        f"SELECT max(number), step->>'entity', coalesce(step->>'field', '') "  # noqa: S608
        f"FROM {qualified(ctx.tenant.schema, 'sys_revision')}, "
        "jsonb_array_elements(summary->'steps') step "
        f"WHERE step->>'code' IN ({codes}) GROUP BY 2, 3 ORDER BY 2, 3".encode()
    )
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows.fetchall()]


def _field_step(schema: str, entity: Entity, key: str, live: Live) -> Step | None:
    there, table = live[entity.table], qualified(schema, entity.table)
    columns, pairs = tuple(columns_of(entity, key, there)), pair_key(entity.key, key)
    sql = [f"ALTER TABLE {table} DROP COLUMN IF EXISTS {quoted(each)}" for each in columns]
    sql += [f"DROP TABLE IF EXISTS {qualified(schema, pairs)}"] if pairs in live else []
    if not sql:
        return None
    mine = f"entity = {literal(entity.key)}"
    field = literal(key)
    told = (
        f"UPDATE {qualified(schema, 'sys_change')} SET before = before - {field}, "  # noqa: S608
        f"after = after - {field} WHERE {mine} AND (before ? {field} OR after ? {field})"
    )
    kept = [
        f"DELETE FROM {qualified(schema, name)} WHERE {mine} AND field = {field}"  # noqa: S608
        for name in ("sys_kept", "sys_conversion")
        if name in live
    ]
    rejected = _rejected(schema, entity.key, entity, live)
    return Step(
        "purge_field", entity.key, sql=(*sql, told, *kept, *rejected), phase="settle",
        rows=there.rows, params={"field": key},
    )  # fmt: skip


def _rejected(schema: str, key: str, entity: Entity | None, live: Live) -> Iterator[str]:
    """Yield what takes away rows of files that imports did not take, and keep for their makers."""
    if not {"sys_import", "sys_import_part"} <= live.keys():
        return
    names = {key} if entity is None else {key, entity.name, *entity.former}
    imports, parts = (qualified(schema, name) for name in ("sys_import", "sys_import_part"))
    yield (
        f"DELETE FROM {parts} WHERE kind = 'rejected' AND import IN "  # noqa: S608
        f"(SELECT id FROM {imports} WHERE entity IN ({', '.join(map(literal, sorted(names)))}))"
    )


def columns_of(entity: Entity, key: str, there: LiveTable) -> Iterator[str]:
    """Yield the columns that ever held a field's values, whatever its type was then.

    Columns of fields that are in the model are never among them.
    """
    known = {name for each in entity.fields.values() for name in stored_columns(each)}
    known |= {
        name
        for each in entity.fields.values()
        for name in (each.sort_column, each.plain_column, each.blind_column, each.tail_column)
    }
    own = re.compile(re.escape(key[:58]) + r"_[0-9a-f]{4}\Z")
    kept = re.compile(rf"kept_{re.escape(there.name)}_{re.escape(key[:20])}")
    others = [each.key for each in entity.fields.values() if each.key.startswith(key)]
    for name in there.columns:
        of_another = any(name.startswith(f"kept_{there.name}_{each}") for each in others)
        if name not in known and (own.match(name) or (kept.match(name) and not of_another)):
            yield name


def _entity_step(schema: str, key: str, live: Live, old: Entity | None) -> Step:
    fields: Mapping[str, object] = old.fields if old is not None else {}
    pairs = [name for name in (pair_key(key, each) for each in fields) if name in live]
    # Links of others that pointed here lose their foreign key, and keep their column.
    sql = [f"DROP TABLE IF EXISTS {qualified(schema, name)} CASCADE" for name in (*pairs, key)]
    sql += [
        f"DELETE FROM {qualified(schema, name)} WHERE entity = {literal(key)}"  # noqa: S608
        for name in TRACES
        if name in live
    ]
    sql += _rejected(schema, key, old, live)
    return Step("purge_entity", key, sql=tuple(sql), phase="settle", rows=live[key].rows)
