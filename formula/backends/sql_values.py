"""Types and constants of formulas in SQL."""

from __future__ import annotations

from typing import Any, assert_never

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Interval,
    Numeric,
    Text,
    Time,
    Uuid,
    false,
    literal,
    null,
    true,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.types import TypeEngine

from formula.types import (
    BlankType,
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    TimeType,
    ValueType,
)

Sql = ColumnElement[Any]


def sql_type(kind: ValueType) -> TypeEngine[Any]:
    """Return the SQL type that holds values of a formula's type."""
    match kind:
        case NumberType() | PercentType():
            return Numeric()
        case TextType() | ChoiceType() | BlankType():
            return Text()
        case BooleanType():
            return Boolean()
        case DateType():
            return Date()
        case DateTimeType():
            return DateTime(timezone=True)
        case TimeType():
            return Time()
        case DurationType():
            return Interval()
        case RecordType():
            return Uuid()
        case ListType(item=item):
            return ARRAY(sql_type(item))
        case _:
            assert_never(kind)


def constant(value: object, kind: ValueType) -> Sql:
    """Return a value as a bind parameter of its type; blank as a typed null."""
    if value is None:
        return cast_to(null(), sql_type(kind))
    if isinstance(value, bool):
        return true() if value else false()
    return literal(value, sql_type(kind))


def collated(value: Sql, kind: ValueType) -> Sql:
    """Return text in the order of its code points, other values as they are."""
    return value.collate("C") if isinstance(kind, TextType | ChoiceType) else value
