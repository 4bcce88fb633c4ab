"""Functions of business calendars in SQL, over the functions of `library.sql`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    func,
    literal,
    literal_column,
)
from sqlalchemy import cast as cast_to

from formula.calendars import Timetable, timetable
from formula.functions.date_sql import within_years
from formula.functions.number_sql import sql_divide
from formula.functions.spec import SqlCall
from formula.library import SCHEMA

Sql = ColumnElement[Any]

_SCHEMA = getattr(func, SCHEMA)


def workdays_sql(call: SqlCall) -> Sql:
    """Return SQL for WORKDAYS."""
    start, end = call.arguments
    table = _days(timetable(call.calendar))
    return cast_to(_SCHEMA.formula_workdays(start, end, *table, type_=Integer()), Numeric())


def add_workdays_sql(call: SqlCall) -> Sql:
    """Return SQL for ADDWORKDAYS."""
    start, count = call.arguments
    table = _days(timetable(call.calendar))
    found: Sql = _SCHEMA.formula_add_workdays(start, count, *table, type_=Date())
    return found


def workhours_sql(call: SqlCall) -> Sql:
    """Return SQL for WORKHOURS."""
    start, end = (_shown(call, value) for value in call.arguments)
    table = _times(timetable(call.calendar))
    time = _SCHEMA.formula_worktime(start, end, *table, type_=BigInteger())
    hour: Sql = literal_column("3600000000::numeric", Numeric())
    return sql_divide(cast_to(time, Numeric()), hour)


def add_workhours_sql(call: SqlCall) -> Sql:
    """Return SQL for ADDWORKHOURS."""
    value, hours = call.arguments
    table = _times(timetable(call.calendar))
    shown = _SCHEMA.formula_add_worktime(_shown(call, value), hours, *table, type_=DateTime())
    made = func.timezone(call.bind("zone"), shown, type_=DateTime(timezone=True))
    return within_years(made)


def _shown(call: SqlCall, value: Sql) -> Sql:
    return func.timezone(call.bind("zone"), value, type_=DateTime())


def _days(table: Timetable) -> Sequence[Sql]:
    return (
        literal(table.per_week, Integer()),
        *(_integers(part) for part in (table.worked, table.dates, table.shifts)),
    )


def _times(table: Timetable) -> Sequence[Sql]:
    parts = (
        table.week_starts, table.week_values, table.week_slopes,
        table.starts, table.values, table.slopes,
    )  # fmt: skip
    return literal(table.week_time, Integer()), *(_integers(part) for part in parts)


def _integers(values: tuple[int, ...]) -> Sql:
    return cast_to(literal(list(values), ARRAY(BigInteger())), ARRAY(BigInteger()))
