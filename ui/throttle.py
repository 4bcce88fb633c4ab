"""How many calls a person may make in a minute before the API asks them to wait."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

HEADROOM = 1
"""Seconds added to what `Retry-After` says, so that a prompt client is not early."""


class TooMany(Exception):  # noqa: N818 - named after what the answer says
    """Somebody called more often than they may; `wait` is how many seconds to stay away."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class Throttle:
    """Counts calls by who makes them, over a sliding minute, each server process on its own.

    `per_minute` 0 counts nothing.
    """

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute > 0 else None
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, *who: str) -> None:
        """Count a call, or raise `TooMany` and count none."""
        if self._limit is None or self._counter.hit(self._limit, *who):
            return
        again = self._counter.get_window_stats(self._limit, *who).reset_time
        raise TooMany(max(0, math.ceil(again - time.time())) + HEADROOM)
