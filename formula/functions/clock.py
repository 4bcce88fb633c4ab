"""Functions of times of day, on clocks, and of lengths of time."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Interval,
    Numeric,
    Time,
    and_,
    case,
    func,
    literal_column,
    null,
)
from sqlalchemy import cast as cast_to

from formula import numbers
from formula.conversions import DIVISION_SCALE
from formula.functions.date_sql import field_sql, part_sql
from formula.functions.number_sql import sql_divide
from formula.functions.spec import FunctionSpec, Parameter, Site, SqlCall, inner, whole
from formula.functions.text import whole_numbers
from formula.typed import Call, Node
from formula.types import DurationType, NumberType, TimeType, ValueType

_MOST_HOURS = 90_000_000

_HOUR = 3_600_000_000

Sql = ColumnElement[Any]


def _of_clock(of_instant: str, of_time: str) -> Any:
    def lower(site: Site) -> Node:
        clock = isinstance(site.arguments[0].type, TimeType)
        function = of_time if clock else of_instant
        return Call(function, site.arguments, NumberType(2, 0), site.span)

    return lower


def _make_time(hour: Decimal, minute: Decimal) -> time | None:
    if not (0 <= hour <= 23 and 0 <= minute <= 59):  # noqa: PLR2004
        return None
    return time(int(hour), int(minute))


def _make_time_sql(call: SqlCall) -> Sql:
    zero: Sql = literal_column("0")

    def within(value: Sql, most: str) -> Sql:
        return cast_to(func.greatest(zero, func.least(literal_column(most), value)), Integer())

    hour, minute = call.arguments
    right = and_(
        hour.between(zero, literal_column("23")), minute.between(zero, literal_column("59"))
    )
    made = func.make_time(within(hour, "23"), within(minute, "59"), zero, type_=Time())
    return case((right, made), else_=null())


def _time_type(site: Site) -> ValueType | None:
    return TimeType() if whole_numbers(site) else None


def _hours(length: timedelta) -> Decimal | None:
    return numbers.divide(Decimal(length // timedelta(microseconds=1)), Decimal(_HOUR))


def _hours_sql(call: SqlCall) -> Sql:
    hour: Sql = literal_column("3600::numeric", Numeric())
    return sql_divide(field_sql("epoch", call.arguments[0]), hour)


def _hours_type(site: Site) -> ValueType | None:
    if isinstance(site.arguments[0].type, DurationType):
        return NumberType(9, DIVISION_SCALE)
    site.refuse(
        "wrong_argument", "HOURS expects a length of time", "for one of so many hours: DURATION(2)"
    )
    return None


def _duration(hours: Decimal) -> timedelta | None:
    if abs(hours) > _MOST_HOURS:
        return None
    return timedelta(microseconds=int(numbers.rounded(numbers.EXACT.multiply(hours, _HOUR), 0)))


def _duration_sql(call: SqlCall) -> Sql:
    hours = call.arguments[0]
    hour: Sql = literal_column(f"{_HOUR}::numeric", Numeric())
    most: Sql = literal_column(str(_MOST_HOURS))
    # An interval times a number is computed in floating point: exact only below an hour or so.
    length = func.round(func.greatest(-most, func.least(most, hours)) * hour, type_=Numeric())
    zero: Sql = literal_column("0")
    full = cast_to(func.div(length, hour), Integer())
    whole_hours = func.make_interval(zero, zero, zero, zero, full, type_=Interval())
    rest = func.mod(length, hour, type_=Numeric())
    made = whole_hours + rest * literal_column("interval '1 microsecond'", Interval())
    return case((func.abs(hours) <= most, made), else_=null())


def _is_duration(site: Site) -> ValueType:
    return DurationType()


CLOCK = (
    FunctionSpec(
        name="HOUR",
        family="date",
        signature="HOUR(datetime)",
        help={
            "en": "The hour of a time, or of an instant in the company's time zone, 0 to 23.",
            "zh": "时间或时刻的小时（0 到 23，按公司时区）。",
        },
        example="HOUR(called_at)",
        parameters=(Parameter("datetime", "clock"),),
        lower=_of_clock("HOUROF", "TIMEHOUR"),
    ),
    FunctionSpec(
        name="MINUTE",
        family="date",
        signature="MINUTE(datetime)",
        help={
            "en": "The minute of a time or an instant, 0 to 59.",
            "zh": "时间或时刻的分钟（0 到 59）。",
        },
        example="MINUTE(called_at)",
        parameters=(Parameter("datetime", "clock"),),
        lower=_of_clock("MINUTEOF", "TIMEMINUTE"),
    ),
    FunctionSpec(
        name="TIME",
        family="date",
        signature="TIME(hour, minute)",
        help={
            "en": "A time of day; blank where there is no such time.",
            "zh": "由时、分组成一天中的时间；不存在时为空。",
        },
        example="TIME(9, 30)",
        parameters=(Parameter("hour", "number"), Parameter("minute", "number", whole(0))),
        result=_time_type,
        python=_make_time,
        sql=_make_time_sql,
        js="makeTime",
        copies=2,
    ),
    FunctionSpec(
        name="HOURS",
        family="date",
        signature="HOURS(duration)",
        help={
            "en": "How many hours a length of time has.",
            "zh": "时长折合的小时数。",
        },
        example="HOURS(DURATION(1.5))",
        parameters=(Parameter("duration", "any"),),
        result=_hours_type,
        python=_hours,
        sql=_hours_sql,
        js="hours",
    ),
    FunctionSpec(
        name="DURATION",
        family="date",
        signature="DURATION(hours)",
        help={
            "en": "A length of time of so many hours.",
            "zh": "若干小时的时长。",
        },
        example="DURATION(1.5)",
        parameters=(Parameter("hours", "number"),),
        result=_is_duration,
        python=_duration,
        sql=_duration_sql,
        js="duration",
        copies=3,
    ),
)

CLOCK_PARTS = (
    inner("TIMEHOUR", lambda value: Decimal(value.hour), part_sql("hour"), "timeHour"),
    inner("TIMEMINUTE", lambda value: Decimal(value.minute), part_sql("minute"), "timeMinute"),
)
