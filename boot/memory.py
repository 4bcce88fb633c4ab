"""How often a process looks through its memory for what nobody holds."""

from __future__ import annotations

import gc

SELDOM = (50_000, 20, 20)
"""How many objects more there must be before the young are looked through, and how many times
that before the older ones are.
"""


def collect_seldom() -> None:
    """Look through memory seldom in this process.

    Models and the statements made of them are a million objects that stay. With Python's own
    thresholds it walks through all of them again and again while statements are made, which takes
    longer than making them; what it is there to find, cycles that were let go, is hardly any.
    """
    gc.set_threshold(*SELDOM)
