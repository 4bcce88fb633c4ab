"""Business time as service levels count it: from an instant on, and between two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from formula.calendars import Calendar, add_workhours, workhours
from metamodel.actions import Lapse
from metamodel.model import Model
from workflow.lapses import after

Length = Lapse | Decimal
"""How long something may take: a lapse, or a number of working hours."""

Spans = Iterable[tuple[datetime, datetime]]
"""Times, each from an instant to a later one."""


@dataclass(frozen=True, slots=True)
class Business:
    """Counts by one calendar of an app, on the clock of its zone."""

    model: Model
    calendar: str = ""

    def until(self, start: datetime, length: Length, pauses: Spans = ()) -> datetime | None:
        """Return when a length that begins at an instant is over; None beyond all calendars.

        Pauses push that back by what they take of the kind of time that the length is of.
        """
        if isinstance(length, Decimal):
            found = self.add(start, length)
        else:
            found = after(self.model, start, length, self.calendar)
        for first, last in pauses:
            if found is None:
                return None
            found = self._pushed(found, length, first, last)
        return found

    def part(
        self, start: datetime, length: Length, share: Decimal, pauses: Spans = ()
    ) -> datetime | None:
        """Return when a share of a length that begins at an instant is used."""
        whole = self.until(start, length)
        if whole is None:
            return None
        if is_worked(length):
            found = self.add(start, self.between(start, whole) * share)
        else:
            found = start + (whole - start) * float(share)
        for first, last in pauses:
            if found is None:
                return None
            found = self._pushed(found, length, first, last)
        return found

    def add(self, start: datetime, hours: Decimal) -> datetime | None:
        """Return the first instant by which so many hours were worked."""
        zone = ZoneInfo(self.model.app.timezone)
        found = add_workhours(self._calendar(), self._clock(start), hours)
        return None if found is None else found.replace(tzinfo=zone).astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> Decimal:
        """Return the hours worked from one instant to a later one."""
        return workhours(self._calendar(), self._clock(start), self._clock(end)) or Decimal(0)

    def taken(self, start: datetime, end: datetime, length: Length) -> timedelta:
        """Return what an instant and a later one have between them of the kind of a length."""
        if is_worked(length):
            return timedelta(hours=float(self.between(start, end)))
        return end - start

    def _pushed(
        self, moment: datetime, length: Length, first: datetime, last: datetime
    ) -> datetime | None:
        if is_worked(length):
            return self.add(moment, self.between(first, last))
        return moment + (last - first)

    def _clock(self, moment: datetime) -> datetime:
        zone = ZoneInfo(self.model.app.timezone)
        return moment.astimezone(zone).replace(tzinfo=None)

    def _calendar(self) -> Calendar:
        return self.model.calendars.get(self.calendar) or self.model.calendars[""]


def is_worked(length: Length) -> bool:
    """Return whether a length is of working time."""
    return isinstance(length, Decimal) or length.unit in ("working_hour", "working_day")
