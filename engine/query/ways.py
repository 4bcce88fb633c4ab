"""The ways in which rights let somebody see a row, each a question that an index can answer.

A right is often "mine, or my departments', or shared with me". No index serves such a condition
as a whole: in a table of a million rows the fifty latest of somebody who sees few are looked for
among all. Asked way by way they are found at once, and the first rows of all ways are merged.
Somebody who sees much, as a list of many departments tells, finds them at once in one walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, select, union

from engine.access.grants import rights_key
from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access
from engine.query.binds import bound
from engine.query.joins import RowSource
from engine.query.spec import ListQuery
from formula.backends.sql import compile_sql
from formula.scope import FieldBinding
from formula.typed import Node, Operation, Read, Typed

FEW = 4
"""Items up to which a list, such as that of somebody's departments, is gone through one by one.

Whoever has more of them sees so much that one walk in the list's order meets it soon, and more
ways would take longer to plan than that.
"""

SOME = 16
"""The same where a filter leaves out most of what such a walk meets."""

MOST = 12
"""Alternatives up to which each is asked for itself."""

STEPS = (1, FEW, SOME)
"""Lengths that statements are made for, so that people with shorter lists share one."""

Shape = tuple[int, ...]
"""For how many items of each list a statement is made; empty where all is asked as one."""


@dataclass(frozen=True, slots=True)
class Way:
    """One condition of several that let a row in; with a list it asks `of`, for one `place`."""

    condition: Typed
    of: str = ""
    place: int = 0

    @property
    def item(self) -> str:
        """The name of the bind that carries the item, "" where the whole condition is meant."""
        return f"{self.of}__{self.place}" if self.of else ""

    def sql(self, source: RowSource) -> ColumnElement[bool]:
        """Return the condition on a row."""
        node = self.condition.node
        if self.item and isinstance(node, Operation):
            left = replace(self.condition, node=node.operands[0], type=node.operands[0].type)
            return compile_sql(left, source.plain) == bindparam(self.item, type_=Uuid())
        return allows(self.condition, source)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What a right is made of, and the lists of the acting person that it reads, as binds."""

    conditions: tuple[Typed, ...]
    lists: tuple[str, ...]


def shape_of(ctx: Context, access: Access, query: ListQuery, *, every: bool = False) -> Shape:
    """Return in which ways the rows of a question are best looked for, by whoever asks.

    A search begins with its words, and whoever sees everything needs no way at all. Where
    `every` row is wanted and not the first of them, a department may hold most of a table, which
    is gone through at once: only what is somebody's own is then looked for.
    """
    if query.search or query.trashed:
        return ()
    rights = access.row_filter(ctx, query.entity, "read")
    if rights is None:
        return ()
    found = _kept(ctx, query.entity, rights)
    if every and found.lists != (OWN,):
        return ()
    lengths = [len(_items(ctx, name)) for name in found.lists]
    most = FEW if query.filter is None else SOME
    if len(found.conditions) > MOST or any(length > most for length in lengths):
        return ()
    return tuple(next(step for step in STEPS if length <= step) for length in lengths)


def ways_of(
    ctx: Context, access: Access, query: ListQuery, shape: Shape, *, ordered: bool
) -> tuple[Way, ...]:
    """Return the ways to look for rows in, none where the right is asked as a whole.

    Where the rows of one owner or department lie `ordered` in an index, each has its own way.
    """
    rights = access.row_filter(ctx, query.entity, "read")
    if rights is None or not shape:
        return ()
    found = _kept(ctx, query.entity, rights)
    sizes = dict(zip(found.lists, shape, strict=True))
    ways = []
    for condition in found.conditions:
        name = _listed(condition.node) if ordered else ""
        ways += [Way(condition, name, place) for place in range(sizes[name] if name else 1)]
    return tuple(ways)


def among(
    ctx: Context, access: Access, query: ListQuery, shape: Shape, row: FromClause
) -> ColumnElement[bool]:
    """Return that a row is among those found in any way, where all of them are gone through."""
    found = []
    for way in ways_of(ctx, access, query, shape, ordered=False):
        each = ctx.compiled.tables.of(query.entity).alias()
        source = RowSource.over(ctx.compiled, query.entity, each)
        condition = way.sql(source)
        found.append(select(each.c.id).select_from(source.joins.clause()).where(condition))
    return row.c.id.in_(union(*found))


def items_of(ctx: Context, ways: tuple[Way, ...]) -> Mapping[str, object]:
    """Return the values of the binds that ways take: items of lists, None beyond their end."""
    lists = {way.of: _items(ctx, way.of) for way in ways if way.of}
    return {
        way.item: lists[way.of][way.place] if way.place < len(lists[way.of]) else None
        for way in ways
        if way.of
    }


def _kept(ctx: Context, entity: str, rights: Typed) -> Alternatives:
    key = ("alternatives", entity, *rights_key(ctx))
    return ctx.compiled.keep(key, lambda: _alternatives(rights))


def _alternatives(rights: Typed) -> Alternatives:
    spread = islice(_spread(rights.node), MOST + 1)
    conditions = tuple(replace(rights, node=node) for node in spread)
    lists = dict.fromkeys(name for each in conditions if (name := _listed(each.node)))
    return Alternatives(conditions, tuple(lists))


def _spread(node: Node) -> Iterator[Node]:
    """Yield the conditions of which any lets a row in: `a and (b or c)` as `a and b`, `a and c`."""
    match node:
        case Operation(operator="or", operands=operands):
            for operand in operands:
                yield from _spread(operand)
        case Operation(operator="and", operands=(left, right)):
            for first in _spread(left):
                for second in _spread(right):
                    yield replace(node, operands=(first, second))
        case _:
            yield node


def _listed(node: Node) -> str:
    """Return the bind of the list that a condition asks one of the row's own columns to be in."""
    match node:
        case Operation(operator="in", operands=(Read(binding=own), Read(binding=among))):
            if isinstance(own, FieldBinding) and isinstance(among, FieldBinding):
                alone = own.root == "record" and len(own.steps) == 1
                if alone and among.root == "user" and among.path[1] in OF_PEOPLE:
                    return "__".join(among.path)
    return ""


OWN = "user__acting_for"

OF_PEOPLE = ("acting_for", "departments", "home_departments")
"""Lists of ids that a link of a record's own is compared with."""


def _items(ctx: Context, name: str) -> Sequence[UUID]:
    """Return a list of the acting person's, by the name of its bind."""
    return cast("Sequence[UUID]", bound(ctx, [name])[name])
