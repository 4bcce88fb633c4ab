"""The rows a question means, and the page that is cut from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.types import Integer

from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access
from engine.query.gathering import Joins, Reach
from engine.query.joins import RowSource
from engine.query.matching import matching_of
from engine.query.paths import Reading
from engine.query.shared import Given
from engine.query.sorting import Key, after
from engine.query.spec import ListQuery
from formula.backends.contract import Columns
from formula.backends.sql import compile_filter
from formula.scope import Root


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of a question before they are paged: a row source and its conditions."""

    reading: Reading
    where: tuple[ColumnElement[bool], ...]

    def rows(self, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Return a statement over the rows; every column must have been compiled before."""
        source = self.reading.source
        return select(*columns).select_from(source.joins.clause()).where(*self.where)


def cut(
    ctx: Context,
    access: Access,
    query: ListQuery,
    *,
    roots: Mapping[Root, Columns] | None = None,
    reach: Reach = "each",
    bound: set[Given] | None = None,
) -> Cut:
    """Return the rows that a question means, under the person's rights.

    With `reach` "whole" every row of the entity is gone through anyway; `bound` collects what
    the statement asks of shares as binds.
    """
    row = ctx.compiled.tables.of(query.entity).alias()
    joins = Joins(row, reach)
    plain = RowSource.over(ctx.compiled, query.entity, row, roots=roots, joins=joins)
    plain = replace(plain, frame=replace(plain.frame, bound=bound))
    reading = Reading.of(ctx, access, plain)
    source = reading.source
    where: list[ColumnElement[bool]] = [*source.alive()]
    if query.trashed:
        where = [row.c.sys_trashed_at.is_not(None)]
    verdict = access.row_filter(ctx, query.entity, "read")
    if verdict is not None:
        where.append(allows(verdict, source))
    if query.filter is not None:
        where.append(compile_filter(query.filter, source))
    if query.search:
        where.append(matching_of(ctx, query.entity, query.search).condition(source))
    return Cut(reading, tuple(where))


def paged(body: Cut, keys: tuple[Key, ...], segment: int | None) -> FromClause:
    """Return the page's ids with `key_0` … and `segment`; `segment` None starts at the first row.

    Where the first key may be blank, rows whose key is blank make up segment 1, which is
    read only as far as segment 0 leaves the page open.
    """
    limit = bindparam("page_rows", type_=Integer())
    if not keys[0].nullable:
        start = None if segment is None else after(keys)
        return _segment(body, keys, 0, start).limit(limit).subquery("page")
    if segment == 1:
        start = after(keys[1:], first=1)
        return _segment(body, keys, 1, start).limit(limit).subquery("page")
    filled = (Key(keys[0].value, keys[0].type, keys[0].descending, nullable=False), *keys[1:])
    start = None if segment is None else after(filled)
    head = _segment(body, filled, 0, start, split=True).limit(limit).cte("head")
    left = limit - select(func.count()).select_from(head).scalar_subquery()
    tail = _segment(body, keys, 1, None).limit(left).cte("tail")
    return union_all(select(head), select(tail)).subquery("page")


def _segment(
    body: Cut,
    keys: tuple[Key, ...],
    segment: int,
    start: ColumnElement[bool] | None,
    *,
    split: bool = False,
) -> Select[Any]:
    """Return one segment in order; with `split` those rows whose first key is not blank."""
    row = body.reading.source.row
    ends = [key.value.label(f"key_{index}") for index, key in enumerate(keys)]
    which: ColumnElement[Any] = literal_column(str(segment))
    statement = body.rows([row.c.id.label("id"), *ends, which.label("segment")])
    if split:
        statement = statement.where(keys[0].value.is_not(None))
    if segment == 1:
        statement = statement.where(keys[0].value.is_(None))
        keys = keys[1:]
    if start is not None:
        statement = statement.where(start)
    return statement.order_by(*(key.order(key.value) for key in keys))
