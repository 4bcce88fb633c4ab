"""The FROM clause of a statement as it grows: joins to linked rows, and gathered collections.

All aggregates over one collection of one row are gathered in a single sub-query beside the
row, never one for each value that is read. It is LATERAL, which looks up the members of the
rows that are left after a page was cut, or, where every row is needed anyway to sort or to
group, one GROUP BY over all members that is then joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Join,
    Select,
    exists,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import Cast, ColumnClause, FunctionFilter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import replacement_traverse

Sql = ColumnElement[Any]

Reach = Literal["each", "whole"]
"""Whether few rows are asked for their members, or all rows of a table are."""

AGGREGATES = frozenset(
    {"sum", "count", "min", "max", "bool_or", "bool_and", "string_agg", "array_agg"}
)
"""The functions of SQL that a condition of an aggregate goes to, as FILTER."""


def filtered(value: Sql, where: Sequence[ColumnElement[bool]]) -> Sql:
    """Return `value` with the conditions on every aggregate function in it."""
    if not where:
        return value

    def conditional(element: object, **_: object) -> FunctionFilter[Any] | None:
        if isinstance(element, FunctionElement) and element.name in AGGREGATES:
            return element.filter(*where)
        return None

    found: Sql = replacement_traverse(value, {}, conditional)
    return found


@dataclass(slots=True)
class Joins:
    """A base, and what is joined to it, in the order met.

    `gathered` are collections by the table that holds their members. `names` numbers them;
    all parts of one statement that nest share it.
    """

    base: FromClause
    reach: Reach = "each"
    steps: list[tuple[FromClause, ColumnElement[bool]] | Gathering] = field(default_factory=list)
    gathered: dict[FromClause, Gathering] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=count)

    def clause(self) -> FromClause:
        """Return base and joins as one FROM clause; take it after everything was compiled."""
        clause = self.base
        for step in self.steps:
            clause = clause.outerjoin(*(step.joined() if isinstance(step, Gathering) else step))
        return clause

    def join(self, target: FromClause, condition: ColumnElement[bool]) -> None:
        """Add a row that may be missing."""
        self.steps.append((target, condition))

    def holds(self, value: Sql) -> bool:
        """Return whether a value reads nothing but what is joined here."""
        tables = {id(each) for each in _tables(self.base)}
        tables |= {id(step[0]) for step in self.steps if not isinstance(step, Gathering)}
        names = {step.name for step in self.steps if isinstance(step, Gathering)}
        return all(
            each.name.split(".")[0] in names if each.is_literal else id(each.table) in tables
            for each in visitors.iterate(value)
            if isinstance(each, ColumnClause) and _is_column(each)
        )


@dataclass(frozen=True, slots=True)
class Members:
    """The live members of a collection: their own joins, and what ties them to their holder.

    `via` is what a member points with, `holder` the id of the row that it points to.
    `alive` are conditions on every member.
    """

    joins: Joins
    via: Sql
    holder: Sql
    alive: tuple[ColumnElement[bool], ...] = ()


@dataclass(slots=True)
class Gathering:
    """All aggregates over one collection of one row, as one sub-query called `name`."""

    name: str
    members: Members
    reach: Reach
    values: list[tuple[Sql, tuple[ColumnElement[bool], ...]]] = field(default_factory=list)

    def column(self, value: Sql, where: Sequence[ColumnElement[bool]]) -> Sql:
        """Return the column of an aggregate under its condition; the same is not added twice."""
        wanted = (value, tuple(where))
        for place, known in enumerate(self.values):
            if _same(known, wanted):
                return self._at(place, value)
        self.values.append(wanted)
        return self._at(len(self.values) - 1, value)

    def joined(self) -> tuple[FromClause, ColumnElement[bool]]:
        """Return the sub-query and the condition to join it on."""
        members = self.members
        inner = members.joins.clause()
        shared = self._shared()
        columns = [
            filtered(value, [each for each in where if not _among(each, shared)]).label(f"a{place}")
            for place, (value, where) in enumerate(self.values)
        ]
        if self.reach == "whole":
            statement = select(members.via.label("of"), *columns).select_from(inner)
            statement = statement.where(*members.alive, *shared).group_by(members.via)
            grouped = statement.correlate(None).subquery(self.name)
            return grouped, grouped.c.of == members.holder
        own = [inner, *_tables(inner)]
        statement = select(*columns).select_from(inner)
        statement = statement.where(members.via == members.holder, *members.alive, *shared)
        return statement.correlate_except(*own).lateral(self.name), true()

    def _at(self, place: int, value: Sql) -> Sql:
        column: Sql = literal_column(f"{self.name}.a{place}", value.type)
        if self.reach == "whole" and _counts(value):
            # No group is there for a row without members.
            return func.coalesce(column, literal_column("0"), type_=value.type)
        return column

    def _shared(self) -> list[ColumnElement[bool]]:
        """Return the conditions that all aggregates have: an index may serve them."""
        first, *others = [where for _, where in self.values]
        return [each for each in first if all(_among(each, where) for where in others)]


def gather(
    outer: Joins,
    members: Members,
    aggregate: tuple[Sql, tuple[ColumnElement[bool], ...]],
) -> Sql:
    """Return the column of an aggregate over the members of a row in `outer`.

    What reads the row outside stands in a sub-query of its own, after all that it reads.
    """
    value, where = aggregate
    if all(members.joins.holds(each) for each in (value, *where)):
        known = outer.gathered.get(members.joins.base)
        if known is None:
            known = outer.gathered[members.joins.base] = Gathering(
                f"g_{next(outer.names)}", members, outer.reach
            )
            outer.steps.append(known)
        return known.column(value, where)
    apart = Gathering(f"g_{next(outer.names)}", members, "each")
    outer.steps.append(apart)
    return apart.column(value, where)


def present(members: Members, where: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return whether a row has any member that meets all conditions.

    Take it after everything in the conditions was compiled. PostgreSQL chooses whether to look
    members up for each row, or to begin with the members.
    """
    inner = members.joins.clause()
    found: Select[Any] = select(literal_column("1")).select_from(inner)
    found = found.where(members.via == members.holder, *members.alive, *where)
    return exists(found.correlate_except(inner, *_tables(inner)))


def _tables(clause: FromClause) -> Iterator[FromClause]:
    """Yield what a FROM clause is joined of."""
    if isinstance(clause, Join):
        yield from _tables(clause.left)
        yield from _tables(clause.right)
    else:
        yield clause


def _is_column(element: ColumnClause[Any]) -> bool:
    """Return whether this names a column, and is no keyword written out."""
    return element.table is not None or (element.is_literal and element.name.startswith("g_"))


def _counts(value: Sql) -> bool:
    """Return whether an aggregate is a number of members, which is never blank."""
    counted = value.clause if isinstance(value, Cast) else value
    return isinstance(counted, FunctionElement) and counted.name == "count"


def _same(
    one: tuple[Sql, tuple[ColumnElement[bool], ...]],
    other: tuple[Sql, tuple[ColumnElement[bool], ...]],
) -> bool:
    if len(one[1]) != len(other[1]) or not one[0].compare(other[0]):
        return False
    return all(_among(each, other[1]) for each in one[1])


def _among(one: ColumnElement[bool], others: Sequence[ColumnElement[bool]]) -> bool:
    return any(one.compare(other) for other in others)
