"""The rows a question means, and the page that is cut from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.types import Integer

from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access
from engine.query.gathering import Joins, Reach
from engine.query.joins import RowSource
from engine.query.kept import unconverted
from engine.query.matching import matching_of
from engine.query.paths import Reading
from engine.query.positions import behind
from engine.query.sorting import Key, after
from engine.query.spec import ListQuery
from engine.query.ways import Shape, Way, among
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
    way: Way | None = None,
    shape: Shape = (),
) -> Cut:
    """Return the rows that a question means, under the person's rights, or those of one way.

    With `reach` "whole" every row of the entity is gone through anyway; with a `shape` those
    that are found in ways of that shape, which need not be the first in any order.
    """
    row = ctx.compiled.tables.of(query.entity).alias()
    joins = Joins(row, reach)
    plain = RowSource.over(ctx.compiled, query.entity, row, roots=roots, joins=joins)
    reading = Reading.of(ctx, access, plain)
    source = reading.source
    where: list[ColumnElement[bool]] = [*source.alive()]
    if query.trashed:
        where = [row.c.sys_trashed_at.is_not(None)]
    verdict = access.row_filter(ctx, query.entity, "read")
    if way is not None:
        where.append(way.sql(source))
    elif shape:
        where.append(among(ctx, access, query, shape, row))
    elif verdict is not None:
        where.append(allows(verdict, source))
    where += _asked(ctx, query, source)
    return Cut(reading, tuple(where))


def _asked(ctx: Context, query: ListQuery, source: RowSource) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a question besides rights."""
    row = source.row
    if query.filter is not None:
        yield (compile_filter(query.filter, source))
    if query.among is not None:
        yield (row.c.id == bindparam("among_ids", type_=ARRAY(Uuid())).any_())
    if query.unconverted:
        field = ctx.model.entities[query.entity].fields[query.unconverted]
        yield (unconverted(ctx, field, row))
    if query.mark is not None:
        yield (behind(ctx, query.entity, query.mark, row))
    if query.search:
        yield (matching_of(ctx, query.entity, query.search).condition(source))


Part = tuple[Cut, tuple[Key, ...]]
"""Rows that are looked for in one way, and the keys of the order as they read them."""


def paged(parts: Sequence[Part], segment: int | None) -> FromClause:
    """Return the page's ids with `key_0` … and `segment`; `segment` None starts at the first row.

    Rows that are found in several ways are in it once. Where the first key may be blank, rows
    whose key is blank make up segment 1, which is read only as far as segment 0 leaves the
    page open.
    """
    limit = bindparam("page_rows", type_=Integer())
    goes_on = segment is not None
    nullable = parts[0][1][0].nullable
    if not nullable or segment == 1:
        return _merged(parts, _Piece(segment or 0, goes_on, nullable), limit).subquery("page")
    head = _merged(parts, _Piece(0, goes_on, nullable), limit).cte("head")
    left = limit - select(func.count()).select_from(head).scalar_subquery()
    tail = _merged(parts, _Piece(1, goes_on=False, split=True), left).cte("tail")
    return union_all(select(head), select(tail)).subquery("page")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment, whether it goes on after a cursor, and whether its first key tells it apart."""

    segment: int
    goes_on: bool
    split: bool


def _merged(parts: Sequence[Part], piece: _Piece, limit: ColumnElement[Any]) -> Select[Any]:
    """Return the first rows of a segment: of each way those, and of all of them the first."""
    pieces = [_segment(body, keys, piece).limit(limit) for body, keys in parts]
    if len(pieces) == 1:
        return pieces[0]
    # Every way's rows come in order, so that they are merged as they are read, and no further.
    united = union_all(*(select(each.subquery()) for each in pieces)).subquery("ways")
    keys = parts[0][1]
    ends = [united.c[f"key_{index}"] for index in range(len(keys))]
    start = 1 if piece.split and piece.segment == 1 else 0
    order = [key.order(end) for key, end in zip(keys, ends, strict=True)][start:]
    return select(united).ext(distinct_on(*ends[start:])).order_by(*order).limit(limit)


def _segment(body: Cut, keys: tuple[Key, ...], piece: _Piece) -> Select[Any]:
    """Return one segment in order."""
    row = body.reading.source.row
    ends = [key.value.label(f"key_{index}") for index, key in enumerate(keys)]
    which: ColumnElement[Any] = literal_column(str(piece.segment))
    statement = body.rows([row.c.id.label("id"), *ends, which.label("segment")])
    first = 0
    if piece.split and piece.segment == 1:
        statement = statement.where(keys[0].value.is_(None))
        keys, first = keys[1:], 1
    elif piece.split:
        statement = statement.where(keys[0].value.is_not(None))
        keys = (replace(keys[0], nullable=False), *keys[1:])
    if piece.goes_on:
        statement = statement.where(after(keys, first=first))
    return statement.order_by(*(key.order(key.value) for key in keys))
