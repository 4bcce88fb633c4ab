"""How much of a clock's time is left, counted as its service level counts it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow.service_levels.business import Business, is_worked
from workflow.service_levels.clock import Clock


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a whole length at an instant, below zero after it; `worked`: working time."""

    left: timedelta
    whole: timedelta
    worked: bool

    @property
    def used(self) -> int:
        """How many hundredths of it are used, at most 100."""
        if self.left <= timedelta() or self.whole <= timedelta():
            return 100
        return max(0, min(100, round(100 * (1 - self.left / self.whole))))


def remaining(clock: Clock, business: Business, now: datetime) -> Remaining | None:
    """Return what is left of a clock that has not ended; None where no calendar reaches so far.

    Of one that is paused it is what will be left when it goes on.
    """
    length, start = clock.length, clock.started_at
    if not clock.is_open or length is None:
        return None
    pauses = clock.pauses
    if clock.paused_at is not None:
        pauses = (*pauses, (clock.paused_at, now))
    due, plain = business.until(start, length, pauses), business.until(start, length)
    if due is None or plain is None:
        return None
    left = business.taken(now, due, length) if now <= due else -business.taken(due, now, length)
    return Remaining(left, business.taken(start, plain, length), is_worked(length))
