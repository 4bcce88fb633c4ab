"""Which records people gain and lose between two sets of rights, found by the database for many.

One statement asks for everybody with the same roles: what a condition reads of the person comes
from a row for each of them. Where conditions read only the record's own columns, records that
are alike in these are counted once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, ColumnClause
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from engine.access.policy import allows
from engine.context import Actor, Context
from engine.doors import Access
from engine.query.binds import binds
from engine.query.gathering import Joins
from engine.query.joins import RowSource
from formula.typed import Dependencies, Typed

RecordAction = Literal["read", "update", "delete", "export"]
"""What is done with records that are there."""

Question = Select[*tuple[Any, ...]]
"""A statement of one row, about one person."""

EXAMPLES = 5
"""Records that are named of those gained, and of those lost."""

BUDGET = 20_000_000
"""Rows that one statement looks at in all; of larger tables fewer people are asked about."""

PEOPLE = "people"

PERSON = "user__"
"""How binds begin that a condition reads the person through."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How many records one person gains and loses; a few of them, the latest first."""

    gained: int
    lost: int
    some_gained: tuple[UUID, ...] = ()
    some_lost: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """Two contexts that differ in model or roles, and an action on an entity of both."""

    before: Context
    after: Context
    access: Access
    entity: str
    action: RecordAction

    def conditions(self) -> tuple[Typed | None, Typed | None]:
        """Return both conditions on rows; None: no restriction."""
        first, second = (
            self.access.row_filter(ctx, self.entity, self.action)
            for ctx in (self.before, self.after)
        )
        return first, second

    def differ(self) -> bool:
        """Return whether the conditions say different things."""
        first, second = ("" if each is None else each.text for each in self.conditions())
        return first != second

    def can_tell(self) -> bool:
        """Return whether the data is there already that the new condition reads."""
        condition = self.conditions()[1]
        return condition is None or _is_there(self, condition.dependencies)


def shifts(
    connection: Connection, sides: Sides, people: Sequence[Actor]
) -> tuple[Mapping[UUID, Shift], int]:
    """Return the shift of each person who has one, and of how many people was asked.

    People are all those with the roles of the two sides.
    """
    change = _Change.of(sides)
    facts = change.facts()
    asked = people if facts is not None else people[: _affordable(connection, sides)]
    counted = change.counted() if facts is None else facts
    rows = _run(connection, sides, _for_each(counted), asked)
    return {row.who: Shift(row.gained, row.lost) for row in rows}, len(asked)


