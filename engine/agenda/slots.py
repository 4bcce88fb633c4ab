"""When several people are free together, within the hours that the company works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from formula.calendars import Calendar, Hours

STEP = timedelta(minutes=15)
"""At which minutes a slot may begin, counted from the full hour."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time; the end is not included."""

    begins: datetime
    ends: datetime


def free_slots(
    taken: Iterable[Slot], within: Slot, length: timedelta, calendar: Calendar, zone: ZoneInfo
) -> Iterator[Slot]:
    """Yield slots of a length in which nothing is taken, in order, none over another.

    They lie in the working hours of a calendar, kept on the clock of a zone, and begin at a
    quarter of an hour. A slot never spans a break, nor the end of a day.
    """
    busy = _merged(taken)
    for worked in _working(within, calendar, zone):
        at = _rounded(max(worked.begins, within.begins), zone)
        end = min(worked.ends, within.ends)
        while at + length <= end:
            clash = next((b for b in busy if b.begins < at + length and b.ends > at), None)
            if clash is not None:
                at = _rounded(clash.ends, zone)
                continue
            yield Slot(at, at + length)
            at = _rounded(at + length, zone)


def _merged(taken: Iterable[Slot]) -> Sequence[Slot]:
    """Return stretches in order, those that touch made one."""
    found: list[Slot] = []
    for each in sorted(taken, key=lambda slot: slot.begins):
        if found and each.begins <= found[-1].ends:
            found[-1] = Slot(found[-1].begins, max(found[-1].ends, each.ends))
        else:
            found.append(each)
    return found


def _working(within: Slot, calendar: Calendar, zone: ZoneInfo) -> Iterator[Slot]:
    """Yield the stretches that are worked on the days of a time."""
    day = within.begins.astimezone(zone).date()
    last = within.ends.astimezone(zone).date()
    differing = dict(calendar.days)
    while day <= last:
        for start, end in differing.get(day, calendar.week[day.weekday()]):
            yield Slot(_at(day, start, zone), _at(day, end, zone))
        day += timedelta(days=1)


def working_hours(calendar: Calendar, day: date) -> Hours:
    """Return the hours worked on a day, in minutes after midnight; () for a day off."""
    return dict(calendar.days).get(day, calendar.week[day.weekday()])


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    whole, rest = divmod(minutes, 24 * 60)
    clock = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60))
    return clock.replace(tzinfo=zone)


def _rounded(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the next moment that a slot may begin at."""
    here = moment.astimezone(zone)
    over = timedelta(minutes=here.minute % 15, seconds=here.second, microseconds=here.microsecond)
    return moment if not over else moment + (STEP - over)
