"""Notices as closed devices say them: the sentence of the inbox, in the person's own words."""

from __future__ import annotations

from dataclasses import dataclass

from engine.context import Context
from engine.notices import Notice
from engine.pushing import Said
from ui.services import Services
from ui.unattended import screen_of
from ui.viewmodels.inbox import notice_line


@dataclass(frozen=True, slots=True)
class PushedWords:
    """Says notices; a `Wording`."""

    services: Services

    def said(self, ctx: Context, notice: Notice) -> Said:
        """Return a notice in words: what happened, and below it what was said or where."""
        screen = screen_of(self.services, ctx)
        line = notice_line(screen, notice)
        app = screen.ctx.model.app
        below = line.said or line.kind or screen.label(app.label, app.name)
        return Said(line.plain, below, line.url or screen.url("inbox"))
