"""Groups and measures over the rows that a person may see, with the statement they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column
from sqlalchemy.types import Integer

from engine.access.grants import rights_key, sees_sql
from engine.context import Context
from engine.doors import Access
from engine.query.binds import binds
from engine.query.gathering import filtered
from engine.query.joins import RowSource
from engine.query.legible import live_entity, require_legible
from engine.query.paging import Cut, cut
from engine.query.spec import AggregateQuery, AggregateResult, LinkValue, ListQuery
from engine.query.titles import titles_of
from engine.query.ways import Shape, shape_of
from engine.query.whose import whose
from engine.query.written import written_out
from formula.backends.contract import Columns
from formula.backends.sql import compile_sql
from formula.typed import Typed
from formula.types import ChoiceType, RecordType

MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class QueryRows:
    """The rows of the query itself, for measures; a condition filters the aggregate alone."""

    source: RowSource

    @property
    def columns(self) -> Columns:
        return self.source

    def aggregate(
        self, value: ColumnElement[Any], where: Sequence[ColumnElement[bool]]
    ) -> ColumnElement[Any]:
        """Return `value` with the condition on every aggregate function in it."""
        return filtered(value, where)


def aggregate(
    ctx: Context, access: Access, connection: Connection, query: AggregateQuery
) -> AggregateResult:
    """Return one mapping for each group, in the groups' order; records as links with titles."""
    _require_askable(ctx, access, query)
    shape = shape_of(ctx, access, _rows_of(query), every=True)
    key = ("aggregate", shape, *_asked(query), *rights_key(ctx))
    statement = ctx.compiled.keep(key, lambda: _statement(ctx, access, query, shape))
    limit = max(1, min(query.limit, MOST_GROUPS))
    values = {**binds(ctx), "groups": limit + 1}
    found = connection.execute(statement, values).all()
    names = [*query.group_by, *query.measures]
    rows = [dict(zip(names, row, strict=True)) for row in found[:limit]]
    for name, typed in query.group_by.items():
        if isinstance(typed.type, RecordType):
            _name_records(ctx, access, connection, rows, name, typed.type)
    if not query.sort:
        rows.sort(key=lambda row: tuple(_order(row[n], t) for n, t in query.group_by.items()))
    sql = written_out(ctx, statement, values) if query.explain and sees_sql(ctx) else ""
    scope = whose(ctx, access, query.entity, _formulas(query))
    return AggregateResult(tuple(rows), sql, everything=len(found) <= limit, scope=scope)


def _formulas(query: AggregateQuery) -> tuple[Typed | None, ...]:
    return (query.filter, *query.group_by.values(), *query.measures.values())


def _require_askable(ctx: Context, access: Access, query: AggregateQuery) -> None:
    """Raise `QueryInvalid` for what the person may not read; who sees no row may ask anything."""
    live_entity(ctx, query.entity)
    if not access.readable(ctx, query.entity):
        return
    for where, formulas in (("group_by", query.group_by), ("measures", query.measures)):
        for typed in formulas.values():
            require_legible(ctx, typed, where=where)
    if query.filter is not None:
        require_legible(ctx, query.filter, where="filter")


def _asked(query: AggregateQuery) -> tuple[object, ...]:
    names = [*query.group_by, *query.measures]
    return (
        query.entity,
        query.filter.asked if query.filter else None,
        tuple(typed.text for typed in query.group_by.values()),
        tuple(typed.text for typed in query.measures.values()),
        tuple((names.index(name), falling) for name, falling in query.sort),
    )


def _rows_of(query: AggregateQuery) -> ListQuery:
    return ListQuery(query.entity, filter=query.filter)


def _statement(ctx: Context, access: Access, query: AggregateQuery, shape: Shape) -> Select[Any]:
    body: Cut = cut(ctx, access, _rows_of(query), reach="whole", shape=shape)
    source = body.reading.source
    groups = [compile_sql(typed, source) for typed in query.group_by.values()]
    rows = QueryRows(source)
    measures = [compile_sql(typed, source, rows=rows) for typed in query.measures.values()]
    named = [value.label(f"c{index}") for index, value in enumerate((*groups, *measures))]
    # By position: a group's formula has binds, and PostgreSQL would take it for two formulas.
    places: list[ColumnElement[Any]] = [
        literal_column(str(index + 1)) for index in range(len(groups))
    ]
    statement = body.rows(named).limit(bindparam("groups", type_=Integer()))
    if not places:
        return statement
    names = [*query.group_by, *query.measures]
    order = [_place(names.index(name), falling=falling) for name, falling in query.sort]
    return statement.group_by(*places).order_by(*order, *places)


def _place(index: int, *, falling: bool) -> ColumnElement[Any]:
    place: ColumnElement[Any] = literal_column(str(index + 1))
    return (place.desc() if falling else place.asc()).nulls_last()


def _name_records(
    ctx: Context,
    access: Access,
    connection: Connection,
    rows: list[dict[str, object]],
    name: str,
    type_: RecordType,
) -> None:
    """Put links with titles in place of ids; one statement for each possible entity."""
    ids = [value for row in rows if isinstance(value := row[name], UUID)]
    titles: dict[UUID, LinkValue] = {}
    for entity in type_.entities:
        titles.update(titles_of(ctx, access, connection, entity, ids))
    for row in rows:
        value = row[name]
        if isinstance(value, UUID):
            row[name] = titles.get(value)


def _order(value: object, typed: Typed) -> tuple[bool, Any]:  # Any: whatever the group's type is
    """Return where a group stands: options in their order, links by title, blank last."""
    if value is None:
        return True, ""
    if isinstance(value, LinkValue):
        return False, value.title or ""
    if isinstance(typed.type, ChoiceType) and value in typed.type.codes:
        return False, typed.type.codes.index(str(value))
    return False, value
