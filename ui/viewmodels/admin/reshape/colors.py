"""The colours that options and stages can have, in words."""

from __future__ import annotations

from ui.screen import Screen


def color_words(screen: Screen) -> tuple[tuple[str, str], ...]:
    """Return each colour and what it is called."""
    say = screen.words.say
    return (
        ("blue", say("Blue")),
        ("azure", say("Azure")),
        ("indigo", say("Indigo")),
        ("purple", say("Purple")),
        ("pink", say("Pink")),
        ("red", say("Red")),
        ("orange", say("Orange")),
        ("yellow", say("Yellow")),
        ("lime", say("Lime")),
        ("green", say("Green")),
        ("teal", say("Teal")),
        ("cyan", say("Cyan")),
        ("gray", say("Gray")),
    )
