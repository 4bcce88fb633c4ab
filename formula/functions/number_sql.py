"""Functions of numbers in SQL, over numeric columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    case,
    func,
    literal_column,
    null,
)
from sqlalchemy import cast as cast_to

from formula.functions.spec import SqlCall


def exact(value: int) -> ColumnElement[Any]:
    """Return a small whole number written into the SQL itself, as numeric."""
    return literal_column(str(value), Numeric())


def one() -> ColumnElement[Any]:
    """Return 1 as numeric where nothing around it makes it so."""
    return literal_column("1::numeric", Numeric())


def sql_remainder(number: ColumnElement[Any], divisor: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the remainder with the sign of the divisor; blank by zero."""
    safe = func.nullif(divisor, exact(0), type_=Numeric())
    return func.mod(func.mod(number, safe) + divisor, safe, type_=Numeric())


def sql_divide(left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the quotient rounded half away from zero to 12 decimals; blank by zero."""
    cut = func.div(
        left * literal_column("10000000000000::numeric", Numeric()),
        func.nullif(right, exact(0), type_=Numeric()),
        type_=Numeric(),
    )
    shifted = cut * literal_column("0.0000000000001", Numeric())
    return func.round(shifted, literal_column("12"), type_=Numeric())


def sql_fit(number: ColumnElement[Any], digits: int, scale: int) -> ColumnElement[Any]:
    """Return `number` rounded to `scale`, blank where it has more than `digits`.

    It is clamped to the bound and then blank there, so that `number`, which may be a whole
    sub-query, is written and computed once.
    """
    found = func.round(number, literal_column(str(scale)), type_=Numeric())
    limit: ColumnElement[Any] = literal_column("1" + "0" * digits + "::numeric", Numeric())
    least = literal_column("-1" + "0" * digits + "::numeric", Numeric())
    clamped = func.least(func.greatest(found, least, type_=Numeric()), limit, type_=Numeric())
    return func.nullif(func.nullif(clamped, limit), least, type_=Numeric())


def round_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for ROUND."""
    digits: ColumnElement[Any] = literal_column(str(int(call.literal(1))))
    return func.round(call.arguments[0], digits, type_=Numeric())


def toward_zero_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for ROUNDDOWN."""
    digits: ColumnElement[Any] = literal_column(str(int(call.literal(1))))
    return func.trunc(call.arguments[0], digits, type_=Numeric())


def away_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for ROUNDUP."""
    number, digits = call.arguments[0], int(call.literal(1))
    cut = func.trunc(number, literal_column(str(digits)), type_=Numeric())
    unit: ColumnElement[Any] = literal_column(format(Decimal(1).scaleb(-digits), "f"), Numeric())
    return cut + case((cut == number, exact(0)), else_=func.sign(number) * unit)


def up_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for CEILING."""
    number, step = call.arguments[0], func.abs(call.arguments[1], type_=Numeric())
    rest = sql_remainder(number, step)
    return number - rest + case((rest == exact(0), exact(0)), else_=step)


def down_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for FLOOR."""
    number, step = call.arguments[0], func.abs(call.arguments[1], type_=Numeric())
    return number - sql_remainder(number, step)


def power_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for POWER."""
    base, exponent = call.arguments[0], int(call.literal(1))
    if exponent == 0:
        return case((base.is_not(null()), one()), else_=null())
    found = base
    for _ in range(abs(exponent) - 1):
        found = found * base
    if exponent < 0:
        return sql_divide(one(), found)
    return func.round(found, literal_column("12"), type_=Numeric())


def root_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for SQRT."""
    number = call.arguments[0]
    # A scale of 100 makes PostgreSQL's own rounding too fine to matter before the 12th decimal.
    fine = func.round(number, literal_column("100"), type_=Numeric())
    return case(
        (number >= exact(0), func.round(func.sqrt(fine), literal_column("12"), type_=Numeric())),
        else_=null(),
    )


def to_number_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for NUMBER."""
    compact = func.btrim(call.arguments[0], literal_column("' '"))
    pattern: ColumnElement[Any] = literal_column(
        r"'^[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$'"
    )
    digits = func.replace(compact, literal_column("','"), literal_column("''"))
    return case(
        (compact.op("~")(pattern), sql_fit(cast_to(digits, Numeric()), 20, 10)), else_=null()
    )


def bucket_sql(call: SqlCall) -> ColumnElement[Any]:
    """Return SQL for BUCKET."""
    number, *limits = call.arguments
    fitting = [case((limit <= number, limit), else_=null()) for limit in limits]
    return func.greatest(*fitting, type_=Numeric())
