"""How much of a large table is written at once, so that those who work meanwhile hardly feel it.

A batch is as long as an answer that nobody waits for, whatever the rows weigh and the machine
does; after each one the processors and the log are left to others for a part of its time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

SHORT = 0.015
"""Seconds that one batch is to take."""

LEAST, MOST = 250, 5_000
"""Rows of one batch."""

REST = 0.2
"""The part of its time that each batch leaves to others afterwards."""

UNFLUSHED = "SET LOCAL synchronous_commit = off"
"""No batch waits until it is on the disk: the commit of the publish itself flushes all of them."""


@dataclass(slots=True)
class Pace:
    """How many rows the next batch has; told after each one how long it took."""

    rows: int = 1_000

    def rest(self, seconds: float) -> None:
        """Size the next batch by what this one took, and leave others some time."""
        wanted = self.rows * SHORT / max(seconds, 1e-6)
        # One slow batch says little: the size follows by halves.
        self.rows = round(min(MOST, max(LEAST, wanted, self.rows / 2), self.rows * 2))
        time.sleep(seconds * REST)
