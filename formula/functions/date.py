"""Functions of days and instants. Instants become days in the tenant's zone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from formula.conversions import is_numeric
from formula.functions.spec import FunctionSpec, Parameter, Site, whole
from formula.functions.text import whole_numbers
from formula.typed import Call, Constant, Node
from formula.types import DateTimeType, DateType, NumberType, ValueType

_WHEN = Parameter("date", "when")

_DAYS = {"day": 1, "week": 7}

_MONTHS = {"month": 1, "quarter": 3, "year": 12}

_MINUTES = {"minute": 1, "hour": 60}

_UNITS = Parameter("unit", "text", literal=True, choices=(*_MONTHS, *_DAYS))

_ALL_UNITS = Parameter("unit", "text", literal=True, choices=(*_MONTHS, *_DAYS, *_MINUTES))


def local_day(node: Node) -> Node:
    """Return the day of an instant in the tenant's zone; a day stays itself."""
    if isinstance(node.type, DateTimeType):
        return Call("LOCALDATE", (node,), DateType(), node.span)
    return node


def _number(site: Site, value: int) -> Constant:
    return replace(whole(value), span=site.span)


def _times(site: Site, node: Node, factor: int) -> Node:
    if factor == 1:
        return node
    kind = cast(NumberType, node.type)
    wider = NumberType(kind.digits + 2, 0)
    if isinstance(node, Constant) and node.value is None:
        return node
    return Call("TIMES", (node, _number(site, factor)), wider, node.span)


def _part(name: str, digits: int) -> Any:
    def lower(site: Site) -> Node:
        return Call(name, (local_day(site.arguments[0]),), NumberType(digits, 0), site.span)

    return lower


def _date(site: Site) -> Node | None:
    if len(site.arguments) == 1:
        first = site.arguments[0]
        if isinstance(first.type, DateType | DateTimeType):
            return local_day(first)
        found = site.as_date(first)
        if found is not None:
            return found
    elif len(site.arguments) == 3 and all(is_numeric(node.type) for node in site.arguments):  # noqa: PLR2004
        if not whole_numbers(site):
            return None
        return Call("MAKEDATE", site.arguments, DateType(), site.span)
    site.refuse(
        "wrong_arguments",
        "DATE takes a year, a month and a day, or an instant, or a day in quotes",
        'write DATE(2024, 1, 31) or DATE("2024-01-31")',
    )
    return None


def _datetime(site: Site) -> Node | None:
    if not whole_numbers(site):
        return None
    day, *clock = site.arguments
    if not isinstance(day.type, DateType):
        return day
    return Call("ATTIME", (day, *clock), DateTimeType(), site.span)


def _date_add(site: Site) -> Node | None:
    when, count, unit = site.arguments
    if not whole_numbers(site):
        return None
    name = str(cast(Constant, unit).value)
    if name in _MINUTES:
        if not isinstance(when.type, DateTimeType):
            site.refuse("wrong_argument", f"a date has no {name}s", "use day, week, month or year")
            return None
        return Call(
            "ADDMINUTES", (when, _times(site, count, _MINUTES[name])), DateTimeType(), site.span
        )
    moved = _times(site, count, _MONTHS.get(name) or _DAYS[name])
    if isinstance(when.type, DateTimeType):
        zero = _number(site, 0)
        months, days_moved = (moved, zero) if name in _MONTHS else (zero, moved)
        return Call("MOVE", (when, months, days_moved), DateTimeType(), site.span)
    return Call("ADDMONTHS" if name in _MONTHS else "ADDDAYS", (when, moved), DateType(), site.span)


