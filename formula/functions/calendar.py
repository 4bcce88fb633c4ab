"""The steps that functions of days and instants are made of; nobody writes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Numeric, func

from formula import days, numbers
from formula.backends.contract import Moment
from formula.functions.date_sql import (
    add_days_sql,
    add_minutes_sql,
    add_months_sql,
    at_time_sql,
    clock_sql,
    days_between_sql,
    end_sql,
    local_date_sql,
    make_date_sql,
    minutes_between_sql,
    month_end_sql,
    months_between_sql,
    move_sql,
    part_sql,
    start_sql,
    within_years,
)
from formula.functions.spec import inner


def _move(moment: Moment, value: datetime, months: Decimal, count: Decimal) -> datetime | None:
    return days.move(value, months, count, moment.zone)


CALENDAR = (
    inner(
        "LOCALDATE",
        lambda moment, value: days.local(value, moment.zone).date(),
        local_date_sql,
        "localDate",
        moment=True,
    ),
    inner("MAKEDATE", days.make_date, make_date_sql, "makeDate", copies=2),
    inner(
        "ATTIME",
        lambda moment, day, hour, minute: days.at_time(day, hour, minute, moment.zone),
        at_time_sql,
        "atTime",
        moment=True,
        copies=2,
    ),
    inner("MOVE", _move, move_sql, "move", moment=True, copies=4),
    inner("ADDDAYS", days.add_days, add_days_sql, "addDays", copies=4),
    inner("ADDMONTHS", days.add_months, add_months_sql, "addMonths", copies=4),
    inner("ADDMINUTES", days.add_minutes, add_minutes_sql, "addMinutes", copies=4),
    inner(
        "DAYSBETWEEN",
        lambda end, start: Decimal((end - start).days),
        days_between_sql,
        "daysBetween",
    ),
    inner("MONTHSBETWEEN", days.months_between, months_between_sql, "monthsBetween", copies=5),
    inner("MINUTESBETWEEN", days.minutes_between, minutes_between_sql, "minutesBetween"),
    inner("MONTHEND", days.end_of_month, month_end_sql, "monthEnd", copies=4),
    inner("STARTOFDAY", days.start_of, start_sql, "startOf"),
    inner("ENDOFDAY", days.end_of, end_sql, "endOf", copies=3),
    inner(
        "PARTS",
        lambda count, size: numbers.EXACT.divide_int(count, size),
        lambda call: func.div(*call.arguments, type_=Numeric()),
        "parts",
    ),
    inner("TIMES", numbers.multiply, lambda call: call.arguments[0] * call.arguments[1], "times"),
    inner(
        "TIMEBETWEEN",
        lambda end, start: end - start,
        lambda call: call.arguments[0] - call.arguments[1],
        "timeBetween",
    ),
    inner(
        "ADDTIME",
        lambda value, length: value + length,
        lambda call: within_years(call.arguments[0] + call.arguments[1]),
        "addTime",
        copies=3,
    ),
    inner(
        "SUBTRACTTIME",
        lambda value, length: value - length,
        lambda call: within_years(call.arguments[0] - call.arguments[1]),
        "subtractTime",
        copies=3,
    ),
    inner("YEAROF", lambda value: Decimal(value.year), part_sql("year"), "year"),
    inner(
        "QUARTEROF", lambda value: Decimal((value.month + 2) // 3), part_sql("quarter"), "quarter"
    ),
    inner("MONTHOF", lambda value: Decimal(value.month), part_sql("month"), "month"),
    inner("WEEKOF", lambda value: Decimal(value.isocalendar().week), part_sql("week"), "week"),
    inner("DAYOF", lambda value: Decimal(value.day), part_sql("day"), "day"),
    inner("WEEKDAYOF", lambda value: Decimal(value.isoweekday()), part_sql("isodow"), "weekday"),
    inner(
        "HOUROF",
        lambda moment, value: Decimal(days.local(value, moment.zone).hour),
        clock_sql("hour"),
        "hour",
        moment=True,
    ),
    inner(
        "MINUTEOF",
        lambda moment, value: Decimal(days.local(value, moment.zone).minute),
        clock_sql("minute"),
        "minute",
        moment=True,
    ),
)
