"""Answers kept for a moment: what every request of a person asks is read once a second."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MOMENT = 1.0
"""Seconds for which an answer is given again: as long a token that was taken away still works."""

MOST = 10_000
"""How many answers are kept before all are forgotten."""


class Lately(Generic[Key, Value]):
    """Answers by key, each for a moment; that there is no answer is never kept."""

    def __init__(self, *, seconds: float = MOMENT, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key, read: Callable[[], Value | None]) -> Value | None:
        """Return the answer of a moment ago, else read it now."""
        now = self._clock()
        found = self._kept.get(key)
        if found is not None and now < found[0]:
            return found[1]
        # The moment begins before reading: what changes while we read is seen in time.
        value = read()
        if value is None:
            self._kept.pop(key, None)
            return None
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (now + self._seconds, value)
        return value

    def forget(self) -> None:
        """Forget every answer: something was changed through this process."""
        self._kept.clear()
