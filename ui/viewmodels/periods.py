"""Periods that figures are narrowed to, and those that they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

PERIODS: Mapping[str, str] = {
    "today": "today",
    "this_week": "this week",
    "last_week": "last week",
    "this_month": "this month",
    "last_month": "last month",
    "next_month": "next month",
    "this_quarter": "this quarter",
    "last_quarter": "last quarter",
    "next_quarter": "next quarter",
    "this_year": "this year",
    "last_year": "last year",
    "last_30_days": "the last 30 days",
    "last_90_days": "the last 90 days",
    "last_12_months": "the last 12 months",
}
"""Periods that can be chosen: a code, and its word in English."""

CUSTOM = "custom"
"""The choice of two days of one's own, which an address writes as `2026-01-01..2026-03-31`."""

MONTHS = {"month": 1, "quarter": 3, "year": 12}

STEPS = {"last": -1, "this": 0, "next": 1}

Former = Literal["previous_period", "previous_year"]

Days = tuple[date, date]
"""The first and the last day of a period."""


def is_period(code: str) -> bool:
    """Return whether a text of an address means a period."""
    return code in PERIODS or _own(code) is not None


def bounds(code: str, today: date) -> Days:
    """Return the first and the last day of a period around a day; `code` is one of ours."""
    own = _own(code)
    if own is not None:
        return own
    which, _, unit = code.partition("_")
    if code == "today":
        return today, today
    if unit == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(weeks=STEPS[which])
        return start, start + timedelta(days=6)
    if unit in MONTHS:
        return _months(today, MONTHS[unit], STEPS[which])
    number, _, of = unit.partition("_")
    if of == "months":
        return _month(_index(today) - int(number) + 1), _month(_index(today) + 1) - _DAY
    return today - timedelta(days=int(number) - 1), today


def former(code: str, today: date, how: Former) -> Days:
    """Return the period that one is compared with: the one before it, or a year earlier."""
    first, last = bounds(code, today)
    if how == "previous_year":
        return _earlier(first), _earlier(last)
    unit = code.partition("_")[2]
    if unit in MONTHS:
        months = MONTHS[unit]
        return _month(_index(first) - months), first - _DAY
    return first - (last - first) - _DAY, first - _DAY


def own_period(first: date, last: date) -> str:
    """Return how an address writes two days of somebody's own."""
    return f"{first.isoformat()}..{last.isoformat()}"


_DAY = timedelta(days=1)


def _own(code: str) -> Days | None:
    first, dots, last = code.partition("..")
    try:
        found = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return found if dots and found[0] <= found[1] else None


def _months(today: date, length: int, step: int) -> Days:
    start = _index(today) - _index(today) % length + step * length
    return _month(start), _month(start + length) - _DAY


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _earlier(day: date) -> date:
    """Return the same day a year earlier; the end of a February stays its end."""
    if day.month == 2 and (day + _DAY).month == 3:
        return date(day.year - 1, 3, 1) - _DAY
    return day.replace(year=day.year - 1)
