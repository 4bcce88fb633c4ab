"""Columns beside those that serve: filled while the old values are read, then put in their place.

What is computed anew for records that are there must not be seen before the new model is
published, and must all be there when it is. So it is filled into a column of its own, on a
model in which fields have these columns, and the switch renames.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Index, Table

from engine.compiled import CompiledModel, compile_model
from engine.schema import ddl
from engine.schema.names import object_name, quoted
from engine.schema.steps import GONE, NEXT, Shadow, Step
from metamodel.model import Entity, Field


def shadowed(compiled: CompiledModel, shadows: Sequence[Shadow]) -> CompiledModel:
    """Return a model whose fields stand in the columns that are to serve."""
    if not shadows:
        return compiled
    names = {(each.entity, each.column): each.name for each in shadows}
    entities = {
        key: _moved(entity, names) if any(place[0] == key for place in names) else entity
        for key, entity in compiled.model.entities.items()
    }
    return compile_model(replace(compiled.model, entities=entities))


def _moved(entity: Entity, names: Mapping[tuple[str, str], str]) -> Entity:
    def moved(field: Field) -> Field:
        column, sorted_by = (
            names.get((entity.key, each), each) for each in (field.column, field.sort_column)
        )
        same = column == field.column and sorted_by == field.sort_column
        return field if same else replace(field, column=column, sort_column=sorted_by)

    return replace(entity, fields={key: moved(each) for key, each in entity.fields.items()})


def room_steps(schema: str, compiled: CompiledModel, shadows: Sequence[Shadow]) -> Iterator[Step]:
    """Yield the steps that add the columns, empty."""
    for each in shadows:
        real = compiled.tables.of(each.entity).c[each.column]
        text = ddl.column_text(real).replace(quoted(real.name), quoted(each.name), 1)
        sql = f"ALTER TABLE {ddl.qualified(schema, each.table)} ADD COLUMN IF NOT EXISTS {text}"
        params = {"table": each.table, "column": each.name}
        yield Step("add_column", each.entity, sql=(sql,), params=params)


def index_steps(
    schema: str, compiled: CompiledModel, shadows: Sequence[Shadow], rows: Mapping[str, int]
) -> Iterator[Step]:
    """Yield the steps that build the indexes of filled columns, beside the writers."""
    for entity, index, name in _indexes(compiled, shadows):
        table = compiled.tables.of(entity)
        text = ddl.create_index(schema, index, concurrently=True)
        text = text.replace(quoted(str(index.name)), quoted(name), 1)
        for each in shadows:
            if each.entity == entity:
                text = text.replace(quoted(each.column), quoted(each.name))
        yield Step(
            "create_unique_index" if index.unique else "create_index",
            entity,
            sql=(ddl.drop_index(schema, name, concurrently=True), text),
            cost="builds",
            rows=rows.get(table.name, 0),
            params={"table": table.name, "index": name},
            alone=True,
        )


def swap_steps(schema: str, compiled: CompiledModel, shadows: Sequence[Shadow]) -> Iterator[Step]:
    """Yield the steps that put filled columns in their places, and later drop the former ones."""
    for each in shadows:
        table = ddl.qualified(schema, each.table)
        renamed = ((each.column, each.former), (each.name, each.column))
        params = {"table": each.table, "column": each.column}
        yield Step(
            "swap_column",
            each.entity,
            sql=tuple(
                f"ALTER TABLE {table} RENAME COLUMN {quoted(old)} TO {quoted(new)}"
                for old, new in renamed
            ),
            phase="switch",
            params=params,
        )
        dropped = f"ALTER TABLE {table} DROP COLUMN IF EXISTS {quoted(each.former)}"
        params = {"table": each.table, "column": each.former}
        yield Step("drop_column", each.entity, sql=(dropped,), phase="settle", params=params)
    for entity, index, name in _indexes(compiled, shadows):
        table_name, real = compiled.tables.of(entity).name, str(index.name)
        former = object_name(GONE, table_name, real, ())
        pairs = ((real, former), (name, real))
        sql = (
            f"ALTER INDEX IF EXISTS {ddl.qualified(schema, old)} RENAME TO {quoted(new)}"
            for old, new in pairs
        )
        params = {"table": table_name, "index": real}
        yield Step("swap_index", entity, sql=tuple(sql), phase="switch", params=params)


def _indexes(
    compiled: CompiledModel, shadows: Sequence[Shadow]
) -> Iterator[tuple[str, Index, str]]:
    """Yield the indexes of columns that are to be replaced, with the names of those to come."""
    for entity in dict.fromkeys(each.entity for each in shadows):
        table: Table = compiled.tables.of(entity)
        columns = {each.column for each in shadows if each.entity == entity}
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            if columns & {column.name for column in index.columns}:
                yield entity, index, object_name(NEXT, table.name, str(index.name), ())
