"""How many calls somebody may make in a minute before they are asked to wait.

The count slides: calls of the minute before count by the share of it that still lies within the
last sixty seconds (the sliding window counter of Cloudflare's rate limiting). The library for it
starts a thread with nearly every call; this keeps two numbers for each caller.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

MINUTE = 60.0

HEADROOM = 1
"""Seconds added to what `Retry-After` says, so that a prompt client is not early."""

Counts = dict[tuple[str, ...], int]


class TooMany(Exception):  # noqa: N818 - named after what the answer says
    """Somebody called more often than they may; `wait` is how many seconds to stay away."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class Throttle:
    """Counts calls by who makes them, over a sliding minute, each server process on its own.

    `per_minute` 0 counts nothing. Callers who stay away are forgotten after two minutes.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._lock = Lock()
        self._minute = 0
        self._now: Counts = {}
        self._before: Counts = {}

    def count(self, *who: str) -> None:
        """Count a call, or raise `TooMany` and count none."""
        if self._most <= 0:
            return
        with self._lock:
            minute, gone = divmod(self._clock(), MINUTE)
            self._turn(int(minute))
            made, before = self._now.get(who, 0), self._before.get(who, 0)
            if made + before * (1 - gone / MINUTE) + 1 > self._most:
                raise TooMany(math.ceil(self._wait(made, before, gone)) + HEADROOM)
            self._now[who] = made + 1

    def _turn(self, minute: int) -> None:
        """Begin a new minute where the last one is over."""
        if minute == self._minute:
            return
        self._before = self._now if minute == self._minute + 1 else {}
        self._now = {}
        self._minute = minute

    def _wait(self, made: int, before: int, gone: float) -> float:
        """Return how many seconds it takes until one more call fits."""
        room = self._most - 1
        if made <= room and before:
            return MINUTE * (1 - (room - made) / before) - gone
        # All of this minute's calls count until it ends, then fewer of them every second.
        return MINUTE - gone + MINUTE * (1 - room / made)
