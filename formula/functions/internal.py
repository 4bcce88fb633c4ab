"""Functions that the checker puts in to fit values to fields and to text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal_column
from sqlalchemy import cast as cast_to

from formula import numbers, texts
from formula.functions.number_sql import sql_fit
from formula.functions.spec import SqlCall, inner
from formula.functions.text_sql import split_part_sql, split_sql


def _fit(number: Any, digits: Any, scale: Any) -> Any:
    return numbers.fit(number, int(digits), int(scale))


def _fit_sql(call: SqlCall) -> ColumnElement[Any]:
    return sql_fit(call.arguments[0], int(call.literal(1)), int(call.literal(2)))


def _number_text_sql(call: SqlCall) -> ColumnElement[Any]:
    return cast_to(func.trim_scale(call.arguments[0]), Text())


def _record_text_sql(call: SqlCall) -> ColumnElement[Any]:
    return cast_to(call.arguments[0], Text())


def _is_empty_sql(call: SqlCall) -> ColumnElement[Any]:
    zero: ColumnElement[Any] = literal_column("0")
    return func.coalesce(func.cardinality(call.arguments[0]), zero) == zero


INTERNAL = (
    inner("FIT", _fit, _fit_sql, "fit"),
    inner("NUMBERTEXT", numbers.plain, _number_text_sql, "numberText"),
    inner("RECORDTEXT", str, _record_text_sql, "recordText"),
    replace(inner("ISEMPTY", lambda items: not items, _is_empty_sql, "isEmpty"), strict=False),
    replace(inner("SPLITLIST", texts.split, split_sql, "split"), strict=False),
    inner("SPLITPART", texts.split_part, split_part_sql, "splitPart"),
)
