"""Dashboards and reports as files for the post: a PDF with all figures, a workbook of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from engine.context import Context
from engine.delivering import Delivery, Made
from engine.documents.press import Press
from engine.documents.sheet import Sheet, page_of
from engine.errors import NotFound, QueryInvalid
from engine.exchange.marks import file_name, mark_of
from engine.exchange.sinks import MEDIA, write
from engine.mail import Attached
from ui.rendering import Renderer
from ui.screen import Screen
from ui.services import Services
from ui.unattended import screen_of
from ui.viewmodels.dashboards.drawing import draw_all
from ui.viewmodels.dashboards.files import sheet_of
from ui.viewmodels.dashboards.own import shown_own
from ui.viewmodels.dashboards.page import Shown, shown_dashboard
from ui.viewmodels.dashboards.views import WidgetView
from ui.viewmodels.narrowing import narrowing
from ui.viewmodels.reports.page import shown_report
from ui.viewmodels.reports.spec import spec_of_kept


@dataclass(frozen=True, slots=True)
class FiguresPaper:
    """What a paper of figures is drawn from."""

    title: str
    made: str
    tiles: tuple[WidgetView, ...]


@dataclass(frozen=True, slots=True)
class FigurePapers:
    """Makes the files of a delivery under the rights of the person it goes to."""

    services: Services
    renderer: Renderer
    press: Press

    def make(self, ctx: Context, delivery: Delivery) -> Made:
        """Return the files of a delivery; raise `NotFound` where it is not theirs any more."""
        screen = screen_of(self.services, ctx)
        shown = _shown(screen, delivery)
        narrowed = narrowing(screen, shown.dashboard, {})
        drawn = draw_all(screen, tuple(shown.dashboard.widgets.values()), narrowed)
        tiles = (*drawn, *chain.from_iterable(shown.problems.values()))
        title = screen.label(shown.dashboard.label, shown.dashboard.name)
        files = tuple(self._file(screen, title, tiles, each) for each in delivery.formats)
        words = screen.words.say("Figures as you may see them, {day}.",
                                 day=screen.formats.instant(ctx.now))  # fmt: skip
        return Made(title, words, files)

    def pdf(self, screen: Screen, title: str, tiles: tuple[WidgetView, ...]) -> bytes:
        """Return widgets on paper, with their figures as words, tables and bars."""
        paper = FiguresPaper(title, screen.formats.instant(screen.ctx.now), tiles)
        body = self.renderer.render("papers/figures.html", screen.language, paper)
        return self.press.pdf(page_of(Sheet(title, screen.language), body))

    def _file(
        self, screen: Screen, title: str, tiles: tuple[WidgetView, ...], kind: str
    ) -> Attached:
        if kind == "pdf":
            media, content = "application/pdf", self.pdf(screen, title, tiles)
        else:
            media, content = MEDIA["xlsx"], b"".join(_workbook(screen, title, tiles))
        name = file_name(mark_of(screen.ctx, title), kind)
        return Attached(name, media, b64encode(content).decode())


def _shown(screen: Screen, delivery: Delivery) -> Shown:
    if delivery.what == "dashboard":
        return shown_dashboard(screen, delivery.name)
    saved = screen.services.saved_views.get(screen.ctx, UUID(delivery.name))
    if delivery.what == "own":
        return shown_own(screen, saved)
    try:
        return shown_report(screen, spec_of_kept(saved.spec), saved)
    except QueryInvalid as refused:
        raise NotFound(report=delivery.name) from refused


def _workbook(screen: Screen, title: str, tiles: tuple[WidgetView, ...]) -> Iterable[bytes]:
    """Yield a workbook: each widget's name, its headings and its figures, one below the other."""
    rows: list[tuple[object, ...]] = []
    for tile in tiles:
        header, figures = sheet_of(tile)
        rows += [(), (tile.label,), header, *figures] if figures else []
    return write("xlsx", (title,), rows, mark_of(screen.ctx, title))
