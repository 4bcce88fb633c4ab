"""Functions that the checker puts in and nobody writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, func
from sqlalchemy import cast as cast_to

from formula import numbers
from formula.functions.number import sql_fit
from formula.functions.spec import FunctionSpec, SqlCall


def _fit_sql(call: SqlCall) -> ColumnElement[Any]:
    return sql_fit(call.arguments[0], int(call.literal(1)), int(call.literal(2)))


def _number_text_sql(call: SqlCall) -> ColumnElement[Any]:
    return cast_to(func.trim_scale(call.arguments[0]), Text())


INTERNAL = (
    FunctionSpec(
        name="FIT",
        family="number",
        signature="",
        help={},
        example="",
        python=lambda number, digits, scale: numbers.fit(number, int(digits), int(scale)),
        sql=_fit_sql,
        js="fit",
    ),
    FunctionSpec(
        name="NUMBERTEXT",
        family="text",
        signature="",
        help={},
        example="",
        python=numbers.plain,
        sql=_number_text_sql,
        js="numberText",
    ),
)
