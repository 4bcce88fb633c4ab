"""The tenant as an app of somebody's device, and what waits there to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.screen import Screen
from ui.viewmodels.shell import Shell, creates, shell

PAPER, PINE = "#f5f3ee", "#17695b"

MOST_SHORTCUTS = 3

ICONS = (
    ("icon-192", 192, "any"),
    ("icon-512", 512, "any"),
    ("maskable-512", 512, "maskable"),
)


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The page of what waits; its lines are the browser's own."""

    shell: Shell
    heading: str


def waiting_page(screen: Screen) -> WaitingPage:
    """Return the page of what waits to be sent."""
    heading = screen.words.say("Waiting to be sent")
    return WaitingPage(shell(screen, heading, screen.url("waiting")), heading)


def manifest(screen: Screen) -> Mapping[str, object]:
    """Return the web app manifest of the tenant, as W3C describes it."""
    say, app = screen.words.say, screen.ctx.model.app
    name = screen.label(app.label, app.name)
    quick = [line for line in creates(screen) if line.quick][:MOST_SHORTCUTS]
    shortcuts = [(say("Inbox"), screen.url("inbox"))]
    shortcuts += [(say("New {name}", name=each.label), each.url) for each in quick]
    return {
        "id": screen.url(),
        "name": name,
        "short_name": name[:12],
        "lang": "zh-CN" if screen.language == "zh" else screen.language,
        "start_url": screen.url(),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PINE,
        "icons": [
            {"src": f"/static/icons/{file}.png", "sizes": f"{size}x{size}", "type": "image/png",
             "purpose": purpose}
            for file, size, purpose in ICONS
        ],
        "shortcuts": [{"name": label, "url": url} for label, url in shortcuts],
    }  # fmt: skip
