"""Pages of PDF files as pictures: what strangers sent is looked at without being opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from engine.apart import TooLong, run_apart
from engine.errors import NotFound
from engine.files.uploads import Opened

PDF = "application/pdf"

DRAWING = Path(__file__).with_name("drawing.py")
"""What the process runs, by its path: it is given nothing of the product to import."""

SECONDS = 15

BROKEN = 3
"""How the process ends where a file cannot be read, or has no such page."""

MOST_PAGES = 50
"""Pages that are shown of one file; whoever wants to read more takes the file."""

LARGEST = 60_000_000
"""Bytes of a file of which pages are drawn."""

WIDTH = 1_400
"""Pixels across a picture: sharp on a screen that draws two for one."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How many pages a file has, and how large the first ones are, in points; () for none."""

    count: int
    sizes: tuple[tuple[float, float], ...]


def drawable(media: str, size: int) -> bool:
    """Return whether pages can be drawn of a file of a media type and size in bytes."""
    return media == PDF and size <= LARGEST


def pages_of(opened: Opened) -> Pages:
    """Return the pages of a file, none where it cannot be read; closes it."""
    made = _drawn(opened, None)
    if not made:
        return Pages(0, ())
    told = json.loads(made)
    return Pages(told["count"], tuple((float(w), float(h)) for w, h in told["sizes"]))


def page_of(opened: Opened, page: int) -> bytes:
    """Return a page, counted from 1, as WebP; closes the file. Raises `NotFound` for no page."""
    made = _drawn(opened, page - 1) if 1 <= page <= MOST_PAGES else b""
    if not made:
        raise NotFound(page=page)
    return made


def _drawn(opened: Opened, page: int | None) -> bytes:
    """Return what the process made of a file, b"" where nothing can be made of it."""
    with opened.content as content:
        if not drawable(opened.file.type, opened.file.size):
            return b""
        asked = {
            "page": page, "most": MOST_PAGES, "width": WIDTH, "seconds": SECONDS, "broken": BROKEN,
        }  # fmt: skip
        given = json.dumps(asked).encode() + b"\n" + content.read()
    try:
        ended = run_apart(DRAWING, given, seconds=SECONDS)
    except TooLong:
        return b""
    return ended.parts[0] if ended.status == 0 else b""
