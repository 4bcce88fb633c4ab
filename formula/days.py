"""Days, months and instants in Python: the arithmetic of the calendar, without a clock."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MOST = 4_000_000


def add_days(day: date, count: Decimal) -> date | None:
    """Return the day so many days later; blank outside the years 1 to 9999."""
    return None if abs(count) > _MOST else day + timedelta(days=int(count))


def add_months(day: date, count: Decimal) -> date | None:
    """Return the same day so many months later, or the last day of a shorter month."""
    if abs(count) > _MOST:
        return None
    index = day.year * 12 + day.month - 1 + int(count)
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_month(day: date, count: Decimal) -> date | None:
    """Return the last day of the month so many months later."""
    found = add_months(day.replace(day=1), count)
    return None if found is None else found.replace(day=monthrange(found.year, found.month)[1])


def months_between(start: date, end: date) -> Decimal:
    """Return how many whole months lie between two days, negative backwards."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if end >= start and end.day < start.day:
        months -= 1
    elif end < start and end.day > start.day:
        months += 1
    return Decimal(months)


def start_of(day: date, unit: str) -> date:
    """Return the first day of the year, quarter, month or week (from Monday) of a day."""
    match unit:
        case "year":
            return day.replace(month=1, day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            return day - timedelta(days=day.weekday())
        case _:
            return day


def end_of(day: date, unit: str) -> date:
    """Return the last day of the year, quarter, month or week (to Sunday) of a day."""
    match unit:
        case "year":
            return day.replace(month=12, day=31)
        case "quarter":
            month = (day.month - 1) // 3 * 3 + 3
            return date(day.year, month, monthrange(day.year, month)[1])
        case "month":
            return day.replace(day=monthrange(day.year, day.month)[1])
        case "week":
            return day + timedelta(days=6 - day.weekday())
        case _:
            return day


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    """Return a day by its numbers; blank where there is no such day."""
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


def local(instant: datetime, zone: str) -> datetime:
    """Return an instant as the clock of a zone shows it, without the zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant(shown: datetime, zone: str) -> datetime:
    """Return the instant at which the clock of a zone shows a time.

    A time shown twice is the later one; one that is skipped counts from before the change.
    Both mean the smaller of the two offsets.
    """
    info = ZoneInfo(zone)
    offsets = [shown.replace(tzinfo=info, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    return (shown - min(offsets)).replace(tzinfo=UTC)


def move(value: datetime, months: Decimal, days: Decimal, zone: str) -> datetime | None:
    """Return an instant moved by whole months and days on the clock of a zone."""
    shown = local(value, zone)
    day = add_months(shown.date(), months)
    day = None if day is None else add_days(day, days)
    return None if day is None else instant(datetime.combine(day, shown.time()), zone)


def at_time(day: date, hour: Decimal, minute: Decimal, zone: str) -> datetime | None:
    """Return the instant of a day and time in a zone; blank where there is no such time."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):  # noqa: PLR2004
        return None
    return instant(datetime.combine(day, time(int(hour), int(minute))), zone)


def add_minutes(value: datetime, count: Decimal) -> datetime | None:
    """Return an instant so many minutes later."""
    return None if abs(count) > 2_000_000_000 else value + timedelta(minutes=int(count))  # noqa: PLR2004


def minutes_between(start: datetime, end: datetime) -> Decimal:
    """Return how many whole minutes lie between two instants, negative backwards."""
    micro = (end - start) // timedelta(microseconds=1)
    minutes = abs(micro) // 60_000_000
    return Decimal(minutes if micro >= 0 else -minutes)
