"""What a file is called that somebody takes along."""

from __future__ import annotations

from urllib.parse import quote

from engine.context import Context
from engine.exchange.marks import file_name, mark_of


def attachment(ctx: Context, what: str, suffix: str) -> str:
    """Return the header that has a browser save a file, called after what, who and when."""
    return f"attachment; filename*=UTF-8''{quote(file_name(mark_of(ctx, what), suffix))}"
