"""Counts the same thing coming again and again, so that it is told once a minute."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Told = TypeVar("Told")

WINDOW = 60.0
"""Seconds in which the same is the same."""

MOST = 10_000
"""How many different things are counted at once."""


class Repeats(Generic[Told]):
    """What came lately, by key, and how often since it was last told of."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._runs: dict[Hashable, tuple[float, Told, int]] = {}
        self._lock = Lock()

    def count(self, key: Hashable, thing: Told) -> list[tuple[Told, int]]:
        """Count one more; return what is to be told now, each with its number.

        The first is told at once, those that follow within a minute when the minute is over
        and anything comes again.
        """
        now = self._clock()
        with self._lock:
            due = self._over(now)
            if key in self._runs:
                ends, _, untold = self._runs[key]
                self._runs[key] = (ends, thing, untold + 1)
                return due
            if len(self._runs) >= MOST:
                due += self._taken()
            self._runs[key] = (now + WINDOW, thing, 0)
            return [*due, (thing, 1)]

    def all(self) -> list[tuple[Told, int]]:
        """Return all that was not told yet, and begin anew."""
        with self._lock:
            return self._taken()

    def _over(self, now: float) -> list[tuple[Told, int]]:
        # Runs end in the order in which they began, which is the dictionary's own.
        due: list[tuple[Told, int]] = []
        while self._runs:
            key = next(iter(self._runs))
            ends, thing, untold = self._runs[key]
            if ends > now:
                break
            del self._runs[key]
            if untold:
                due.append((thing, untold))
        return due

    def _taken(self) -> list[tuple[Told, int]]:
        due = [(thing, untold) for _, thing, untold in self._runs.values() if untold]
        self._runs.clear()
        return due