def _between(site: Site, start: Node, end: Node, name: str) -> Node | None:
    if name in _MINUTES:
        if not (isinstance(start.type, DateTimeType) and isinstance(end.type, DateTimeType)):
            site.refuse("wrong_argument", f"a date has no {name}s", "use day, week, month or year")
            return None
        found, size = (
            Call("MINUTESBETWEEN", (start, end), NumberType(10, 0), site.span),
            _MINUTES[name],
        )
    elif name in _DAYS:
        pair = (local_day(end), local_day(start))
        found, size = Call("DAYSBETWEEN", pair, NumberType(7, 0), site.span), _DAYS[name]
    else:
        pair = (local_day(start), local_day(end))
        found, size = Call("MONTHSBETWEEN", pair, NumberType(6, 0), site.span), _MONTHS[name]
    if size == 1:
        return found
    return Call("PARTS", (found, _number(site, size)), found.type, site.span)


def _date_diff(site: Site) -> Node | None:
    start, end, unit = site.arguments
    return _between(site, start, end, str(cast(Constant, unit).value))


def _age(site: Site) -> Node | None:
    today = Call("TODAY", (), DateType(), site.span)
    return _between(site, site.arguments[0], today, "year")


def _span_of(name: str) -> Any:
    def lower(site: Site) -> Node:
        when, unit = site.arguments
        return Call(name, (local_day(when), unit), DateType(), site.span)

    return lower


def _end_of_month(site: Site) -> Node | None:
    if not whole_numbers(site):
        return None
    when, months = site.arguments
    return Call("MONTHEND", (local_day(when), months), DateType(), site.span)


def _is_date(site: Site) -> ValueType:
    return DateType()


def _is_instant(site: Site) -> ValueType:
    return DateTimeType()


