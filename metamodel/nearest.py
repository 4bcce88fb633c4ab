"""Finds the spelling that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 12
"""Most names that a hint lists."""


def nearest(wrong: str, names: Iterable[str], otherwise: str = "Known are") -> str:
    """Return a hint: the closest of `names`, or a list of them when none is close."""
    known = sorted(names) if isinstance(names, (set, frozenset)) else list(dict.fromkeys(names))
    close = get_close_matches(wrong, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean `{close[0]}`?"
    if not known:
        return "There is none yet."
    listed = ", ".join(f"`{name}`" for name in known[:SHOWN])
    return f"{otherwise} {listed}{' …' if len(known) > SHOWN else ''}."
