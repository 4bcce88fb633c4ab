"""What the palette offers besides records: pages, views, dashboards, things to create, commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.access.listed import usable_dashboards
from engine.values.searchkeys import spelled
from ui.screen import Screen
from ui.viewmodels.looking import usable_views
from ui.viewmodels.shell import creates, may, menu_groups
from ui.words import LANGUAGES

Group = Literal["page", "view", "create", "command"]


@dataclass(frozen=True, slots=True)
class PaletteLine:
    """One line: what it is called and its kind, where it leads, and how it is spelled in pinyin.

    `prefer` is what a command sets, as `theme=dark`; `creates` opens a short form.
    """

    group: Group
    label: str
    kind: str
    url: str
    icon: str
    spelled: str
    prefer: str = ""
    creates: bool = False


@dataclass(frozen=True, slots=True)
class PaletteLines:
    """Everything that is offered, pages first."""

    lines: tuple[PaletteLine, ...]


def palette_lines(screen: Screen) -> PaletteLines:
    """Return every page and command that the person may choose."""
    parts = (_pages(screen), _creates(screen), _views(screen), _commands(screen))
    found: dict[tuple[str, str], PaletteLine] = {}
    for part in parts:
        for line in part:
            found.setdefault((line.url, line.prefer), line)
    return PaletteLines(tuple(found.values()))


def _pages(screen: Screen) -> Iterator[PaletteLine]:
    say = screen.words.say
    yield _line("page", say("Inbox"), say("Go to"), screen.url("inbox"), "inbox")
    for group in menu_groups(screen):
        for line in group.lines:
            kind = group.label or say("Go to")
            yield _line("page", line.label, kind, line.url, line.icon)
    yield _line("page", say("Reports"), say("Go to"), screen.url("reports"), "report-analytics")
    for saved in screen.services.saved_views.find(screen.ctx, kinds=("report", "dashboard")):
        where = ("reports",) if saved.kind == "report" else ("dashboards", "own")
        kind = say("Report") if saved.kind == "report" else say("Dashboard")
        icon = "report-analytics" if saved.kind == "report" else "layout-dashboard"
        yield _line("page", saved.title, kind, screen.url(*where, str(saved.id)), icon)
    for dashboard in usable_dashboards(screen.ctx):
        label = screen.label(dashboard.label, dashboard.name)
        url = screen.url("dashboards", dashboard.name)
        yield _line("page", label, say("Dashboard"), url, dashboard.icon or "layout-dashboard")


def _creates(screen: Screen) -> Iterator[PaletteLine]:
    say = screen.words.say
    for line in creates(screen):
        label = say("New {name}", name=line.label)
        yield PaletteLine(
            "create", label, say("Create"), line.url, "plus", spelled(line.label), creates=True
        )


def _views(screen: Screen) -> Iterator[PaletteLine]:
    for entity in screen.ctx.model.entities.values():
        if entity.system or entity.retired or entity.child_of is not None:
            continue
        if not may(screen, "read", entity.key):
            continue
        plural = screen.entity_label(entity, plural=True)
        for view in usable_views(screen, entity):
            url = screen.url("records", entity.name, view=view.name)
            label = screen.label(view.label, view.name)
            shown = label if label == plural else f"{plural} · {label}"
            yield _line("view", shown, screen.words.say("View"), url, entity.icon or "list")


def _commands(screen: Screen) -> Iterator[PaletteLine]:
    say = screen.words.say
    kind = say("Command")
    pages = (
        (say("Preferences"), screen.url("preferences"), "adjustments"),
        (say("Keyboard shortcuts"), screen.url("shortcuts"), "keyboard"),
        (say("Design language"), screen.url("design"), "palette"),
        (say("My account"), "/account", "user-circle"),
    )
    for label, url, icon in pages:
        yield _line("command", label, kind, url, icon)
    answering = (e for e in screen.ctx.model.entities.values() if "call" in e.forms)
    if any(may(screen, "read", each.key) for each in answering):
        yield _line("command", say("Who is calling?"), kind, screen.url("call"), "phone-incoming")
    looks = (
        (say("Light colours"), "theme=light", "sun"),
        (say("Dark colours"), "theme=dark", "moon"),
        (say("Colours as the system"), "theme=auto", "device-desktop"),
    )
    languages = ((name, f"language={code}", "language") for code, name in LANGUAGES.items())
    for label, prefer, icon in (*looks, *languages):
        yield PaletteLine("command", label, kind, "#", icon, spelled(label), prefer)


def _line(group: Group, label: str, kind: str, url: str, icon: str) -> PaletteLine:
    return PaletteLine(group, label, kind, url, icon, spelled(label))
