"""How much tests try: a part by hand, all before a change is taken, far more in `make soak`."""

from __future__ import annotations

import os

SOAK = int(os.environ.get("JOINERY_SOAK", "1"))
"""How many times the budget of a change is spent; `make soak` sets it."""

PART = 1.0 if SOAK > 1 or os.environ.get("JOINERY_WHOLE_BUDGET") else 0.4
"""How much of it is spent; `.ci/run` asks for all."""

FEWEST = 4
"""Examples that are tried of every property that asks for as many."""


def examples(taken: int) -> int:
    """Return how many examples a property is tried with, given how many a change is taken after."""
    return max(min(taken, FEWEST), round(taken * SOAK * PART))
