"""The parts of the administration, and who may enter which."""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.grants import administers, audits
from ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the administration, as the menu shows it."""

    name: str
    label: str
    icon: str
    url: str


def areas(screen: Screen) -> tuple[Area, ...]:
    """Return the parts that a person may enter, in the menu's order; nothing for most people."""
    say, found = screen.words.say, []
    if administers(screen.ctx):
        found += [
            ("people", say("People"), "users"),
            ("organisation", say("Organisation"), "sitemap"),
            ("roles", say("Roles and rights"), "shield-lock"),
            ("forms", say("Forms and fields"), "forms"),
            ("automations", say("Automations"), "bolt"),
            ("versions", say("Versions"), "versions"),
        ]
    if audits(screen.ctx):
        found += [("log", say("Audit log"), "clipboard-list")]
    if administers(screen.ctx):
        found += [
            ("messages", say("Mail and messages"), "mail"),
            ("workspace", say("Workspace"), "building"),
        ]
    return tuple(Area(name, label, icon, screen.url("admin", name)) for name, label, icon in found)
