"""Values at the end of a path as a person may see them: columns, and how to read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, func, literal, null, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.access.fields import may_read_all, may_read_masked
from engine.access.grants import FILE, NAME
from engine.context import Context
from engine.doors import Access
from engine.query.gathering import Joins
from engine.query.joins import RowSource
from engine.query.masks import masked
from engine.query.spec import FileValue, LinkValue
from engine.values.parts import held
from engine.values.sealed import Covered, Spot
from formula.backends.sql import compile_sql
from formula.scope import FieldBinding, Step, TableBinding
from formula.types import ListType, TextType
from metamodel.model import HOLDER, MEMBER, PLACE, Entity, Field, Link
from metamodel.views import FieldPath

Decode = Callable[[Sequence[Any]], object]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row: the columns it takes, and the value that they make.

    Without `decode` the one column is the value. What is `covered` is encrypted.
    """

    columns: tuple[ColumnElement[Any], ...]
    decode: Decode | None = None
    covered: bool = False

    def read(self, row: Sequence[Any], at: int) -> object:
        """Return the value whose columns begin at `at`; most of a page's time goes here."""
        if self.decode is None:
            return row[at]
        return self.decode(row[at : at + len(self.columns)])


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads which rows: what every part of one statement is made with.

    `source` shows what the person may see behind links.
    """

    ctx: Context
    access: Access
    source: RowSource

    @classmethod
    def of(cls, ctx: Context, access: Access, source: RowSource) -> Reading:
        """Read `source` as the acting person may."""

        def shows(entity: str) -> Any:  # Any: Typed | None, as `Shows` says
            return access.row_filter(ctx, entity, NAME)

        return cls(ctx, access, source.showing(shows))


def own_path(entity: Entity, field: Field) -> FieldPath:
    """Return the path of one of an entity's own fields, under its name."""
    steps = (Step(entity.key, field.key),)
    return FieldPath(field.name, FieldBinding((field.name,), field.value_type or TextType(), steps))


def plain_paths(ctx: Context, access: Access, entity: Entity) -> dict[str, FieldPath]:
    """Return the path of every field of an entity that the person may read, by key, but `id`."""
    readable = access.readable(ctx, entity.key)
    return {
        key: own_path(entity, field)
        for key, field in entity.fields.items()
        if key in readable and key != "id" and is_shown(field)
    }


def is_shown(field: Field) -> bool:
    """Return whether a field has a value to show."""
    many = field.link is not None and field.link.many
    return many or bool(field.column or field.columns or field.formula)


def cell_of(reading: Reading, path: FieldPath) -> Cell | None:
    """Return the value of a path; None where the person may not read a field on the way."""
    binding = path.binding
    if isinstance(binding, TableBinding):
        return _from_table(reading, path, binding)
    right = may_read_masked(reading.ctx, binding.steps)
    if right is None:
        return None
    field = reading.ctx.model.entities[binding.steps[-1].entity].fields[binding.steps[-1].field]
    if field.link is not None and field.link.many:
        return linked_cell(reading, binding, field.link)
    if field.link is not None:
        return _link(reading, binding, field)
    if field.encrypted:
        return _covered(reading, binding, field)
    if field.plain_column and not binding.part:
        holder = reading.source.walk(binding.steps[:-1], binding.steps[-1].entity)
        value = reading.source.veiled(binding.steps, holder.row.c[field.column])
    else:
        value = reading.source.field(binding)
    if right == "mask":
        return Cell((value,), lambda values: masked(held(field, values[0]), field))
    if field.value_type is None and not binding.part:
        return Cell((value,), lambda values: held(field, values[0]))
    return Cell((value,), _tuple if isinstance(binding.type, ListType) else None)


def _covered(reading: Reading, binding: FieldBinding, field: Field) -> Cell:
    """Return an encrypted value with its place, for `engine.query.covers` to make a mask of."""
    holder = reading.source.walk(binding.steps[:-1], binding.steps[-1].entity)
    body = reading.source.veiled(binding.steps, holder.row.c[field.column])

    def read(values: Sequence[Any]) -> Covered | None:
        if values[0] is None:
            return None
        return Covered(Spot(field.entity, field.key, values[1]), bytes(values[0]))

    return Cell((body, holder.row.c.id), read, covered=True)


def title_cell(reading: Reading) -> Cell:
    """Return what the row itself is called."""
    return Cell((title_of(reading, reading.source),), _text)


