"""Days and instants in SQL; nothing here depends on the zone of the session."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    Numeric,
    and_,
    case,
    extract,
    func,
    literal_column,
    null,
)
from sqlalchemy import cast as cast_to

from formula.functions.spec import SqlCall

_FIRST_DAY = "date '0001-01-01'"
_LAST_DAY = "date '9999-12-31'"

Sql = ColumnElement[Any]


def _in_range(day: Sql, *more: Sql) -> Sql:
    first: Sql = literal_column(_FIRST_DAY, Date())
    last: Sql = literal_column(_LAST_DAY, Date())
    return case((and_(*more, day >= first, day <= last), day), else_=null())


def _clamped(count: Sql, most: int) -> Sql:
    limit: Sql = literal_column(str(most))
    return cast_to(func.greatest(-limit, func.least(limit, count)), Integer())


def field_sql(name: str, value: Sql) -> Sql:
    """Return one part of a day, a time or a length of time as a number."""
    return cast_to(extract(name, value), Numeric())


def part_sql(name: str) -> Any:
    """Return SQL for one part of a day."""
    return lambda call: field_sql(name, call.arguments[0])


def clock_sql(name: str) -> Any:
    """Return SQL for one part of an instant on the clock of the zone."""
    return lambda call: field_sql(name, func.timezone(call.bind("zone"), call.arguments[0]))


def _timestamp(day: Sql) -> Sql:
    return cast_to(day, DateTime())


def _months(count: Sql) -> Sql:
    return func.make_interval(literal_column("0"), _clamped(count, 200000), type_=Interval())


def add_days_sql(call: SqlCall) -> Sql:
    """Return SQL for a day moved by days."""
    day, count = call.arguments
    limit: Sql = literal_column("4000000")
    return _in_range(day + _clamped(count, 4000000), func.abs(count) <= limit)


def add_months_sql(call: SqlCall) -> Sql:
    """Return SQL for a day moved by months."""
    day, count = call.arguments
    moved = cast_to(_timestamp(day) + _months(count), Date())
    return _in_range(moved, func.abs(count) <= literal_column("200000"))


def month_end_sql(call: SqlCall) -> Sql:
    """Return SQL for the last day of a month."""
    day, count = call.arguments
    first = func.date_trunc(literal_column("'month'"), _timestamp(day))
    moved = first + _months(count)
    last = cast_to(moved + literal_column("interval '1 month - 1 day'", Interval()), Date())
    return _in_range(last, func.abs(count) <= literal_column("200000"))


def months_between_sql(call: SqlCall) -> Sql:
    """Return SQL for the whole months between two days."""
    start, end = call.arguments
    months = (field_sql("year", end) - field_sql("year", start)) * literal_column("12") + (
        field_sql("month", end) - field_sql("month", start)
    )
    early = and_(end >= start, field_sql("day", end) < field_sql("day", start))
    late = and_(end < start, field_sql("day", end) > field_sql("day", start))
    one: Sql = literal_column("1", Numeric())
    return months + case((early, -one), (late, one), else_=literal_column("0", Numeric()))


def start_sql(call: SqlCall) -> Sql:
    """Return SQL for the first day of a period."""
    unit: Sql = literal_column(f"'{call.literal(1)}'")
    return cast_to(func.date_trunc(unit, _timestamp(call.arguments[0])), Date())


def end_sql(call: SqlCall) -> Sql:
    """Return SQL for the last day of a period."""
    unit = str(call.literal(1))
    if unit == "day":
        return call.arguments[0]
    length = "3 months" if unit == "quarter" else f"1 {unit}"
    start = func.date_trunc(literal_column(f"'{unit}'"), _timestamp(call.arguments[0]))
    last = start + literal_column(f"interval '{length} - 1 day'", Interval())
    return _in_range(cast_to(last, Date()))


def make_date_sql(call: SqlCall) -> Sql:
    """Return SQL for a day by its numbers; no number makes it fail."""
    year, month, day = call.arguments

    def within(value: Sql, low: int, high: int) -> Sql:
        bounded = func.greatest(
            literal_column(str(low)), func.least(literal_column(str(high)), value)
        )
        return cast_to(bounded, Integer())

    one: Sql = literal_column("1")
    first = func.make_date(within(year, 1, 9999), within(month, 1, 12), one, type_=Date())
    made = cast(Sql, first + (within(day, 1, 31) - one))
    right = and_(
        year.between(one, literal_column("9999")),
        month.between(one, literal_column("12")),
        day.between(one, literal_column("31")),
        field_sql("month", made) == month,
    )
    return case((right, made), else_=null())


def local_date_sql(call: SqlCall) -> Sql:
    """Return SQL for the day of an instant in the zone."""
    return cast_to(func.timezone(call.bind("zone"), call.arguments[0]), Date())


def within_years(value: Sql, *more: Sql) -> Sql:
    """Return an instant, blank outside the years 1 to 9999 or unless `more` holds."""
    first: Sql = literal_column("timestamptz '0001-01-01 00:00:00+00'")
    end: Sql = literal_column("timestamptz '10000-01-01 00:00:00+00'")
    return case((and_(*more, value >= first, value < end), value), else_=null())


def at_time_sql(call: SqlCall) -> Sql:
    """Return SQL for the instant of a day and time in the zone."""
    day, hour, minute = call.arguments
    zero: Sql = literal_column("0")
    length = func.make_interval(
        zero, zero, zero, zero, _clamped(hour, 100), _clamped(minute, 100), type_=Interval()
    )
    shown = _timestamp(day) + length
    right = and_(
        hour.between(zero, literal_column("23")), minute.between(zero, literal_column("59"))
    )
    made = func.timezone(call.bind("zone"), shown, type_=DateTime(timezone=True))
    return case((right, made), else_=null())


def move_sql(call: SqlCall) -> Sql:
    """Return SQL for an instant moved by months and days on the clock of the zone."""
    value, months, moved_days = call.arguments
    zone = call.bind("zone")
    zero: Sql = literal_column("0")
    shown = func.timezone(zone, value, type_=DateTime()) + _months(months)
    shown = shown + func.make_interval(
        zero, zero, zero, _clamped(moved_days, 4000000), type_=Interval()
    )
    near = and_(
        func.abs(months) <= literal_column("200000"),
        func.abs(moved_days) <= literal_column("4000000"),
    )
    return within_years(func.timezone(zone, shown, type_=DateTime(timezone=True)), near)


def add_minutes_sql(call: SqlCall) -> Sql:
    """Return SQL for an instant moved by minutes."""
    value, count = call.arguments
    zero: Sql = literal_column("0")
    length = func.make_interval(
        zero, zero, zero, zero, zero, _clamped(count, 2000000000), type_=Interval()
    )
    near = func.abs(count) <= literal_column("2000000000")
    return within_years(value + length, near)


def minutes_between_sql(call: SqlCall) -> Sql:
    """Return SQL for the whole minutes between two instants."""
    start, end = call.arguments
    seconds = field_sql("epoch", end - start)
    return func.div(seconds, literal_column("60"), type_=Numeric())


def days_between_sql(call: SqlCall) -> Sql:
    """Return SQL for the days between two days."""
    end, start = call.arguments
    return cast_to(end - start, Numeric())
