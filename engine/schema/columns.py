"""From a field to its column's type in PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, LargeBinary, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB
from sqlalchemy.types import TypeEngine

from formula.backends.sql import sql_type
from formula.types import (
    BlankType,
    ChoiceType,
    ListType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from metamodel.model import Field

# Any: SQLAlchemy's types are generic in the Python value, which differs from column to column.
ColumnType = TypeEngine[Any]


def text_type() -> Text:
    """Return text compared by code point, whatever the database's collation."""
    return Text(collation="C")


def column_type(field: Field) -> ColumnType:
    """Return the type of a column; what no formula reads whole is an id, a range or JSON."""
    if field.encrypted:
        return LargeBinary()
    if field.value_type is not None:
        return value_column_type(field.value_type)
    if field.type == "period":
        return DATERANGE()
    return Uuid() if field.type in ("uuid", "link") else JSONB()


def value_column_type(type_: ValueType) -> ColumnType:
    """Return the type that holds every value of a formula type exactly.

    Whole numbers are `numeric`, too: sums and products of machine integers can overflow
    in SQL, where a formula's value must never be an error.
    """
    match type_:
        case NumberType(digits=digits, scale=scale) | PercentType(digits=digits, scale=scale):
            return Numeric(digits + scale, scale)
        case TextType() | ChoiceType() | BlankType():
            return text_type()
        case ListType(item=item):
            return ARRAY(value_column_type(item))
        case _:
            return sql_type(type_)
