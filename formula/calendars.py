"""Business calendars: which days are worked, and at which hours, as exact whole numbers.

Days count from 0, Monday 1 January of the year 1; times are microseconds from its
midnight, on the clock of the company's zone. Every back end looks up the same tables.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import accumulate

from formula import numbers

Hours = tuple[tuple[int, int], ...]
"""The spans worked in a day: minutes after midnight from and to, in order; () is a day off."""

LAST_DAY = date.max.toordinal() - 1
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_WEEK = 7
_DAY_MINUTES = 24 * 60
_MOST_HOURS = 90_000_000
_FIRST = datetime(1, 1, 1)  # noqa: DTZ001  # a clock's time, in no zone


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a company works: the hours of each weekday, Monday first, and days that differ.

    `days` are in order: holidays without hours, make-up days with theirs.
    """

    name: str
    week: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    days: tuple[tuple[date, Hours], ...] = ()


@dataclass(frozen=True, slots=True)
class Timetable:
    """A calendar as sorted tables, looked up by halving.

    Working days: `per_week`, `worked` (from Monday up to and with each weekday), and what the
    `dates` add to the count (`shifts`, one more than dates). Working time: a broken line over
    the week (`week_starts`, its `week_values` and slopes) and one that corrects it on days
    that differ (`starts`, one value and slope more than starts); all in minutes.
    """

    per_week: int
    worked: tuple[int, ...]
    dates: tuple[int, ...]
    shifts: tuple[int, ...]
    week_time: int
    week_starts: tuple[int, ...]
    week_values: tuple[int, ...]
    week_slopes: tuple[int, ...]
    starts: tuple[int, ...]
    values: tuple[int, ...]
    slopes: tuple[int, ...]

    def days_until(self, day: int) -> int:
        """Return how many working days there are from the first day up to and with `day`."""
        weeks, weekday = divmod(day, _WEEK)
        shift = self.shifts[bisect_right(self.dates, day)]
        return weeks * self.per_week + self.worked[weekday] + shift

    def time_until(self, moment: int) -> int:
        """Return how many microseconds are worked before a time."""
        weeks, rest = divmod(moment, _WEEK * DAY)
        at = bisect_right(self.week_starts, rest // MINUTE) - 1
        found = (weeks * self.week_time + self.week_values[at]) * MINUTE
        found += self.week_slopes[at] * (rest - self.week_starts[at] * MINUTE)
        differing = bisect_right(self.starts, moment // MINUTE)
        if differing == 0:
            return found
        past = moment - self.starts[differing - 1] * MINUTE
        return found + self.values[differing] * MINUTE + self.slopes[differing] * past


@lru_cache(maxsize=256)
def timetable(calendar: Calendar) -> Timetable:
    """Return the tables of a calendar."""
    usual = [int(bool(hours)) for hours in calendar.week]
    shifts = [bool(hours) - usual[day.weekday()] for day, hours in calendar.days]
    line = _line(_weekly(calendar))
    changes = _line(_differing(calendar))
    return Timetable(
        per_week=sum(usual),
        worked=tuple(accumulate(usual)),
        dates=tuple(day.toordinal() - 1 for day, _ in calendar.days),
        shifts=(0, *accumulate(shifts)),
        week_time=sum(end - start for hours in calendar.week for start, end in hours),
        week_starts=(0, *line[0]),
        week_values=line[1],
        week_slopes=line[2],
        starts=changes[0],
        values=changes[1],
        slopes=changes[2],
    )


def workdays(calendar: Calendar, start: date, end: date) -> Decimal:
    """Return how many working days lie from one day to another, both counted."""
    table, first, last = timetable(calendar), start.toordinal() - 1, end.toordinal() - 1
    if first > last:
        return Decimal(table.days_until(last - 1) - table.days_until(first))
    return Decimal(table.days_until(last) - table.days_until(first - 1))


def add_workdays(calendar: Calendar, start: date, count: Decimal) -> date | None:
    """Return the working day so many after (before) a day; the day itself for 0."""
    if not count or abs(count) > LAST_DAY:
        return None if count else start
    table, day = timetable(calendar), start.toordinal() - 1
    wanted = int(count) + (table.days_until(day) if count > 0 else table.days_until(day - 1) + 1)
    if wanted < 1 or table.days_until(LAST_DAY) < wanted:
        return None
    found = _smallest(0, LAST_DAY, lambda day: table.days_until(day) >= wanted)
    return date.fromordinal(found + 1)


def workhours(calendar: Calendar, start: datetime, end: datetime) -> Decimal | None:
    """Return the hours worked between two times on a clock, negative backwards."""
    table = timetable(calendar)
    time = table.time_until(_micros(end)) - table.time_until(_micros(start))
    return numbers.divide(Decimal(time), Decimal(HOUR))


def add_workhours(calendar: Calendar, start: datetime, hours: Decimal) -> datetime | None:
    """Return the first time by which so many hours were worked (backwards: the last)."""
    if abs(hours) > _MOST_HOURS:
        return None
    length = int((hours * HOUR).quantize(Decimal(1), ROUND_HALF_UP, numbers.EXACT))
    if not length:
        return start
    table, at, end = timetable(calendar), _micros(start), (LAST_DAY + 1) * DAY
    wanted = table.time_until(at) + length
    if length > 0:
        found = _smallest(at, end, lambda moment: table.time_until(moment) >= wanted)
    else:
        found = _smallest(0, at, lambda moment: table.time_until(moment) > wanted) - 1
    if found < 0 or found >= end or (length < 0 and wanted < 0):
        return None
    return _FIRST + timedelta(microseconds=found)


def _smallest(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the smallest number for which a condition holds that never ends again, or `high`."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _micros(moment: datetime) -> int:
    return (moment - _FIRST) // timedelta(microseconds=1)


def _weekly(calendar: Calendar) -> Iterator[tuple[int, int]]:
    for weekday, hours in enumerate(calendar.week):
        yield from _bends(weekday * _DAY_MINUTES, hours, 1)


def _differing(calendar: Calendar) -> Iterator[tuple[int, int]]:
    for day, hours in calendar.days:
        midnight = (day.toordinal() - 1) * _DAY_MINUTES
        yield from _bends(midnight, hours, 1)
        yield from _bends(midnight, calendar.week[day.weekday()], -1)


def _bends(midnight: int, hours: Hours, sign: int) -> Iterator[tuple[int, int]]:
    for start, end in hours:
        yield midnight + start, sign
        yield midnight + end, -sign


def _line(
    bends: Iterator[tuple[int, int]],
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return a line that bends as told: where, and its values and slopes, before the first too."""
    turns: dict[int, int] = {}
    for place, turn in bends:
        turns[place] = turns.get(place, 0) + turn
    places, values, slopes = [], [0], [0]
    before = 0
    for place in sorted(place for place, turn in turns.items() if turn):
        values.append(values[-1] + slopes[-1] * (place - before))
        slopes.append(slopes[-1] + turns[place])
        places.append(place)
        before = place
    return tuple(places), tuple(values), tuple(slopes)
