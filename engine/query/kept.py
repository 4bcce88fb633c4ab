"""What did not convert, as long as the field of its record is still blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Select, exists, select

from engine.access.fields import field_rights
from engine.context import Context
from formula.types import BooleanType
from metamodel.model import HOLDER, Entity, Field

CONVERSION, KEPT = "sys_conversion", "sys_kept"
"""The entities, and tables, of conversions and of the values that they keep."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a record's field held before its type was changed: in words, and the type it had."""

    field: str
    text: str
    type: str


def kept_beside(
    ctx: Context, connection: Connection, entity: Entity, ids: Sequence[UUID]
) -> Mapping[UUID, tuple[Kept, ...]]:
    """Return what did not convert of records that the person may read; nothing where all did.

    Only what stands beside fields that the person reads whole is told.
    """
    rights = field_rights(ctx, entity)
    found: dict[UUID, tuple[Kept, ...]] = {}
    for key in _converted(ctx, connection, entity):
        field = entity.fields.get(key)
        if field is None or key not in rights.readable - rights.masked:
            continue
        kept, opened = ctx.compiled.tables.of(KEPT), ctx.compiled.tables.of(CONVERSION)
        asked = waiting(ctx, field).where(kept.c.record.in_(ids))
        rows = connection.execute(asked.add_columns(kept.c.record, kept.c.text, opened.c.from_type))
        for _, record, text, type_ in rows:
            found[record] = (*found.get(record, ()), Kept(key, text, type_))
    return found


def lacking(ctx: Context, connection: Connection, entity: Entity) -> tuple[str, ...]:
    """Return the fields, by key, that the person reads and some record lacks the value of."""
    rights = field_rights(ctx, entity)
    found = (entity.fields.get(key) for key in _converted(ctx, connection, entity))
    return tuple(
        field.key
        for field in found
        if field is not None
        and field.formula is None
        and field.key in rights.readable - rights.masked
        and connection.scalar(select(waiting(ctx, field).exists()))
    )


def waiting(ctx: Context, field: Field) -> Select[tuple[UUID]]:
    """Return the statement of what is kept of a field, by id, where its record is still blank."""
    kept, opened = ctx.compiled.tables.of(KEPT), ctx.compiled.tables.of(CONVERSION)
    row = ctx.compiled.tables.of(field.entity)
    joined = kept.join(opened, opened.c.id == kept.c.conversion).join(
        row, row.c.id == kept.c.record
    )
    return (
        select(kept.c.id)
        .select_from(joined)
        .where(
            kept.c.entity == field.entity,
            kept.c.field == field.key,
            opened.c.closed_at.is_(None),
            _blank(ctx, field, row),
        )
    )


def unconverted(ctx: Context, field: Field, row: FromClause) -> ColumnElement[bool]:
    """Return the condition that a field of `row` lacks a value because it did not convert."""
    kept, opened = ctx.compiled.tables.of(KEPT), ctx.compiled.tables.of(CONVERSION)
    beside = (
        select(kept.c.record)
        .join_from(kept, opened, opened.c.id == kept.c.conversion)
        .where(
            kept.c.entity == field.entity,
            kept.c.field == field.key,
            opened.c.closed_at.is_(None),
        )
    )
    return row.c.id.in_(beside) & _blank(ctx, field, row)


def _blank(ctx: Context, field: Field, row: FromClause) -> ColumnElement[bool]:
    if field.link is not None and field.link.many:
        pairs = ctx.compiled.tables.of(field.link.through)
        return ~exists().where(pairs.c[HOLDER] == row.c.id)
    column = row.c[field.column]
    return ~column if isinstance(field.value_type, BooleanType) else column.is_(None)


def _converted(ctx: Context, connection: Connection, entity: Entity) -> Sequence[str]:
    """Return the fields of an entity, by key, whose conversion is open."""
    opened = ctx.compiled.tables.of(CONVERSION)
    found = select(opened.c.field).where(
        opened.c.entity == entity.key, opened.c.closed_at.is_(None)
    )
    return connection.scalars(found.distinct().order_by(opened.c.field)).all()