def title_of(reading: Reading, source: RowSource) -> ColumnElement[Any]:
    """Return a record's title; blank where it is made of what the person may not read."""
    title = source.entity.title
    if not may_read_all(reading.ctx, title.dependencies, action=NAME):
        return null()
    return compile_sql(title, source.plain)


def _link(reading: Reading, binding: FieldBinding, field: Field) -> Cell:
    """Return a link as id and title of the record it points to, one set of columns per target."""
    holder = reading.source.walk(binding.steps[:-1], binding.steps[-1].entity)
    parts = []
    for target in field.link.to if field.link else ():
        there = holder.follow(field.key, target, trashed=True)
        shown = there.shown()
        title = title_of(reading, there)
        key = holder.link_to(field.key, target)
        # A target without a restriction needs no column to say so.
        guarded = title if shown is None else case((shown, title), else_=null())
        parts.append(
            (
                reading.ctx.model.entities[target].name,
                reading.source.veiled(binding.steps, key),
                guarded,
                literal(value=True) if shown is None else shown,
                there.row.c.sys_trashed_at.is_not(None)
                if "sys_trashed_at" in there.row.c
                else false(),
            )
        )
    names = tuple(part[0] for part in parts)
    return Cell(tuple(column for part in parts for column in part[1:]), _link_reader(names))


def linked_cell(reading: Reading, binding: FieldBinding, link: Link) -> Cell:
    """Return the records that a link to many names, in order, as one JSON array.

    Those in the trash are left out until they come back.
    """
    holder = reading.source.walk(binding.steps[:-1], binding.steps[-1].entity)
    frame, names = reading.source.frame, reading.source.joins.names
    rows = frame.compiled.tables.of(link.through).alias()
    pairs = RowSource(
        frame, frame.compiled.model.entities[link.through], rows, Joins(rows, names=names)
    )
    there = pairs.follow(MEMBER, link.to[0])
    shown, title = there.shown(), title_of(reading, there)
    target = there.entity
    item = func.jsonb_build_array(
        there.row.c.id,
        *(
            [there.row.c[target.fields[key].column] for key in FILE_FACTS]
            if target.key == FILE
            else [
                title if shown is None else case((shown, title), else_=null()),
                literal(value=True) if shown is None else shown,
            ]
        ),
    )
    clause = pairs.joins.clause()
    listed = func.jsonb_agg(aggregate_order_by(item, rows.c[PLACE], rows.c.id))
    statement = (
        select(listed)
        .select_from(clause)
        .where(rows.c[HOLDER] == holder.row.c.id, there.row.c.id.is_not(None))
        .correlate(holder.row)
        .scalar_subquery()
    )
    read = _files if target.key == FILE else partial(_links, target.name)
    return Cell((reading.source.veiled(binding.steps, statement),), read)


FILE_FACTS = ("name", "type", "size", "picture")
"""What is read of each file, in the order of `FileValue`."""


def _files(values: Sequence[Any]) -> tuple[FileValue, ...]:
    return tuple(FileValue(UUID(id_), *facts) for id_, *facts in values[0] or ())


def _links(entity: str, values: Sequence[Any]) -> tuple[LinkValue, ...]:
    return tuple(
        link_value(entity, UUID(id_), said, shown=bool(seen)) for id_, said, seen in values[0] or ()
    )


def _link_reader(names: tuple[str, ...]) -> Decode:
    def read(values: Sequence[Any]) -> LinkValue | None:
        for index, name in enumerate(names):
            key, title, shown, trashed = values[4 * index : 4 * index + 4]
            if key is not None:
                return link_value(name, key, title, shown=bool(shown), trashed=bool(trashed))
        return None

    return read


def link_value(
    entity: str, key: UUID, title: object, *, shown: bool, trashed: bool = False
) -> LinkValue:
    """Return a link as it is shown; without its title where the target is not to be seen."""
    if not shown:
        return LinkValue(entity, key, None, restricted=True, trashed=trashed)
    return LinkValue(entity, key, "" if title is None else str(title), trashed=trashed)


def _from_table(reading: Reading, path: FieldPath, binding: TableBinding) -> Cell | None:
    base = cell_of(reading, FieldPath(path.text, binding.base))
    if base is None:
        return None
    return Cell(base.columns, lambda values: binding.table.get(values[0]))


def _tuple(values: Sequence[Any]) -> object:
    return None if values[0] is None else tuple(values[0])


def _text(values: Sequence[Any]) -> str:
    return "" if values[0] is None else str(values[0])
