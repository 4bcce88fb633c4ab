"""Functions of text in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Numeric,
    Text,
    case,
    func,
    literal_column,
    null,
)
from sqlalchemy import cast as cast_to

from formula import casing, patterns
from formula.functions.spec import SqlCall
from formula.typed import Constant
from formula.types import DateTimeType, DateType, TextType

_FAR = 1_000_000
_NOTHING = literal_column("''", Text())

Sql = ColumnElement[Any]


def _integer(value: Sql) -> Sql:
    bounded = func.least(
        func.greatest(value, literal_column(str(-_FAR))), literal_column(str(_FAR))
    )
    return cast_to(bounded, Integer())


def _not_empty(value: Sql) -> Sql:
    return func.nullif(value, _NOTHING, type_=Text())


def left_sql(call: SqlCall) -> Sql:
    """Return SQL for LEFT."""
    value, count = call.arguments
    return _not_empty(func.left(value, func.greatest(_integer(count), literal_column("0"))))


def right_sql(call: SqlCall) -> Sql:
    """Return SQL for RIGHT."""
    value, count = call.arguments
    return _not_empty(func.right(value, func.greatest(_integer(count), literal_column("0"))))


def middle_sql(call: SqlCall) -> Sql:
    """Return SQL for MID."""
    value, start, count = call.arguments
    inside = (start >= literal_column("1")) & (count >= literal_column("1"))
    cut = func.substr(
        value, func.greatest(_integer(start), literal_column("1")),
        func.greatest(_integer(count), literal_column("0")),
    )  # fmt: skip
    return case((inside, _not_empty(cut)), else_=null())


def overwrite_sql(call: SqlCall) -> Sql:
    """Return SQL for REPLACE."""
    value, start, count, new = call.arguments
    first = func.greatest(_integer(start), literal_column("1"))
    skipped = func.greatest(_integer(count), literal_column("0"))
    whole_text = func.concat(
        func.left(value, first - literal_column("1")), new, func.substr(value, first + skipped)
    )
    inside = (start >= literal_column("1")) & (count >= literal_column("0")) & value.is_not(null())
    return case((inside, _not_empty(whole_text)), else_=null())


def substitute_sql(call: SqlCall) -> Sql:
    """Return SQL for SUBSTITUTE."""
    value, old, new = call.arguments
    return _not_empty(func.replace(value, old, func.coalesce(new, _NOTHING)))


def find_sql(call: SqlCall) -> Sql:
    """Return SQL for FIND."""
    part, value = call.arguments
    at = cast_to(func.strpos(value, part), Numeric())
    return func.nullif(at, literal_column("0"), type_=Numeric())


def pad_sql(call: SqlCall) -> Sql:
    """Return SQL for PAD."""
    value = call.arguments[0]
    length: Sql = literal_column(str(int(call.literal(1))))
    filled = (func.lpad if call.literal(3) == "left" else func.rpad)(
        value, length, call.arguments[2], type_=Text()
    )
    return case((func.char_length(value) >= length, value), else_=filled)


def mask_sql(call: SqlCall) -> Sql:
    """Return SQL for MASK."""
    value, start, end = call.arguments[0], int(call.literal(1)), int(call.literal(2))
    length: Sql = func.char_length(value)
    star = literal_column("'*'", Text())
    kept: Sql = literal_column(str(start + end))
    ends = func.concat(
        func.left(value, literal_column(str(start))),
        func.repeat(star, length - kept),
        func.right(value, literal_column(str(end))),
        type_=Text(),
    )
    return case((length > kept, ends), else_=func.repeat(star, length))


def concat_sql(call: SqlCall) -> Sql:
    """Return SQL for CONCAT."""
    return _not_empty(func.concat(*call.arguments, type_=Text()))


def join_sql(call: SqlCall) -> Sql:
    """Return SQL for JOIN."""
    separator, *parts = call.arguments
    return _not_empty(func.concat_ws(func.coalesce(separator, _NOTHING), *parts, type_=Text()))


def split_sql(call: SqlCall) -> Sql:
    """Return SQL for SPLIT as a list."""
    value, separator = call.arguments
    kind = ARRAY(Text())
    parts = func.string_to_array(value, separator, type_=kind)
    empty: Sql = literal_column("'{}'::text[]", kind)
    return func.coalesce(func.array_remove(parts, _NOTHING, type_=kind), empty, type_=kind)


def split_part_sql(call: SqlCall) -> Sql:
    """Return SQL for SPLIT with a place."""
    value, separator, place = call.arguments
    safe = func.nullif(_integer(place), literal_column("0"), type_=Integer())
    return _not_empty(func.split_part(value, separator, safe))


def trim_sql(call: SqlCall) -> Sql:
    """Return SQL for TRIM."""
    spaces = literal_column("E' \\t\\n\\r\\u3000\\u00a0'", Text())
    return _not_empty(func.btrim(call.arguments[0], spaces))


def _folded(call: SqlCall) -> tuple[Sql, Sql]:
    """Return text and part in lower case; a part that is written out needs few mappings."""
    value, part = call.arguments
    node = call.nodes[1]
    if isinstance(node, Constant) and isinstance(node.value, str):
        lowered = casing.lower(node.value)
        needle = Constant(lowered, TextType(), node.span)
        return casing.sql_lower_for(value, lowered), call.constant(needle)
    return casing.sql_lower(value), casing.sql_lower(part)


def contains_sql(call: SqlCall) -> Sql:
    """Return SQL for CONTAINS."""
    value, part = _folded(call)
    return func.strpos(value, part) > literal_column("0")


def starts_sql(call: SqlCall) -> Sql:
    """Return SQL for STARTSWITH."""
    value, part = _folded(call)
    return func.starts_with(value, part)


def ends_sql(call: SqlCall) -> Sql:
    """Return SQL for ENDSWITH."""
    value, part = _folded(call)
    return func.right(value, func.char_length(part)) == part


def text_sql(call: SqlCall) -> Sql:
    """Return SQL for TEXT."""
    value, pattern = call.arguments[0], str(call.literal(1))
    kind = call.nodes[0].type
    if isinstance(kind, DateTimeType):
        return patterns.sql_date(func.timezone(call.bind("zone"), value), pattern, with_time=True)
    if isinstance(kind, DateType):
        return patterns.sql_date(value, pattern, with_time=False)
    return patterns.sql_number(value, pattern)
