"""Values of several parts: periods, places and addresses; how they are kept and taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb
from psycopg.types.range import DateRange, Range
from sqlalchemy import ColumnElement, Date, Numeric, Text, cast, func

from engine.values.richtext import plain_text
from metamodel.model import Field

Sql = ColumnElement[Any]

AS_JSON = frozenset({"json", "address", "location"})
"""Types whose column is JSON."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included; a blank side is open."""

    start: date | None = None
    end: date | None = None


def held(field: Field, value: object) -> object:
    """Return what a column holds as the engine knows it: lists as tuples, ranges as periods."""
    if isinstance(value, Range):
        end = value.upper - timedelta(days=1) if value.upper is not None else None
        return None if value.isempty else Period(value.lower, end)
    return tuple(value) if isinstance(value, list) and field.value_type else value


def stored(field: Field, value: object) -> object:
    """Return a value as the driver puts it into its column."""
    if isinstance(value, Period):
        return DateRange(value.start, value.end, bounds="[]")
    if field.type in AS_JSON and value is not None:
        return Jsonb(value)
    return list(value) if isinstance(value, tuple) else value


def part_of(value: object, part: str) -> object:
    """Return one part of a value, as formulas know it."""
    if part == "html":
        return value
    if isinstance(value, Period):
        return value.start if part == "start" else value.end
    found = value.get(part) if isinstance(value, Mapping) else None
    return Decimal(str(found)) if isinstance(found, float | int) else found


def part_sql(field: Field, column: Sql, part: str) -> Sql:
    """Return one part of a column's value."""
    if field.type == "period":
        # The upper bound of a range of days is the first day after it.
        return func.lower(column) if part == "start" else cast(func.upper(column) - 1, Date())
    found: Sql = column.op("->>", return_type=Text())(part)
    return cast(found, Numeric(9, 6)) if part in ("lat", "lon") else found.collate("C")


def readable_text(field: Field, value: object) -> str:
    """Return what people read of a value, for search and order: no tags, no names of parts."""
    if field.type == "rich_text":
        return plain_text(str(value))
    if isinstance(value, Mapping):
        return " ".join(text for text in value.values() if isinstance(text, str))
    return str(value)
