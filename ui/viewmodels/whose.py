"""Whether figures and counts are over all records or only over those the person may see."""

from __future__ import annotations

from engine.query.spec import Whose
from ui.screen import Screen


def whose(screen: Screen, scope: Whose) -> str:
    """Return over whose records a list, a count or a figure is."""
    say = screen.words.say
    return say("all records") if scope == "all" else say("what you may see")
