"""Stored computed fields, set-wise in SQL: one statement for the fields of a stage.

The statement updates only rows whose values differ, and returns what they were and are.
The same SELECT answers what every stored value should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Update,
    Uuid,
    any_,
    bindparam,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import Executable

from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import Rows
from engine.query.gathering import Joins, Reach
from engine.query.joins import RowSource, fitted
from engine.values.graph import is_computed
from engine.values.sending import Request, send, sentence
from formula import compile_sql
from metamodel.model import Field

IDS = bindparam("ids", type_=ARRAY(Uuid()))

LOW, HIGH = bindparam("low", type_=Uuid()), bindparam("high", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Recomputed:
    """One row whose stored values were not what they must be: old and new, by field key."""

    id: UUID
    before: Mapping[str, object]
    after: Mapping[str, object]


def recompute(
    connection: Connection, ctx: Context, entity: str, fields: Sequence[str], ids: Iterable[UUID]
) -> list[Recomputed]:
    """Mend the stored values of live records, in the order of `fields`; return what changed."""
    request = recompute_request(connection, ctx, entity, fields, ids)
    return recomputed(fields, send(connection, ctx, request))


def refill(
    connection: Connection,
    ctx: Context,
    entity: str,
    fields: Sequence[str],
    between: tuple[UUID, UUID],
) -> None:
    """Mend the stored values of all records from one id to another, both included.

    What changed is not told: this is for whole tables. Records in the trash are mended as well:
    they come back as they are.
    """
    key = ("refill", entity, tuple(fields))
    mend = sentence(connection, ctx, key, lambda: _mend_all(ctx.compiled, entity, fields))
    send(connection, ctx, Request(mend, ({"low": between[0], "high": between[1]},)))


def recompute_request(
    connection: Connection, ctx: Context, entity: str, fields: Sequence[str], ids: Iterable[UUID]
) -> Request:
    """Return the request that mends stored values; `recomputed` reads its answer."""
    key = ("recompute", entity, tuple(fields))
    update_rows = sentence(connection, ctx, key, lambda: _update(ctx.compiled, entity, fields))
    return Request(update_rows, ({"ids": list(ids)},))


def recomputed(fields: Sequence[str], rows: Rows) -> list[Recomputed]:
    """Return what a recompute changed, row by row."""
    return [_recomputed(row, fields) for row in rows]


def differences(
    connection: Connection, ctx: Context, entity: str, fields: Sequence[str]
) -> Iterator[Recomputed]:
    """Yield every live record whose stored values are not what they must be."""
    key = ("differences", entity, tuple(fields))
    compare = sentence(connection, ctx, key, lambda: _compare(ctx.compiled, entity, fields))
    for row in send(connection, ctx, Request(compare, ({},))):
        yield _recomputed(row, fields)


def checked_fields(compiled: CompiledModel, entity: str, fields: Iterable[str]) -> tuple[str, ...]:
    """Return those fields whose stored value can be worked out again at any time."""
    known = compiled.model.entities[entity].fields
    return tuple(key for key in fields if is_computed(known[key]) and not known[key].freeze_on)


def _recomputed(row: Any, fields: Sequence[str]) -> Recomputed:
    """Split a row: id, then each field's old and new value."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for position, key in enumerate(fields):
        old, new = _plain(row[1 + 2 * position]), _plain(row[2 + 2 * position])
        if old != new:
            before[key], after[key] = old, new
    return Recomputed(row[0], before, after)


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Fresh:
    """What rows of an entity must hold: the row, where it comes from, its values by field key."""

    row: FromClause
    source: FromClause
    values: Mapping[str, ColumnElement[Any]]


def fresh_values(
    compiled: CompiledModel,
    entity: str,
    fields: Sequence[str],
    *,
    reach: Reach = "each",
    table: FromClause | None = None,
) -> Fresh:
    """Return the right values of an entity's fields, each read by those after it.

    `table` is where the rows stand, if not in the entity's own table.
    """
    kind = compiled.model.entities[entity]
    row = (compiled.tables.of(entity) if table is None else table).alias("q")
    given: dict[str, ColumnElement[Any]] = {}
    source = RowSource.over(compiled, entity, row, given=given, joins=Joins(row, reach))
    for key in fields:
        value = _value(kind.fields[key], source)
        if _worth_keeping(kind.fields[key]):
            # OFFSET 0 keeps PostgreSQL from working a sum out again at each place it is read.
            lateral: FromClause = (
                select(value.label("value")).correlate_except(None).offset(0).lateral(f"v_{key}")
            )
            source.joins.join(lateral, true())
            value = lateral.c.value
        given[key] = value
    return Fresh(row, source.joins.clause(), dict(given))


