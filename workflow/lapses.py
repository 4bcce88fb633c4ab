"""When a length of time is over: in minutes and months on the clock, or in working time."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from formula.calendars import Calendar, add_workdays, add_workhours
from metamodel.actions import Lapse
from metamodel.model import Model

_EXACT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


def after(model: Model, start: datetime, lapse: Lapse, calendar: str = "") -> datetime | None:
    """Return the instant at which a lapse after `start` is over, None beyond all calendars.

    Days, weeks, months and working time are counted on the clock of the app's zone.
    """
    zone = ZoneInfo(model.app.timezone)
    if lapse.unit in _EXACT:
        return start + lapse.amount * _EXACT[lapse.unit]
    local = start.astimezone(zone)
    if lapse.unit == "working_hour":
        clock = local.replace(tzinfo=None)
        found = add_workhours(_calendar(model, calendar), clock, Decimal(lapse.amount))
        return None if found is None else found.replace(tzinfo=zone).astimezone(UTC)
    day = day_after(model, local.date(), lapse, calendar)
    if day is None:
        return None
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)


def day_after(model: Model, day: date, lapse: Lapse, calendar: str = "") -> date | None:
    """Return the day that lies a lapse of whole days after another, None beyond all calendars."""
    try:
        match lapse.unit:
            case "day":
                return day + timedelta(days=lapse.amount)
            case "week":
                return day + timedelta(weeks=lapse.amount)
            case "month":
                return _months(day, lapse.amount)
            case "year":
                return _months(day, 12 * lapse.amount)
            case "working_day":
                return add_workdays(_calendar(model, calendar), day, Decimal(lapse.amount))
            case _:
                return day
    except (OverflowError, ValueError):
        return None


def at_time(model: Model, day: date, clock: str) -> datetime:
    """Return the instant of `HH:MM` on a day, on the clock of the app's zone."""
    place = ZoneInfo(model.app.timezone)
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=place).astimezone(UTC)


def _months(day: date, count: int) -> date:
    """Return the same day of a month, some months later; the last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _calendar(model: Model, name: str) -> Calendar:
    return model.calendars.get(name) or model.calendars[""]
