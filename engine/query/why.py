"""Why a computed figure is what it is: the records that it was made of.

A figure is a fact over all rows. Whoever may read it is shown those of them that they may see,
and told that there are others, not how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, literal_column, select
from sqlalchemy.types import Uuid

from engine.access.fields import may_read_all
from engine.access.grants import rights_key
from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access
from engine.errors import NotFound
from engine.query.binds import binds
from engine.query.get import get
from engine.query.joins import MemberRows, RowSource
from engine.query.legible import live_entity
from engine.query.moved import Moved, last_moved
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from formula.backends.sql import compile_filter
from formula.dependencies import inside
from formula.typed import Aggregate, Dependencies, Node, Typed
from formula.types import BooleanType
from metamodel.model import Entity, Field

MOST_LISTED = 200
"""Records of one part that are listed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One aggregate of a figure: records that the person may see, by the entity's key.

    `others` tells that records count which the person may not see, `more` that there are more
    to see than are listed.
    """

    entity: str
    function: str
    records: tuple[LinkValue, ...]
    others: bool
    more: bool


class Figures:
    """Takes computed figures apart, under the person's rights."""

    def __init__(self, database: Readings, access: Access) -> None:
        self._database = database
        self._access = access

    def why(self, ctx: Context, entity: str, record: UUID, field: str) -> tuple[Part, ...]:
        """Return what each aggregate in a field's formula, by its name, went over.

        Raises `NotFound` for a record or a field that the person may not read, and for a field
        that is not computed over other records.
        """
        kind = live_entity(ctx, entity)
        found = kind.field_named(field)
        legible = self._access.readable(ctx, entity) - self._access.masked(ctx, entity)
        if found is None or found.key not in legible or not is_figure(found):
            raise NotFound(entity=kind.name, field=field)
        with self._database.reading(ctx) as connection:
            get(ctx, self._access, connection, entity, [record], trashed=True)
            return tuple(
                self._part(ctx, connection, (kind, found, at), node, record)
                for at, node in enumerate(aggregates_of(found))
            )

    def moved(self, ctx: Context, entity: str, record: UUID, field: str) -> Moved | None:
        """Return what last moved a field's value; `NotFound` for one that is not to be read."""
        kind = live_entity(ctx, entity)
        found = kind.field_named(field)
        legible = self._access.readable(ctx, entity) - self._access.masked(ctx, entity)
        if found is None or found.key not in legible:
            raise NotFound(entity=kind.name, field=field)
        with self._database.reading(ctx) as connection:
            get(ctx, self._access, connection, entity, [record], trashed=True)
            return last_moved(ctx, self._access, connection, record, found)

    def _part(
        self, ctx: Context, connection: Connection, at: tuple[Entity, Field, int],
        node: Aggregate, record: UUID,
    ) -> Part:  # fmt: skip
        entity, field, place = at
        key = ("why", entity.key, field.key, place, *rights_key(ctx))
        members, statement = ctx.compiled.keep(key, lambda: self._members(ctx, entity, node))
        asked = {**binds(ctx), "which": record}
        rows = connection.execute(statement, asked).all()
        # A field that reveals may count by what somebody does not read of each record.
        told = field.formula is not None and may_read_all(ctx, field.formula.dependencies)
        seen = [row.id for row in rows if row.shown and told]
        named = titles_of(ctx, self._access, connection, members, seen[:MOST_LISTED])
        records = tuple(named[each] for each in seen[:MOST_LISTED] if each in named)
        return Part(members, node.function, records, len(seen) < len(rows), len(seen) > MOST_LISTED)

    def _members(self, ctx: Context, entity: Entity, node: Aggregate) -> tuple[str, Select[Any]]:
        """Return which entity's records an aggregate goes over, and the statement for them."""
        row = ctx.compiled.tables.of(entity.key).alias()
        outer = RowSource.over(ctx.compiled, entity.key, row)
        if node.collection is None:
            raise TypeError("a field's aggregate goes over a collection")
        members = outer.rows(node.collection)
        if not isinstance(members, MemberRows):
            raise TypeError("a record's collection is read from its members")
        meant = members.meant
        shown = meant.showing(lambda each: self._access.row_filter(ctx, each, "read")).shown()
        where = [row.c.id == bindparam("which", type_=Uuid()), *members.source.alive()]
        where += [members.via == members.anchor.row.c.id, meant.row.c.id.is_not(None)]
        if node.condition is not None:
            where.append(compile_filter(_condition(node.condition), members.columns))
        statement = (
            select(
                meant.row.c.id.label("id"),
                (literal_column("true") if shown is None else shown).label("shown"),
            )
            .select_from(outer.joins.clause(), members.source.joins.clause())
            .where(*where)
            .order_by(meant.row.c.id.desc())
        )
        return meant.entity.key, statement


def is_figure(field: Field) -> bool:
    """Return whether a field is computed over other records."""
    return not field.retired and next(aggregates_of(field), None) is not None


def aggregates_of(field: Field) -> Iterator[Aggregate]:
    """Yield the aggregates over collections of the record in a field's formula."""
    if field.formula is not None:
        yield from _aggregates(field.formula.node)


def _aggregates(node: Node) -> Iterator[Aggregate]:
    if isinstance(node, Aggregate):
        if node.collection is not None and node.collection.root == "record":
            yield node
        return
    for each in inside(node):
        yield from _aggregates(each)


def _condition(node: Node) -> Typed:
    return Typed(node, BooleanType(), Dependencies(), "stable", "")
