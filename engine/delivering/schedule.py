"""When something is sent again: each day, week or month, by the clock where somebody is."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Every = Literal["daily", "weekly", "monthly"]

EVERY: tuple[Every, ...] = get_args(Every)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A time of the clock in a zone on each day, on a day of the week (1: Monday) or of the month.

    A month without such a day is served on its last one.
    """

    every: Every
    at: time
    zone: str
    day: int = 1


def following(rhythm: Rhythm, after: datetime) -> datetime:
    """Return the first moment of a rhythm later than another moment, in UTC.

    A time that the clock skips in spring is taken as if it had not been put forward.
    """
    zone = ZoneInfo(rhythm.zone)
    day = after.astimezone(zone).date()
    while True:
        if _is_due(rhythm, day):
            found = datetime.combine(day, rhythm.at, zone).astimezone(UTC)
            if found > after:
                return found
        day += timedelta(days=1)


def _is_due(rhythm: Rhythm, day: date) -> bool:
    match rhythm.every:
        case "daily":
            return True
        case "weekly":
            return day.isoweekday() == rhythm.day
        case "monthly":
            return day.day == min(rhythm.day, monthrange(day.year, day.month)[1])
