"""Who took records along, and when: what a file that leaves the house says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.context import Context

LONGEST_NAME = 40
"""Characters of a person's name that a file is called after."""

_UNFIT = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Who exported a file and when, on the clock that people of the tenant look at."""

    title: str
    name: str
    at: datetime

    @property
    def text(self) -> str:
        """Name and minute, as they are written on a page."""
        return f"{self.name} · {self.at:%Y-%m-%d %H:%M}"


def mark_of(ctx: Context, title: str) -> Mark:
    """Return the mark of what a person takes along now."""
    zone = ZoneInfo(ctx.moment.zone)
    return Mark(title, ctx.actor.name, ctx.moment.now.astimezone(zone).replace(tzinfo=None))


def file_name(mark: Mark, suffix: str) -> str:
    """Return what a file is called: what is in it, who took it, and when."""
    who = _UNFIT.sub("-", mark.name).strip("-")[:LONGEST_NAME]
    parts = (mark.title, who, f"{mark.at:%Y%m%d-%H%M}")
    return f"{'_'.join(part for part in parts if part)}.{suffix}"
