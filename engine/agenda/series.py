"""What repeats, changed in part: one time taken out, the rest parted off, or all of it moved.

A series is a first time and a rule. A time that goes its own way is skipped by the rule and stands
for itself; where that is the first one, the series begins with its next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from engine.agenda.repeats import (
    FURTHEST,
    SKIPPED,
    WEEKDAYS,
    YEARS,
    Rule,
    occurrences,
    read_rule,
)

DAY = timedelta(days=1)

WEEK = 7

NAMING_DAYS = ("BYMONTHDAY", "BYMONTH")
"""Parts of a rule that name days by the month: those cannot be moved with it."""


@dataclass(frozen=True, slots=True)
class Series:
    """Something of a length that begins at a time and repeats: on one clock, without a zone."""

    rule: str
    begins: datetime
    length: timedelta

    @property
    def first(self) -> date:
        """The day of its first time."""
        return self.begins.date()

    def on(self, day: date) -> bool:
        """Return whether it takes place on a day."""
        if day.year not in YEARS:
            return False
        midnight = datetime.combine(day, time())
        return any(occurrences(self.rule, self.begins, midnight, midnight + DAY))

    def without(self, day: date) -> Series | None:
        """Return it without its time on a day; None where there is no other."""
        if day == self.first:
            following = self._next()
            return self.rest(following) if following is not None else None
        skipped = {*_skipped(self.rule), day}
        left = replace(self, rule=_rewritten(self.rule, {SKIPPED: _written(skipped)}))
        # What is left may be the first time alone: that repeats no more.
        return left if left._next() is not None else replace(self, rule="")

    def before(self, day: date) -> Series:
        """Return its times before a day, on which it takes place, and is not the first."""
        kept = [each for each in _skipped(self.rule) if each < day]
        ended = {"COUNT": "", "UNTIL": f"{day - DAY:%Y%m%d}", SKIPPED: _written(kept)}
        return replace(self, rule=_rewritten(self.rule, ended))

    def rest(self, day: date) -> Series:
        """Return its times from a day on, on which it takes place."""
        found = read_rule(self.rule)
        kept = {SKIPPED: _written(each for each in _skipped(self.rule) if each > day)}
        if found is not None and found.count:
            kept["COUNT"] = str(found.count - _passed(found, self.first, day))
        begins = datetime.combine(day, self.begins.time())
        return replace(self, rule=_rewritten(self.rule, kept), begins=begins)

    def moved(self, day: date, begins: datetime, length: timedelta) -> Series | None:
        """Return it with all times moved as its time on a day is; None where its rule forbids it.

        On another weekday it repeats on that one. A rule that names days of the month stays with
        them.
        """
        ahead = begins.date() - day
        if not ahead:
            begun = datetime.combine(self.first, begins.time())
            return replace(self, begins=begun, length=length)
        found = read_rule(self.rule)
        if found is None or any(f"{part}=" in self.rule.upper() for part in NAMING_DAYS):
            return None
        if found.weekdays and (found.every != "WEEKLY" or _parts_ways(found, ahead)):
            return None
        return self._shifted(found, day, begins, length)

    def _shifted(self, found: Rule, day: date, begins: datetime, length: timedelta) -> Series:
        ahead = begins.date() - day
        old, new = day.weekday(), begins.weekday()
        alone = len(found.weekdays) < 2

        def there(each: date) -> date:
            return each + ahead if alone or each.weekday() == old else each

        shifted = {SKIPPED: _written(there(each) for each in found.skipped)}
        if found.until is not None:
            shifted["UNTIL"] = f"{there(found.until) if alone else found.until:%Y%m%d}"
        if found.weekdays:
            days = sorted({new if each == old else each for _, each in found.weekdays})
            shifted["BYDAY"] = ",".join(WEEKDAYS[each] for each in days)
        begun = datetime.combine(there(self.first), begins.time())
        return Series(_rewritten(self.rule, shifted), begun, length)

    def _next(self) -> date | None:
        """Return the day of the first time after the first."""
        after = datetime.combine(self.first, time()) + DAY
        last = min(after + timedelta(days=FURTHEST), datetime(YEARS.stop - 1, 12, 31))  # noqa: DTZ001 - a clock
        found = next(occurrences(self.rule, self.begins, after, last), None)
        return found.date() if found is not None else None


def _parts_ways(found: Rule, ahead: timedelta) -> bool:
    """Return whether one of several weekdays would leave its week."""
    return len(found.weekdays) > 1 and abs(ahead.days) >= WEEK


def _passed(found: Rule, first: date, day: date) -> int:
    """Return how many times there were before a day, those that were skipped among them."""
    ordinals = range(first.toordinal() + 1, day.toordinal())
    return 1 + sum(found.falls_on(date.fromordinal(each), first) for each in ordinals)


def _skipped(rule: str) -> frozenset[date]:
    found = read_rule(rule)
    return found.skipped if found is not None else frozenset()


def _written(days: Iterable[date]) -> str:
    return ",".join(f"{day:%Y%m%d}" for day in sorted(days))


def _rewritten(rule: str, parts: Mapping[str, str]) -> str:
    """Return a rule with some parts written anew; empty ones are left out."""
    known = dict(part.split("=", 1) for part in rule.strip().upper().split(";"))
    return ";".join(f"{name}={value}" for name, value in {**known, **parts}.items() if value)
