"""Orders of rows, and where a page ends in them.

Blank comes last in both directions. So that one ascending index (column, id) serves both,
rows whose first key is blank are a segment of their own, read only when the others are used
up: inside a segment the first key is never blank, and PostgreSQL walks the index either way.
The id is the last key of every order, in the direction of the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    UnaryExpression,
    Uuid,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import Integer, Text, TypeEngine

from engine.access.fields import may_read_all
from engine.query.joins import RowSource, bound
from engine.query.paths import Reading
from engine.values.parts import part_sql
from formula.backends.sql import compile_sql, sql_type
from formula.errors import Span
from formula.scope import FieldBinding, TableBinding
from formula.typed import Dependencies, Read, Typed
from formula.types import BooleanType, ChoiceType
from metamodel.model import Field
from metamodel.views import Sort


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order, and the type that its values travel in."""

    value: ColumnElement[Any]
    type: TypeEngine[Any]
    descending: bool
    nullable: bool

    def order(self, value: ColumnElement[Any]) -> UnaryExpression[Any]:
        """Return `value`, this key as some FROM clause names it, in this key's direction."""
        ordered = value.desc() if self.descending else value.asc()
        return ordered.nulls_last() if self.nullable else ordered

    def beyond(self, name: str) -> ColumnElement[bool]:
        """Return that a row comes after the bind `name` by this key alone."""
        last = bound(name, self.type)
        further = self.value < last if self.descending else self.value > last
        if not self.nullable:
            return further
        return and_(last.is_not(None), or_(further, self.value.is_(None)))

    def level(self, name: str) -> ColumnElement[bool]:
        """Return that a row equals the bind `name` in this key."""
        last = bound(name, self.type)
        if not self.nullable:
            return self.value == last
        return self.value.is_not_distinct_from(last)


def keys_of(reading: Reading, sort: Sequence[Sort]) -> tuple[Key, ...]:
    """Return the keys of an order, the id last."""
    keys = [_key(reading, item) for item in sort]
    descending = keys[-1].descending if keys else False
    keys.append(Key(reading.source.row.c.id, Uuid(), descending, nullable=False))
    return tuple(keys)


def after(keys: Sequence[Key], *, first: int = 0) -> ColumnElement[bool]:
    """Return the condition that a row follows the one in the binds `after_<first>` and on."""
    names = [f"after_{index}" for index in range(first, first + len(keys))]
    alike = len({key.descending for key in keys}) == 1
    if alike and not any(key.nullable for key in keys):
        return _row_after(keys, names)
    further = [
        and_(
            *(k.level(n) for k, n in zip(keys[:at], names[:at], strict=True)),
            keys[at].beyond(names[at]),
        )
        for at in range(len(keys))
    ]
    if keys[0].nullable:
        return or_(*further)
    # The bound on the first key is implied, and is what an index can start from.
    begin = bound(names[0], keys[0].type)
    start = keys[0].value <= begin if keys[0].descending else keys[0].value >= begin
    return and_(start, or_(*further))


def _row_after(keys: Sequence[Key], names: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition as one comparison of rows, which walks an index from its place."""
    last = tuple_(
        *(bound(name, key.type) for key, name in zip(keys, names, strict=True)),
        types=[key.type for key in keys],
    )
    values = tuple_(*(key.value for key in keys))
    return values < last if keys[0].descending else values > last


def _key(reading: Reading, sort: Sort) -> Key:
    binding = sort.path.binding
    if isinstance(binding, TableBinding):
        read = Read(binding, binding.type, Span(0, 0))
        typed = Typed(read, binding.type, Dependencies(), "stable", sort.path.text)
        value = compile_sql(typed, reading.source)
        return Key(value, sql_type(binding.type), sort.descending, nullable=True)
    holder = reading.source.walk(binding.steps[:-1], binding.steps[-1].entity)
    field = holder.entity.fields[binding.steps[-1].field]
    value, type_ = _sortable(reading, holder, field, binding)
    fixed = isinstance(binding.type, BooleanType) or field.key in ("id", "created_at", "updated_at")
    nullable = not fixed or len(binding.steps) > 1
    return Key(reading.source.veiled(binding.steps, value), type_, sort.descending, nullable)


def _sortable(
    reading: Reading, holder: RowSource, field: Field, binding: FieldBinding
) -> tuple[ColumnElement[Any], TypeEngine[Any]]:
    """Return what a field is sorted by: sort keys of text, the order of options, titles."""
    if field.sort_column:
        return holder.row.c[field.sort_column], Text()
    if field.link is not None:
        titles = [_title(reading, holder.follow(field.key, to)) for to in field.link.to]
        return (titles[0] if len(titles) == 1 else func.coalesce(*titles)), Text()
    value = holder.value(field.key)
    if binding.part:
        value = part_sql(field, value, binding.part)
    if isinstance(binding.type, ChoiceType) and binding.type.codes:
        codes = array(binding.type.codes, type_=Text())
        return func.array_position(codes, value, type_=Integer()), Integer()
    return value, sql_type(binding.type)


def _title(reading: Reading, target: RowSource) -> ColumnElement[Any]:
    if not may_read_all(reading.ctx, target.entity.title.dependencies):
        return cast(null(), Text())
    field = target.entity.fields.get(target.entity.title_field)
    if field is not None and field.sort_column:
        value: ColumnElement[Any] = target.row.c[field.sort_column]
    else:
        value = compile_sql(target.entity.title, target.plain)
    shown = target.shown()
    return value if shown is None else case((shown, value), else_=null())
