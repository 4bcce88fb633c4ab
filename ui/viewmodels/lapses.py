"""Lapses of time in words."""

from __future__ import annotations

from metamodel.actions import Lapse
from ui.screen import Screen


def lapse_words(screen: Screen, lapse: Lapse) -> str:
    """Return how long a lapse is, whichever way it leads."""
    say, count = screen.words.say, abs(lapse.amount)
    units = {
        "minute": say("{count} min", count=count), "hour": say("{count} h", count=count),
        "day": say("{count} days", count=count), "week": say("{count} weeks", count=count),
        "month": say("{count} months", count=count), "year": say("{count} years", count=count),
        "working_hour": say("{count} working hours", count=count),
        "working_day": say("{count} working days", count=count),
    }  # fmt: skip
    return units[lapse.unit]
