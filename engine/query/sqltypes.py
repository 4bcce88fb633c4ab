"""The PostgreSQL type in which a formula's value travels."""

from __future__ import annotations

from typing import Any, assert_never

from sqlalchemy import Boolean, Date, DateTime, Interval, Numeric, Text, Time, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
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


def sql_type(type_: ValueType) -> TypeEngine[Any]:  # noqa: PLR0911 - one line per member
    """Return the SQLAlchemy type of a value type; numbers without bounds, text without length."""
    match type_:
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
        case ListType(item):
            return ARRAY(sql_type(item))
        case _:
            assert_never(type_)