def examples(
    connection: Connection, sides: Sides, people: Sequence[Actor], found: Mapping[UUID, Shift]
) -> Mapping[UUID, Shift]:
    """Return shifts with the ids of a few records, for these people."""
    rows = _run(connection, sides, _for_each(_Change.of(sides).some()), people)
    return {
        row.who: replace(found[row.who], some_gained=tuple(row.gained), some_lost=tuple(row.lost))
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class _Change:
    """The live rows of an entity with whether each was allowed, and will be."""

    row: FromClause
    joins: Joins
    was: ColumnElement[bool]
    becomes: ColumnElement[bool]
    alive: tuple[ColumnElement[bool], ...]

    @classmethod
    def of(cls, sides: Sides) -> _Change:
        row = sides.before.compiled.tables.of(sides.entity).alias("r")
        joins = Joins(row)
        sources = [
            RowSource.over(ctx.compiled, sides.entity, row, joins=joins)
            for ctx in (sides.before, sides.after)
        ]
        was, becomes = (
            func.coalesce(allows(each, source), literal_column("false"))
            for each, source in zip(sides.conditions(), sources, strict=True)
        )
        return cls(row, joins, was, becomes, sources[0].alive())

    def counted(self) -> Question:
        """Return how many rows are gained and lost, row by row."""
        rows = self._rows(self.was, self.becomes).subquery("d")
        return select(
            func.count().filter(rows.c.gained).label("gained"),
            func.count().filter(not_(rows.c.gained)).label("lost"),
        )

    def facts(self) -> Question | None:
        """Return the same over rows that are alike; None where each row stands for itself."""
        own = self._own_columns()
        if own is None:
            return None
        counted = select(*own.values(), func.count().label("n")).where(*self.alive)
        counted = counted.select_from(self.row).group_by(*own.values())
        alike = counted.cte("alike").prefix_with("MATERIALIZED")

        def moved(element: object, **_: object) -> ColumnElement[Any] | None:
            if isinstance(element, ColumnClause) and element.table is self.row:
                return alike.c[element.name]
            return None

        was, becomes = (replacement_traverse(e, {}, moved) for e in (self.was, self.becomes))
        total = func.sum(alike.c.n)
        return select(
            func.coalesce(total.filter(and_(becomes, not_(was))), 0).label("gained"),
            func.coalesce(total.filter(and_(was, not_(becomes))), 0).label("lost"),
        ).select_from(alike)

    def some(self) -> Question:
        """Return the ids of a few rows that are gained, and of a few that are lost."""
        picked = [
            func.array(
                select(self.row.c.id)
                .select_from(self.joins.clause())
                .where(*self.alive, one, not_(other))
                .order_by(self.row.c.id.desc())
                .limit(EXAMPLES)
                .scalar_subquery()
            ).label(name)
            for name, one, other in (
                ("gained", self.becomes, self.was),
                ("lost", self.was, self.becomes),
            )
        ]
        return select(*picked)

    def _rows(self, was: ColumnElement[bool], becomes: ColumnElement[bool]) -> Select[Any]:
        return (
            select(becomes.label("gained"))
            .select_from(self.joins.clause())
            .where(*self.alive, was != becomes)
        )

    def _own_columns(self) -> dict[str, ColumnElement[Any]] | None:
        """Return the row's own columns that are read, where nothing else is."""
        if self.joins.steps:
            return None
        found: dict[str, ColumnElement[Any]] = {}
        for condition in (self.was, self.becomes):
            for element in visitors.iterate(condition):
                if isinstance(element, SelectBase):
                    return None
                if isinstance(element, ColumnClause) and element.table is self.row:
                    found[element.name] = element
        return None if "id" in found else found


def _for_each(counted: Question) -> Select[Any]:
    """Return a statement that asks the question for each person: who acts is read of them."""
    known: dict[str, TypeEngine[Any]] = {f"{PERSON}id": Uuid()}

    def of_person(element: object, **_: object) -> ColumnElement[Any] | None:
        if isinstance(element, BindParameter) and element.key.startswith(PERSON):
            known[element.key] = element.type
            return literal_column(f"{PEOPLE}.{element.key}", element.type)
        return None

    told: Select[Any] = replacement_traverse(counted, {}, of_person)  # type: ignore[assignment]
    inner = told.lateral("s")
    given = func.jsonb_to_recordset(cast(bindparam(PEOPLE, type_=Text()), JSONB))
    columns = [column(name, type_) for name, type_ in known.items()]
    people = given.table_valued(*columns).render_derived(name=PEOPLE, with_types=True)
    who = people.c[f"{PERSON}id"].label("who")
    return select(who, inner.c.gained, inner.c.lost).select_from(people.join(inner, true()))


def _run(
    connection: Connection, sides: Sides, statement: Select[Any], people: Sequence[Actor]
) -> list[Row[Any]]:
    """Run a question for people; return a row for each of those whom anything changes for."""
    known = {**binds(sides.before), **binds(sides.after)}
    values = {name: value for name, value in known.items() if not name.startswith(PERSON)}
    said = [_said(replace(sides.after, actor=actor)) for actor in people]
    rows = connection.execute(statement, {**values, PEOPLE: json.dumps(said)})
    return [row for row in rows if row.gained or row.lost]


def _said(ctx: Context) -> dict[str, object]:
    """Return what conditions read of a person, as JSON has it."""
    return {
        name: [str(each) for each in value] if isinstance(value, list) else value and str(value)
        for name, value in binds(ctx).items()
        if name.startswith(PERSON)
    }


def _affordable(connection: Connection, sides: Sides) -> int:
    """Return how many people can be asked about each row of a table by itself."""
    table = sides.before.compiled.tables.of(sides.entity)
    rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return max(EXAMPLES, BUDGET // (rows + 1))


def _is_there(sides: Sides, needs: Dependencies) -> bool:
    """Return whether everything that a formula of the new model reads has its column already."""
    chains = [*needs.reads]
    for collection in needs.collections:
        chains += [(*collection.links, collection.via), *collection.reads]
    return all(_has_column(sides, step.entity, step.field) for chain in chains for step in chain)


def _has_column(sides: Sides, entity: str, key: str) -> bool:
    model, tables = sides.after.model, sides.before.compiled.tables
    if entity not in sides.before.model.entities:
        return False
    field = model.entities[entity].fields[key]
    if field.link is not None and field.link.many:
        return field.link.through in sides.before.model.entities
    names = [*field.columns.values(), *([field.column] if field.column else [])]
    if not names and field.formula is not None:
        return _is_there(sides, field.formula.dependencies)
    return all(name in tables.of(entity).c for name in names)
