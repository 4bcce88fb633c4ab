"""How much a test may try: little on every change, much in `make soak`."""

from __future__ import annotations

import os

SOAK = int(os.environ.get("JOINERY_SOAK", "1"))
"""How many times the everyday budget is spent; `make soak` sets it."""


def examples(everyday: int) -> int:
    """Return how many examples a property is tried with, given how many on every change."""
    return everyday * SOAK
