"""Functions of working days and working hours, by a business calendar."""

from __future__ import annotations

from typing import Any

from formula import calendars, days
from formula.functions.date import local_day
from formula.functions.spec import FunctionSpec, Parameter, Site, text
from formula.functions.text import whole_numbers
from formula.functions.worktime_sql import (
    add_workdays_sql,
    add_workhours_sql,
    workdays_sql,
    workhours_sql,
)
from formula.typed import Call, Node
from formula.types import DateTimeType, DateType, NumberType, ValueType

_CALENDAR = Parameter("calendar", "text", text(""), literal=True)

_HOURS = NumberType(9, 12)


def _of_days(name: str, kind: ValueType) -> Any:
    """Return the rule of a function over days, of which the first may be an instant's."""

    def lower(site: Site) -> Node | None:
        calendar = site.calendar(2)
        if calendar is None or (name == "ADDWORKDAYS" and not whole_numbers(site)):
            return None
        first, second, _ = site.arguments
        if name == "WORKDAYS":
            second = local_day(second)
        return Call(name, (local_day(first), second), kind, site.span, calendar)

    return lower


def _of_hours(name: str, kind: ValueType) -> Any:
    def lower(site: Site) -> Node | None:
        calendar = site.calendar(2)
        if calendar is None:
            return None
        return Call(name, tuple(site.arguments[:2]), kind, site.span, calendar)

    return lower


def _workhours(moment: Any, calendar: Any, start: Any, end: Any) -> Any:
    shown = (days.local(value, moment.zone) for value in (start, end))
    return calendars.workhours(calendar, *shown)


def _add_workhours(moment: Any, calendar: Any, start: Any, hours: Any) -> Any:
    found = calendars.add_workhours(calendar, days.local(start, moment.zone), hours)
    return None if found is None else days.instant(found, moment.zone)


WORKTIME = (
    FunctionSpec(
        name="WORKDAYS",
        family="date",
        signature="WORKDAYS(start, end, calendar)",
        help={
            "en": "How many working days lie from one day to another, both counted.",
            "zh": "两个日期之间的工作日天数（含首尾两天），按工作日历计算，含调休。",
        },
        example='WORKDAYS(DATE("2024-05-13"), DATE("2024-05-19"))',
        parameters=(Parameter("start", "when"), Parameter("end", "when"), _CALENDAR),
        lower=_of_days("WORKDAYS", NumberType(7, 0)),
        python=lambda moment, *given: calendars.workdays(*given),
        sql=workdays_sql,
        js="workdays",
        moment=True,
        calendar=True,
        copies=2,
    ),
    FunctionSpec(
        name="ADDWORKDAYS",
        family="date",
        signature="ADDWORKDAYS(date, count, calendar)",
        help={
            "en": "The working day so many working days after a day, or before it.",
            "zh": "某日之后（或之前）若干个工作日的日期。",
        },
        example='ADDWORKDAYS(DATE("2024-05-17"), 3)',
        parameters=(Parameter("date", "when"), Parameter("count", "number"), _CALENDAR),
        lower=_of_days("ADDWORKDAYS", DateType()),
        python=lambda moment, *given: calendars.add_workdays(*given),
        sql=add_workdays_sql,
        js="addWorkdays",
        moment=True,
        calendar=True,
        copies=2,
    ),
    FunctionSpec(
        name="WORKHOURS",
        family="date",
        signature="WORKHOURS(start, end, calendar)",
        help={
            "en": "The working hours between two instants.",
            "zh": "两个时刻之间的工作小时数。",
        },
        example='WORKHOURS(NOW(), DATEADD(NOW(), 1, "day"))',
        parameters=(Parameter("start", "datetime"), Parameter("end", "datetime"), _CALENDAR),
        lower=_of_hours("WORKHOURS", _HOURS),
        python=_workhours,
        sql=workhours_sql,
        js="workhours",
        moment=True,
        calendar=True,
        copies=2,
    ),
    FunctionSpec(
        name="ADDWORKHOURS",
        family="date",
        signature="ADDWORKHOURS(instant, hours, calendar)",
        help={
            "en": "The instant by which so many working hours have passed.",
            "zh": "经过若干工作小时后的时刻，可为负数。",
        },
        example="ADDWORKHOURS(NOW(), 4)",
        parameters=(Parameter("instant", "datetime"), Parameter("hours", "number"), _CALENDAR),
        lower=_of_hours("ADDWORKHOURS", DateTimeType()),
        python=_add_workhours,
        sql=add_workhours_sql,
        js="addWorkhours",
        moment=True,
        calendar=True,
        copies=2,
    ),
)
