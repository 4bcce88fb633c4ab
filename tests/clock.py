"""Other times than now, for the same people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.context import Context


def on(ctx: Context, at: datetime) -> Context:
    """The same person at another time."""
    return replace(ctx, moment=replace(ctx.moment, now=at, today=at.date()))
