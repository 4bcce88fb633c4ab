"""All reports and dashboards that a person sees, and where new ones begin."""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.listed import usable_dashboards
from engine.views import SavedView
from ui.screen import Screen
from ui.viewmodels.dashboards.own import own_dashboards
from ui.viewmodels.reports.page import TYPE_ICONS, report_url
from ui.viewmodels.reports.spec import spec_of_kept
from ui.viewmodels.shell import Shell, shell

KIND = "report"


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One report or dashboard: what it is about, and whose it is."""

    label: str
    icon: str
    url: str
    about: str
    whose: str


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """The page of reports and dashboards."""

    shell: Shell
    heading: str
    reports: tuple[ShelfLine, ...]
    boards: tuple[ShelfLine, ...]
    new_url: str
    make_url: str


def shelf_page(screen: Screen) -> ShelfPage:
    """Return what the person can open, and where new ones begin."""
    heading = screen.words.say("Reports")
    reports = screen.services.saved_views.find(screen.ctx, kinds=(KIND,))
    own = tuple(_board(screen, each) for each in own_dashboards(screen))
    given = tuple(
        ShelfLine(
            screen.label(each.label, each.name),
            each.icon or "layout-dashboard",
            screen.url("dashboards", each.name),
            "",
            screen.words.say("of the workspace"),
        )
        for each in usable_dashboards(screen.ctx)
    )
    return ShelfPage(
        shell=shell(screen, heading, screen.url("reports")),
        heading=heading,
        reports=tuple(_report(screen, each) for each in reports),
        boards=(*own, *given),
        new_url=screen.url("reports", "new"),
        make_url=screen.url("dashboards", "own"),
    )


def _report(screen: Screen, saved: SavedView) -> ShelfLine:
    spec = spec_of_kept(saved.spec)
    entity = screen.ctx.model.entity_named(spec.entity)
    about = screen.entity_label(entity, plural=True) if entity is not None else spec.entity
    return ShelfLine(
        saved.title, TYPE_ICONS[spec.type], report_url(screen, saved), about, _whose(screen, saved)
    )


def _board(screen: Screen, saved: SavedView) -> ShelfLine:
    url = screen.url("dashboards", "own", str(saved.id))
    return ShelfLine(saved.title, "layout-dashboard", url, "", _whose(screen, saved))


def _whose(screen: Screen, saved: SavedView) -> str:
    say = screen.words.say
    if saved.owner != screen.ctx.actor.user:
        return say("shared with you")
    return say("only you") if saved.sharing == "mine" else say("shared by you")
