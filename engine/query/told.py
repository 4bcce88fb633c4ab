"""Formulas on records and on the members of their collections, as somebody may see them.

What a text with gaps is filled from. A plain field is told as a list tells it: a link with its
title, a masked value as its mask. Any other formula is worked out by PostgreSQL where every field
in it may be read, and is blank where one may not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Uuid, bindparam, null, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.fields import may_read, may_read_all
from engine.access.grants import rights_key
from engine.access.policy import Readings, allows
from engine.context import Context
from engine.doors import Access
from engine.errors import NotFound
from engine.query.joins import MemberRows, RowSource
from engine.query.paths import Cell, Reading, cell_of
from engine.query.reader import Seen, unwatched
from engine.values.sending import Request, send, sentence
from formula.backends.sql import compile_sql
from formula.scope import CollectionBinding, FieldBinding, TableBinding
from formula.typed import Read, Typed
from metamodel.views import FieldPath

MOST_MEMBERS = 20_000
"""Members of one collection, over all records asked for together, that are told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Formulas over records of an entity, by key, and what is asked of members of collections."""

    entity: str
    formulas: tuple[Typed, ...]
    members: tuple[tuple[CollectionBinding, Asked], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One record's values in the order of the formulas, and its members by collection."""

    id: UUID
    values: tuple[object, ...]
    members: tuple[tuple[Told, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement, and how its rows are read; `before` columns come before the values."""

    statement: Select[Any]
    cells: tuple[Cell | None, ...]
    before: int

    def values(self, row: Sequence[Any]) -> tuple[object, ...]:
        found, at = [], self.before
        for cell in self.cells:
            found.append(None if cell is None else cell.read(row, at))
            at += 0 if cell is None else len(cell.columns)
        return tuple(found)


class Telling:
    """Works formulas out over records, under a person's rights; `seen` counts what is shown."""

    def __init__(self, database: Readings, access: Access, *, seen: Seen = unwatched) -> None:
        self._database = database
        self._access = access
        self._seen = seen

    def tell(self, ctx: Context, asked: Asked, ids: Sequence[UUID]) -> tuple[Told, ...]:
        """Return what is told of records, in the order asked.

        Raises `NotFound` for any that is not there or that the person may not read.
        """
        with self._database.reading(ctx) as connection:
            found = _Work(ctx, self._access, connection).records(asked, ids)
        self._seen(ctx, asked.entity, len(found))
        return found


@dataclass(frozen=True, slots=True)
class _Work:
    ctx: Context
    access: Access
    connection: Connection

    def records(self, asked: Asked, ids: Sequence[UUID]) -> tuple[Told, ...]:
        """Return what is told of records that the person may read."""
        key = ("told", asked.entity, _named(asked))
        plan, rows = self._run(key, ids, lambda: self._own_plan(asked))
        found = {row[0]: Told(row[0], plan.values(row)) for row in rows}
        missing = [one for one in ids if one not in found]
        if missing:
            kind = self.ctx.model.entities[asked.entity]
            raise NotFound(entity=kind.name, id=str(missing[0]))
        return self._with_members(asked, [found[one] for one in ids])

    def _with_members(self, asked: Asked, holders: Sequence[Told]) -> tuple[Told, ...]:
        """Return records with the members of each collection that is asked for."""
        ids = [each.id for each in holders]
        by_collection = [
            self._members(asked.entity, collection, inner, ids)
            for collection, inner in (asked.members if ids else ())
        ]
        return tuple(
            replace(each, members=tuple(found.get(each.id, ()) for found in by_collection))
            for each in holders
        )

    def _members(
        self, holder: str, collection: CollectionBinding, asked: Asked, ids: Sequence[UUID]
    ) -> Mapping[UUID, tuple[Told, ...]]:
        """Return the members of records by their holder, in order."""
        steps = (*collection.links, collection.via)
        if not all(may_read(self.ctx, step) for step in steps):
            return {}
        key = ("told members", holder, collection.path, _named(asked))
        plan, rows = self._run(key, ids, lambda: self._member_plan(holder, collection, asked))
        told = [Told(row[0], plan.values(row)) for row in rows]
        found: defaultdict[UUID, list[Told]] = defaultdict(list)
        for row, each in zip(rows, self._with_members(asked, told), strict=True):
            found[row[1]].append(each)
        return {one: tuple(members) for one, members in found.items()}

    def _run(
        self, key: tuple[Hashable, ...], ids: Sequence[UUID], make: Callable[[], _Plan]
    ) -> tuple[_Plan, Sequence[Any]]:
        key = (*key, *rights_key(self.ctx))
        plan = self.ctx.compiled.keep(key, make)
        asked = sentence(self.connection, self.ctx, key, lambda: plan.statement)
        return plan, send(self.connection, self.ctx, Request(asked, ({"ids": list(ids)},)))

    def _own_plan(self, asked: Asked) -> _Plan:
        reading = self._over(asked.entity)
        row = reading.source.row
        where = [row.c.id == bindparam("ids", type_=ARRAY(Uuid())).any_()]
        where += reading.source.alive()
        verdict = self.access.row_filter(self.ctx, asked.entity, "read")
        if verdict is not None:
            where.append(allows(verdict, reading.source))
        cells = tuple(_cell(reading, reading, each) for each in asked.formulas)
        columns = [column for cell in cells if cell is not None for column in cell.columns]
        statement = select(*_labelled([row.c.id, *columns]))
        return _Plan(statement.select_from(reading.source.joins.clause()).where(*where), cells, 1)

    def _member_plan(self, holder: str, collection: CollectionBinding, asked: Asked) -> _Plan:
        outer = self._over(holder)
        members = outer.source.rows(collection)
        if not isinstance(members, MemberRows):
            raise TypeError("a record's collection is read from its members")
        inner = replace(outer, source=members.source)
        cells = tuple(_cell(inner, outer, each) for each in asked.formulas)
        columns = [column for cell in cells if cell is not None for column in cell.columns]
        held, row, above = members.source, members.source.row, outer.source.row
        shown = members.meant.shown()
        where = [above.c.id == bindparam("ids", type_=ARRAY(Uuid())).any_(), *held.alive()]
        where += [members.via == members.anchor.row.c.id, members.meant.row.c.id.is_not(None)]
        where += [] if shown is None else [shown]
        order = [row.c[name] for name in ("sys_position", "place") if name in row.c]
        statement = (
            select(*_labelled([row.c.id, above.c.id, *columns]))
            .select_from(outer.source.joins.clause(), held.joins.clause())
            .where(*where)
            .order_by(above.c.id, *order, row.c.id)
            .limit(MOST_MEMBERS)
        )
        return _Plan(statement, cells, 2)

    def _over(self, entity: str) -> Reading:
        row = self.ctx.compiled.tables.of(entity).alias()
        source = RowSource.over(self.ctx.compiled, entity, row)
        return Reading.of(self.ctx, self.access, source)


def _cell(reading: Reading, outer: Reading, typed: Typed) -> Cell | None:
    """Return how a formula is told; None where it is made of what the person may not read."""
    binding = typed.node.binding if isinstance(typed.node, Read) else None
    if isinstance(binding, FieldBinding | TableBinding):
        base = binding.base if isinstance(binding, TableBinding) else binding
        if base.steps and base.root == "record":
            return cell_of(reading, FieldPath(typed.text, binding))
        if isinstance(binding, FieldBinding) and binding.steps and binding.root == "this":
            return cell_of(outer, FieldPath(typed.text, replace(binding, root="record")))
    needs = typed.dependencies
    outside = replace(needs, reads=needs.outer, collections=frozenset())
    if not may_read_all(reading.ctx, needs) or not may_read_all(reading.ctx, outside):
        return None
    return Cell((compile_sql(typed, reading.source),))


def _labelled(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [column.label(f"c{index}") for index, column in enumerate(columns)] or [null()]


def _named(asked: Asked) -> Hashable:
    return (
        tuple(each.asked for each in asked.formulas),
        tuple((collection.path, _named(inner)) for collection, inner in asked.members),
    )
