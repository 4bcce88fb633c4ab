"""When something that repeats takes place: rules as calendars write them (RFC 5545), unfolded.

Understood is what people say of appointments: every so many days, weeks, months or years, on which
days of the week or month, in which months, so often or until when, and on which days not after
all. Days are gone through one by one, so that no rule, however it was made up, takes longer than
the stretch that is looked at; what is counted is counted once.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Literal, cast, get_args

Every = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]

LONGEST = timedelta(days=366)
"""How long something may take each time: what takes longer does not repeat."""

FURTHEST = 30 * 366
"""Days that are gone through to count: what is counted has ended by then."""

YEARS = range(3, 9_990)
"""Years that have others beside them: in those at the ends of time nothing repeats."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

PART = re.compile(r"([A-Z]+)=([A-Z0-9,+-]+)")

ON = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")

SKIPPED = "EXDATE"
"""What calendars write beside a rule, and we within it: days on which it is not followed."""

KNOWN = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST", SKIPPED}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How something repeats. `weekdays` are pairs of which one (0: each) and the day (Monday 0).

    `count` 0: without an end of that kind. Days of the month count from its end below 0. What is
    `skipped` counts as a time all the same.
    """

    every: Every
    interval: int = 1
    count: int = 0
    until: date | None = None
    weekdays: frozenset[tuple[int, int]] = frozenset()
    month_days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    week_start: int = 0
    skipped: frozenset[date] = frozenset()

    def falls_on(self, day: date, first: date) -> bool:
        """Return whether what began on a first day takes place on a later one."""
        return self._in_turn(day, first) and self._suits(day, first)

    def _in_turn(self, day: date, first: date) -> bool:
        """Return whether a day lies in one of the days, weeks, months or years that count."""
        match self.every:
            case "DAILY":
                passed = (day - first).days
            case "WEEKLY":
                passed = (self._week(day) - self._week(first)).days // 7
            case "MONTHLY":
                passed = (day.year - first.year) * 12 + day.month - first.month
            case "YEARLY":
                passed = day.year - first.year
        return passed % self.interval == 0

    def _week(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - self.week_start) % 7)

    def _suits(self, day: date, first: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.month_days and self.month_days.isdisjoint(_numbers(day)):
            return False
        if self.weekdays and not any(self._is(day, *each) for each in self.weekdays):
            return False
        if self.month_days or self.weekdays:
            return True
        match self.every:
            case "DAILY":
                return True
            case "WEEKLY":
                return day.weekday() == first.weekday()
            case "MONTHLY":
                return day.day == first.day
            case "YEARLY":
                return day.day == first.day and bool(self.months or day.month == first.month)

    def _is(self, day: date, which: int, weekday: int) -> bool:
        """Return whether a day is this weekday, the so-manieth of its month or year if asked."""
        if day.weekday() != weekday:
            return False
        if not which:
            return True
        if self.every == "YEARLY" and not self.months:
            last = date(day.year, 12, 31).timetuple().tm_yday
            number = day.timetuple().tm_yday
        else:
            last, number = monthrange(day.year, day.month)[1], day.day
        return which in ((number - 1) // 7 + 1, -((last - number) // 7 + 1))


def _numbers(day: date) -> tuple[int, int]:
    """Return which day of its month a day is, counted from the beginning and from the end."""
    return day.day, day.day - monthrange(day.year, day.month)[1] - 1


def occurrences(rule: str, start: datetime, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Yield when something that first takes place at `start` does so from `begins` until `ends`.

    All are times on one clock, without a zone: a meeting at nine stays at nine when the clocks
    are changed. The first time is always one, unless it is skipped. A rule that cannot be read
    repeats nothing.
    """
    found, first = read_rule(rule), start.date()
    if begins <= start < ends and (found is None or first not in found.skipped):
        yield start
    if found is None:
        return
    last = min(ends.date(), found.until or date.max, _last_counted(found, first))
    for day in _days(max(first.toordinal() + 1, begins.date().toordinal()), last.toordinal()):
        at = datetime.combine(day, start.time())
        if day not in found.skipped and found.falls_on(day, first) and begins <= at < ends:
            yield at


def moments(
    rule: str, begins: datetime, length: timedelta, zone: tzinfo,
    within: tuple[datetime, datetime],
) -> Iterator[datetime]:  # fmt: skip
    """Yield the moments at which something of a length begins that touch a stretch of time.

    It repeats on the clock of `zone`, whoever looks: `begins` and `within` have zones of their own.
    """
    low, high = within
    start, first, last = (each.astimezone(zone).replace(tzinfo=None) for each in (begins, *within))
    if length > LONGEST or first.year < YEARS.start or last.year >= YEARS.stop:
        found: Iterable[datetime] = (start,)
    else:
        found = occurrences(rule, start, first - length, last)
    for at in found:
        moment = at.replace(tzinfo=zone).astimezone(UTC)
        # What ended as the stretch began is over.
        if low <= moment < high or (moment < low and moment + length > low):
            yield moment


@lru_cache(maxsize=4096)
def _last_counted(rule: Rule, first: date) -> date:
    """Return the day after which a rule that says how often has been followed so often."""
    if not rule.count:
        return date.max
    begun = first.toordinal()
    days = _days(begun + 1, min(begun + FURTHEST, date.max.toordinal()))
    times = (day for day in days if rule.falls_on(day, first))
    return max(islice(times, rule.count - 1), default=first)


def _days(first: int, last: int) -> Iterator[date]:
    return map(date.fromordinal, range(first, last + 1))


@lru_cache(maxsize=512)
def read_rule(text: str) -> Rule | None:
    """Return a rule as calendars write it, None for one that is not understood."""
    written = [PART.fullmatch(part) for part in text.strip().upper().split(";")]
    parts = {each[1]: each[2] for each in written if each is not None}
    every = parts.get("FREQ")
    if len(parts) != len(written) or not parts.keys() <= KNOWN or every not in get_args(Every):
        return None
    try:
        rule = _rule(cast("Every", every), parts)
    except ValueError:
        return None
    numbered = any(which for which, _ in rule.weekdays)
    unsuited = rule.every in ("DAILY", "WEEKLY") and numbered
    return None if unsuited or (rule.every == "WEEKLY" and rule.month_days) else rule


def _rule(every: Every, parts: Mapping[str, str]) -> Rule:
    """Return a rule of its parts; raise `ValueError` for one that means nothing."""
    on = [ON.fullmatch(each) for each in parts.get("BYDAY", "").split(",") if each]
    until = parts.get("UNTIL", "")
    rule = Rule(
        every=every,
        interval=int(parts.get("INTERVAL", "1")),
        count=int(parts.get("COUNT", "0")),
        until=_day(until) if until else None,
        weekdays=frozenset((int(e[1] or 0), WEEKDAYS.index(e[2])) for e in on if e is not None),
        month_days=_whole(parts, "BYMONTHDAY"),
        months=_whole(parts, "BYMONTH"),
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
        skipped=frozenset(_day(each) for each in parts.get(SKIPPED, "").split(",") if each),
    )
    if None in on or rule.interval < 1 or rule.count < 0:
        raise ValueError(parts)
    return rule


def _day(written: str) -> date:
    return datetime.strptime(written[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day


def _whole(parts: Mapping[str, str], name: str) -> frozenset[int]:
    return frozenset(int(each) for each in parts.get(name, "").split(",") if each)
