"""The parts of the pages on automations: what there is, what was done, what failed."""

from __future__ import annotations

from dataclasses import dataclass

from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the parts, as a link."""

    label: str
    icon: str
    url: str
    current: bool


def acting_tabs(screen: Screen, current: str) -> tuple[Tab, ...]:
    """Return the parts, the current one marked."""
    say = screen.words.say
    named = {
        "": (say("Automations"), "bolt"),
        "runs": (say("Runs"), "history"),
        "approvals": (say("Approvals"), "gavel"),
        "jobs": (say("Failed jobs"), "alert-triangle"),
    }
    return tuple(
        Tab(label, symbol, screen.url("admin", "automations", *([name] if name else [])),
            name == current)
        for name, (label, symbol) in named.items()
    )  # fmt: skip
