"""Aggregate functions of formulas in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Numeric,
    Text,
    false,
    func,
    literal,
    true,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import aggregate_order_by

from formula.backends.sql_values import collated
from formula.functions.number_sql import exact, sql_divide
from formula.typed import (
    Aggregate,
)

Sql = ColumnElement[Any]


def aggregate_sql(
    node: Aggregate, value: Sql | None, keys: Sequence[Sql], where: Sequence[Sql]
) -> tuple[Sql, Sql | None]:
    """Return an aggregate expression over members, and what nothing gives instead of null.

    `keys` are what FIRST and LAST sort by. In a measure `where` filters each
    aggregate function by itself.
    """

    def over(function: Any) -> Sql:
        return cast(Sql, function.filter(*where) if where else function)

    if value is None:
        return cast_to(over(func.count()), Numeric()), None
    match node.function:
        case "FIRST" | "LAST":
            return over(_end(node, value, keys))[1], None
        case "JOIN":
            separator = literal(node.separator, Text())
            ordered = aggregate_order_by(separator, collated(value, node.type))
            return over(func.string_agg(value, ordered, type_=Text())), None
        case "AVG":
            count = cast_to(over(func.count(value)), Numeric())
            return sql_divide(over(func.sum(value, type_=Numeric())), count), None
        case "ANY" | "ALL" | "SUM":
            return _with_empty(node, value, over)
        case _:
            return _plain(node, value, over), None


def _with_empty(node: Aggregate, value: Sql, over: Callable[[Any], Sql]) -> tuple[Sql, Sql]:
    match node.function:
        case "ANY":
            return over(func.bool_or(value, type_=Boolean())), false()
        case "ALL":
            return over(func.bool_and(value, type_=Boolean())), true()
        case _:
            return over(func.sum(value, type_=Numeric())), exact(0)


def _plain(node: Aggregate, value: Sql, over: Callable[[Any], Sql]) -> Sql:
    match node.function:
        case "COUNT":
            return cast_to(over(func.count(value)), Numeric())
        case "COUNTDISTINCT":
            return cast_to(over(func.count(value.distinct())), Numeric())
        case "MIN":
            return over(func.min(collated(value, node.type), type_=value.type))
        case _:
            return over(func.max(collated(value, node.type), type_=value.type))


def _end(node: Aggregate, value: Sql, keys: Sequence[Sql]) -> Any:
    if node.function == "FIRST":
        sorts = [key.asc().nulls_last() for key in keys]
    else:
        sorts = [key.desc().nulls_last() for key in keys]
    return func.array_agg(aggregate_order_by(value, *sorts), type_=ARRAY(value.type))
