"""Whole records: every readable value, titles of links, child lines in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Uuid,
    bindparam,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.grants import rights_key
from engine.access.policy import allows
from engine.context import Context
from engine.doors import Access
from engine.errors import NotFound
from engine.query.covers import covered_records
from engine.query.joins import RowSource
from engine.query.legible import live_entity
from engine.query.paths import Cell, Decode, Reading, cell_of, plain_paths, title_cell
from engine.query.spec import Record
from engine.values.sending import Request, Rows, send, sentence
from metamodel.model import Collection, Entity

FIXED = 4
"""Columns before a record's values: id, version, when it was trashed, and its parent."""


Part = tuple[str, int, int, Decode | None]
"""A field's key, where its columns begin and end in a row, and what makes a value of them."""


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """A statement for whole records of one entity, and how they are read.

    `parts` are worked out once: reading the lines of a long record is most of its time.
    """

    statement: Select[Any]
    entity: str
    parts: tuple[Part, ...]
    title: Cell

    def read(self, row: Sequence[Any], lines: Mapping[str, tuple[Record, ...]]) -> Record:
        """Read one record, and give it its lines."""
        title = str(self.title.read(row, FIXED))
        values: dict[str, object] = {
            key: row[at] if decode is None else decode(row[at:end])
            for key, at, end, decode in self.parts
        }
        trashed_at: datetime | None = row[2]
        return Record(self.entity, row[0], row[1], title, values, lines, trashed_at)


def get(
    ctx: Context,
    access: Access,
    connection: Connection,
    entity: str,
    ids: Sequence[UUID],
    *,
    trashed: bool = False,
) -> tuple[Record, ...]:
    """Return whole records in the order asked, with `trashed` also those in the trash.

    One statement, and one for each collection of child lines. Raises `NotFound` for any
    record that is not there or that the person may not read.
    """
    kind = live_entity(ctx, entity)
    key = ("record", entity, trashed, *rights_key(ctx))
    plan = ctx.compiled.keep(key, lambda: _own_plan(ctx, access, kind, trashed=trashed))
    found = {row[0]: row for row in _rows(ctx, connection, key, plan, ids)}
    missing = [one for one in ids if one not in found]
    if missing:
        raise NotFound(entity=kind.name, id=str(missing[0]))
    lines = _lines(ctx, access, connection, kind, tuple(found))
    records = [plan.read(found[one], lines.get(one, {})) for one in ids]
    return covered_records(ctx, connection, records)


Lines = Mapping[UUID, Mapping[str, tuple[Record, ...]]]


def _lines(
    ctx: Context, access: Access, connection: Connection, entity: Entity, parents: Sequence[UUID]
) -> Lines:
    """Return the lines of records by parent and collection, their own lines inside them."""
    collections = [each for each in entity.collections.values() if each.children]
    empty: dict[str, tuple[Record, ...]] = {each.name: () for each in collections}
    found: dict[UUID, dict[str, tuple[Record, ...]]] = {one: dict(empty) for one in parents}
    for collection in collections if parents else ():
        kind = ctx.model.entities[collection.entity]
        key = ("lines", entity.key, collection.name, *rights_key(ctx))
        plan = ctx.compiled.keep(key, partial(_line_plan, ctx, access, entity, collection))
        rows = _rows(ctx, connection, key, plan, parents)
        inner = _lines(ctx, access, connection, kind, [row[0] for row in rows])
        members: defaultdict[UUID, list[Record]] = defaultdict(list)
        for row in rows:
            members[row[3]].append(plan.read(row, inner.get(row[0], {})))
        for parent, records in members.items():
            found[parent][collection.name] = tuple(records)
    return found


def _rows(
    ctx: Context,
    connection: Connection,
    key: tuple[Hashable, ...],
    plan: RecordPlan,
    ids: Sequence[UUID],
) -> Rows:
    asked = sentence(connection, ctx, key, lambda: plan.statement)
    return send(connection, ctx, Request(asked, ({"ids": list(ids)},)))


def _own_plan(ctx: Context, access: Access, entity: Entity, *, trashed: bool) -> RecordPlan:
    row = ctx.compiled.tables.of(entity.key).alias()
    reading = Reading.of(ctx, access, RowSource.over(ctx.compiled, entity.key, row))
    where = [row.c.id == bindparam("ids", type_=ARRAY(Uuid())).any_()]
    if not trashed:
        where.extend(reading.source.alive())
    verdict = access.row_filter(ctx, entity.key, "read")
    if verdict is not None:
        where.append(allows(verdict, reading.source))
    return _plan(reading, entity, null(), where)


def _line_plan(ctx: Context, access: Access, parent: Entity, collection: Collection) -> RecordPlan:
    """Build the statement for lines: live ones, or those that went to the trash with a parent."""
    entity = ctx.model.entities[collection.entity]
    row = ctx.compiled.tables.of(entity.key).alias()
    above = ctx.compiled.tables.of(parent.key).alias()
    reading = Reading.of(ctx, access, RowSource.over(ctx.compiled, entity.key, row))
    via = reading.source.link_to(collection.via, parent.key)
    along = select(above.c.sys_trash_set).where(above.c.id == via).correlate(row).scalar_subquery()
    alive = or_(row.c.sys_trashed_at.is_(None), row.c.sys_trash_set == along)
    plan = _plan(reading, entity, via, [via == bindparam("ids", type_=ARRAY(Uuid())).any_(), alive])
    ordered = plan.statement.order_by(via, row.c.sys_position, row.c.id)
    return replace(plan, statement=ordered)


def _plan(
    reading: Reading, entity: Entity, parent: ColumnElement[Any], where: list[ColumnElement[bool]]
) -> RecordPlan:
    row = reading.source.row
    cells: dict[str, Cell] = {}
    for key, path in plain_paths(reading.ctx, reading.access, entity).items():
        cell = cell_of(reading, path)
        if cell is not None:
            cells[key] = cell
    title = title_cell(reading)
    columns = [
        row.c.id,
        row.c.get("sys_version", literal_column("0")),
        row.c.get("sys_trashed_at", null()),
        parent,
        *title.columns,
        *(column for cell in cells.values() for column in cell.columns),
    ]
    named = [column.label(f"c{index}") for index, column in enumerate(columns)]
    statement = select(*named).select_from(reading.source.joins.clause()).where(*where)
    return RecordPlan(statement, entity.key, _parts(cells, FIXED + len(title.columns)), title)


def _parts(cells: Mapping[str, Cell], first: int) -> tuple[Part, ...]:
    """Return where each value stands in a row whose values begin at `first`."""
    parts: list[Part] = []
    for key, cell in cells.items():
        end = first + len(cell.columns)
        parts.append((key, first, end, cell.decode))
        first = end
    return tuple(parts)