def _value(field: Field, source: RowSource) -> ColumnElement[Any]:
    if field.formula is None:
        raise ValueError(f"{field.entity}.{field.key} has no formula")
    return fitted(field, compile_sql(field.formula, source))


def _worth_keeping(field: Field) -> bool:
    return field.formula is not None and bool(field.formula.dependencies.collections)


def _select(
    compiled: CompiledModel,
    entity: str,
    fields: Sequence[str],
    *,
    reach: Reach = "each",
    trashed: bool = False,
) -> Select[Any]:
    """Return id, each field's stored value (`old_…`) and right value, of live or of all rows."""
    known = compiled.model.entities[entity].fields
    fresh = fresh_values(compiled, entity, fields, reach=reach)
    columns = [fresh.row.c.id]
    for position, key in enumerate(fields):
        columns.append(fresh.row.c[known[key].column].label(f"old_{position}"))
        columns.append(fresh.values[key].label(f"new_{position}"))
    statement = select(*columns).select_from(fresh.source)
    if "sys_trashed_at" in fresh.row.c and not trashed:
        statement = statement.where(fresh.row.c.sys_trashed_at.is_(None))
    return statement


def _compare(compiled: CompiledModel, entity: str, fields: Sequence[str]) -> Select[Any]:
    found = _select(compiled, entity, fields, reach="whole").subquery("n")
    pairs = [(found.c[f"old_{at}"], found.c[f"new_{at}"]) for at in range(len(fields))]
    return select(found).where(or_(*(old.is_distinct_from(new) for old, new in pairs)))


def _mend_all(compiled: CompiledModel, entity: str, fields: Sequence[str]) -> Executable:
    alone = _mend_alone(compiled, entity, fields)
    return _mend_joined(compiled, entity, fields) if alone is None else alone


def _mend_alone(compiled: CompiledModel, entity: str, fields: Sequence[str]) -> Executable | None:
    """Return the statement for values that follow from their own row alone: it joins nothing."""
    table, known = compiled.tables.of(entity), compiled.model.entities[entity].fields
    given: dict[str, ColumnElement[Any]] = {}
    source = RowSource.over(compiled, entity, table, given=given, joins=Joins(table))
    for key in fields:
        given[key] = _value(known[key], source)
    if source.joins.steps:
        return None
    columns = {table.c[known[key].column]: given[key] for key in fields}
    changed = or_(*(column.is_distinct_from(value) for column, value in columns.items()))
    within = table.c.id >= LOW, table.c.id <= HIGH
    return update(table).values(columns).where(*within, changed)


def _mend_joined(compiled: CompiledModel, entity: str, fields: Sequence[str]) -> Executable:
    statement = _select(compiled, entity, fields, trashed=True)
    row = statement.selected_columns.id
    found = statement.where(row >= LOW, row <= HIGH).subquery("n")
    written = compiled.tables.of(entity).c.id
    # Said of both sides: the planner carries no range from one to the other.
    return _mending(compiled, entity, fields, found).where(written >= LOW, written <= HIGH)


def _update(compiled: CompiledModel, entity: str, fields: Sequence[str]) -> Executable:
    table = compiled.tables.of(entity)
    known = compiled.model.entities[entity].fields
    statement = _select(compiled, entity, fields)
    row = statement.selected_columns.id
    found = statement.where(row == any_(IDS)).subquery("n")
    answer: list[ColumnElement[Any]] = [table.c.id]
    for at, key in enumerate(fields):
        answer += [found.c[f"old_{at}"], table.c[known[key].column]]
    return _mending(compiled, entity, fields, found).returning(*answer)


def _mending(
    compiled: CompiledModel, entity: str, fields: Sequence[str], found: FromClause
) -> Update:
    """Return the update of the rows whose values are not those that were found."""
    table = compiled.tables.of(entity)
    known = compiled.model.entities[entity].fields
    columns = {table.c[known[key].column]: found.c[f"new_{at}"] for at, key in enumerate(fields)}
    changed = or_(*(column.is_distinct_from(value) for column, value in columns.items()))
    return update(table).values(columns).where(table.c.id == found.c.id, changed)
