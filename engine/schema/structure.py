"""Steps that make a tenant's tables those of a model: by comparing names and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table

from engine.context import Tenant
from engine.schema import ddl
from engine.schema.create import grants
from engine.schema.live import Live, LiveTable
from engine.schema.names import quoted
from engine.schema.steps import Phase, Step
from engine.schema.tables import Tables

SMALL = 10_000
"""Rows up to which an index is built at once, its table held for less than a blink."""

_OURS = re.compile(r"(fk|ck|uq|ix)_")

_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")


def is_small(rows: int) -> bool:
    """Return whether so many rows are written or read under a lock in less than a blink."""
    return rows <= SMALL


def structure_steps(tenant: Tenant, tables: Tables, live: Live) -> Iterator[Step]:
    """Yield what is missing, in an order that works, and at the end what is not wanted any more."""
    made = [table for table in tables.by_entity.values() if table.name not in live]
    changed = [table for table in tables.by_entity.values() if table.name in live]
    entities = {table.name: entity for entity, table in tables.by_entity.items()}
    for table in made:
        yield Step(
            "create_table",
            entities[table.name],
            sql=(ddl.create_table(tenant.schema, table), *grants(tenant, (table,))),
            params={"table": table.name},
        )
    for table in changed:
        yield from _column_steps(tenant.schema, entities[table.name], table, live[table.name])
    for table in tables.by_entity.values():
        entity, there = entities[table.name], live.get(table.name, LiveTable(table.name))
        yield from _constraint_steps(tenant.schema, entity, table, there)
        yield from _index_steps(tenant.schema, entity, table, there)
        yield from _leftover_steps(tenant.schema, entity, table, there)


def canonical_type(column: Column[Any]) -> str:
    """Return a column's type as PostgreSQL's catalogue spells it."""
    text = re.sub(r' COLLATE "C"', "", ddl.type_text(column))
    return re.sub(r", +", ",", text).lower()


def _column_steps(schema: str, entity: str, table: Table, there: LiveTable) -> Iterator[Step]:
    for column in table.columns:
        params = {"table": table.name, "column": column.name}
        present = there.columns.get(column.name)
        if present is None:
            sql = (ddl.add_column(schema, table, column),)
            yield Step("add_column", entity, sql=sql, params=params)
        elif not holds(present, canonical_type(column)):
            sql = (_widen(schema, table, column),)
            yield Step("widen_column", entity, sql=sql, params=params)


def holds(present: str, wanted: str) -> bool:
    """Tell whether a column of one type already holds every value of another."""
    if present in (wanted, "numeric"):
        return True
    one, other = _NUMERIC.fullmatch(present), _NUMERIC.fullmatch(wanted)
    if one is None or other is None:
        return False
    digits, scale = int(one[1]), int(one[2])
    return scale >= int(other[2]) and digits - scale >= int(other[1]) - int(other[2])


def _widen(schema: str, table: Table, column: Column[Any]) -> str:
    """A number loses its bounds in the table, which rewrites nothing; its field keeps them."""
    kind = "numeric" if canonical_type(column).startswith("numeric") else ddl.type_text(column)
    return (
        f"ALTER TABLE {ddl.qualified(schema, table.name)} "
        f"ALTER COLUMN {quoted(column.name)} TYPE {kind}"
    )


def _constraint_steps(schema: str, entity: str, table: Table, there: LiveTable) -> Iterator[Step]:
    """A new table's constraints hold at once; an old one's are added first and checked later."""
    for constraint in (*ddl.checks(table), *ddl.foreign_keys(table)):
        name = str(constraint.name)
        params = {"table": table.name, "constraint": name}
        present = there.constraints.get(name)
        if not there.columns:
            if constraint in table.foreign_key_constraints:
                sql = (ddl.add_constraint(schema, table, constraint, validated=True),)
                yield Step("add_constraint", entity, sql=sql, params=params)
            continue
        if present is None:
            sql = (ddl.add_constraint(schema, table, constraint, validated=False),)
            yield Step("add_constraint", entity, sql=sql, params=params)
        if not present:
            sql = (ddl.validate_constraint(schema, table, name),)
            yield Step("validate_constraint", entity, sql=sql, params=params, rows=there.rows)


def _index_steps(schema: str, entity: str, table: Table, there: LiveTable) -> Iterator[Step]:
    aside = not is_small(there.rows)
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        name = str(index.name)
        valid = there.indexes.get(name)
        if valid:
            continue
        sql = [ddl.create_index(schema, index, concurrently=aside)]
        if valid is False:
            sql.insert(0, ddl.drop_index(schema, name, concurrently=aside))
        yield Step(
            "create_unique_index" if index.unique else "create_index",
            entity,
            sql=tuple(sql),
            cost="builds" if there.rows else "instant",
            rows=there.rows,
            params={"table": table.name, "index": name},
            alone=aside,
        )


def _leftover_steps(schema: str, entity: str, table: Table, there: LiveTable) -> Iterator[Step]:
    """What held for the old model only: a unique index goes as the new one takes over."""
    wanted = {str(index.name) for index in table.indexes}
    for name in sorted(set(there.indexes) - wanted):
        if _OURS.match(name):
            sql = (ddl.drop_index(schema, name, concurrently=False),)
            phase: Phase = "switch" if name.startswith("uq_") else "settle"
            params = {"table": table.name, "index": name}
            yield Step("drop_index", entity, sql=sql, phase=phase, params=params)
    kept = {str(each.name) for each in table.constraints}
    for name in sorted(set(there.constraints) - kept):
        if _OURS.match(name):
            sql = (
                f"ALTER TABLE {ddl.qualified(schema, table.name)} "
                f"DROP CONSTRAINT IF EXISTS {quoted(name)}",
            )
            params = {"table": table.name, "constraint": name}
            yield Step("drop_constraint", entity, sql=sql, phase="switch", params=params)