DATE = (
    FunctionSpec(
        name="TODAY",
        family="date",
        signature="TODAY()",
        help={"en": "The present day in the company's time zone.", "zh": "今天（按公司时区）。"},
        example="TODAY()",
        parameters=(),
        result=_is_date,
        python=lambda moment: moment.today,
        sql=lambda call: call.bind("today"),
        js="today",
        moment=True,
        stability="dated",
    ),
    FunctionSpec(
        name="NOW",
        family="date",
        signature="NOW()",
        help={"en": "The present instant.", "zh": "当前时刻。"},
        example="NOW()",
        parameters=(),
        result=_is_instant,
        python=lambda moment: moment.now,
        sql=lambda call: call.bind("now"),
        js="now",
        moment=True,
        stability="dated",
    ),
    FunctionSpec(
        name="DATE",
        family="date",
        signature="DATE(year, month, day)",
        help={
            "en": "A day by its numbers, or the day of an instant; blank where there is none.",
            "zh": "由年、月、日组成日期，或取时刻的日期；不存在时为空。",
        },
        example="DATE(2024, 2, 29)",
        parameters=(
            Parameter("year", "any"),
            Parameter("month", "number", optional=True),
            Parameter("day", "number", optional=True),
        ),
        lower=_date,
    ),
    FunctionSpec(
        name="DATETIME",
        family="date",
        signature="DATETIME(date, hour, minute)",
        help={
            "en": "The instant of a day and time in the company's time zone.",
            "zh": "某日某时刻（按公司时区）。",
        },
        example="DATETIME(due, 9, 30)",
        parameters=(
            Parameter("date", "date"),
            Parameter("hour", "number", whole(0)),
            Parameter("minute", "number", whole(0)),
        ),
        lower=_datetime,
    ),
    FunctionSpec(
        name="YEAR",
        family="date",
        signature="YEAR(date)",
        help={
            "en": "The year of a day.",
            "zh": "日期的年份。",
        },
        example="YEAR(due)",
        parameters=(_WHEN,),
        lower=_part("YEAROF", 4),
    ),
    FunctionSpec(
        name="QUARTER",
        family="date",
        signature="QUARTER(date)",
        help={
            "en": "The quarter of a day, 1 to 4.",
            "zh": "日期所在季度（1 到 4）。",
        },
        example="QUARTER(due)",
        parameters=(_WHEN,),
        lower=_part("QUARTEROF", 1),
    ),
    FunctionSpec(
        name="MONTH",
        family="date",
        signature="MONTH(date)",
        help={
            "en": "The month of a day, 1 to 12.",
            "zh": "日期的月份（1 到 12）。",
        },
        example="MONTH(due)",
        parameters=(_WHEN,),
        lower=_part("MONTHOF", 2),
    ),
    FunctionSpec(
        name="WEEK",
        family="date",
        signature="WEEK(date)",
        help={
            "en": "The week of a day by ISO 8601, 1 to 53.",
            "zh": "日期所在周（ISO 8601，1 到 53）。",
        },
        example="WEEK(due)",
        parameters=(_WHEN,),
        lower=_part("WEEKOF", 2),
    ),
    FunctionSpec(
        name="DAY",
        family="date",
        signature="DAY(date)",
        help={
            "en": "The day of the month, 1 to 31.",
            "zh": "日期是当月第几天（1 到 31）。",
        },
        example="DAY(due)",
        parameters=(_WHEN,),
        lower=_part("DAYOF", 2),
    ),
    FunctionSpec(
        name="WEEKDAY",
        family="date",
        signature="WEEKDAY(date)",
        help={
            "en": "The day of the week, 1 (Monday) to 7 (Sunday).",
            "zh": "星期几，1（周一）到 7（周日）。",
        },
        example="WEEKDAY(due)",
        parameters=(_WHEN,),
        lower=_part("WEEKDAYOF", 1),
    ),
    FunctionSpec(
        name="DATEADD",
        family="date",
        signature="DATEADD(date, count, unit)",
        help={
            "en": "A day or instant moved by a unit; a shorter month has its last day.",
            "zh": "把日期或时刻移动若干分钟、小时、天、周、月、季或年；月末不足时取最后一天。",
        },
        example='DATEADD(due, 1, "month")',
        parameters=(_WHEN, Parameter("count", "number"), _ALL_UNITS),
        lower=_date_add,
    ),
    FunctionSpec(
        name="DATEDIFF",
        family="date",
        signature="DATEDIFF(start, end, unit)",
        help={
            "en": "How many whole units, minute to year, lie between two days or instants.",
            "zh": "两个日期或时刻之间相隔多少整分钟、小时、天、周、月、季或年。",
        },
        example='DATEDIFF(start, due, "day")',
        parameters=(Parameter("start", "when"), Parameter("end", "when"), _ALL_UNITS),
        lower=_date_diff,
    ),
    FunctionSpec(
        name="EOMONTH",
        family="date",
        signature="EOMONTH(date, months)",
        help={
            "en": "The last day of a month, so many months later.",
            "zh": "若干个月之后那个月的最后一天。",
        },
        example="EOMONTH(due, 0)",
        parameters=(_WHEN, Parameter("months", "number", whole(0))),
        lower=_end_of_month,
    ),
    FunctionSpec(
        name="STARTOF",
        family="date",
        signature="STARTOF(date, unit)",
        help={
            "en": "The first day of the year, quarter, month or week.",
            "zh": "所在年、季、月或周的第一天。",
        },
        example='STARTOF(due, "month")',
        parameters=(_WHEN, _UNITS),
        lower=_span_of("STARTOFDAY"),
    ),
    FunctionSpec(
        name="ENDOF",
        family="date",
        signature="ENDOF(date, unit)",
        help={
            "en": "The last day of the year, quarter, month or week.",
            "zh": "所在年、季、月或周的最后一天。",
        },
        example='ENDOF(due, "quarter")',
        parameters=(_WHEN, _UNITS),
        lower=_span_of("ENDOFDAY"),
    ),
    FunctionSpec(
        name="AGE",
        family="date",
        signature="AGE(date)",
        help={
            "en": "How many whole years have passed since a day.",
            "zh": "自某日起至今的整年数。",
        },
        example="AGE(start)",
        parameters=(_WHEN,),
        lower=_age,
    ),
)
