"""Pages of PDF files as pictures: what strangers sent is looked at without being opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import IO

from engine.apart import TooLong, run_apart
from engine.errors import NotFound
from engine.files.uploads import Opened
from engine.tenants.lately import Lately

PDF = "application/pdf"

DRAWING = Path(__file__).with_name("drawing.py")
"""What the process runs, by its path: it is given nothing of the product to import."""

SECONDS = 15
"""How long one page may take."""

QUICK = 3
"""How long a page takes that nobody minds."""

PATIENCE = 20.0
"""How much longer than that the pages of one file may take together."""

REMEMBERED = 3_600.0
"""How long a file is known for having taken too long."""

AT_ONCE = 2
"""Pages that one server draws at the same time."""

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
    """How many pages a file has, and how large the first ones are, in points; () for none.

    `slow` says that there are none because they took too long.
    """

    count: int
    sizes: tuple[tuple[float, float], ...]
    slow: bool = False


def drawable(media: str, size: int) -> bool:
    """Return whether pages can be drawn of a file of a media type and size in bytes."""
    return media == PDF and size <= LARGEST


class PagePictures:
    """Draws pages of files: few at once, and none any more of a file that was too slow.

    What is slow in a file is remembered by its digest for a while, so that nobody keeps a server
    busy by looking at page after page of it. Times are in seconds.
    """

    def __init__(
        self, *, seconds: int = SECONDS, patience: float = PATIENCE, at_once: int = AT_ONCE
    ) -> None:
        self._seconds = seconds
        self._patience = patience
        self._turns = BoundedSemaphore(at_once)
        self._spent: Lately[str, list[float]] = Lately(seconds=REMEMBERED)

    def sizes(self, opened: Opened) -> Pages:
        """Return the pages of a file, none where it cannot be read; closes it."""
        made = self._drawn(opened, None)
        if not made:
            return Pages(0, (), slow=self._is_slow(opened.digest))
        told = json.loads(made)
        return Pages(told["count"], tuple((float(w), float(h)) for w, h in told["sizes"]))

    def picture(self, opened: Opened, page: int) -> bytes:
        """Return a page, counted from 1, as WebP; closes the file. Raises `NotFound` for none."""
        made = self._drawn(opened, page - 1) if 1 <= page <= MOST_PAGES else b""
        if not made:
            raise NotFound(page=page)
        return made

    def _drawn(self, opened: Opened, page: int | None) -> bytes:
        """Return what the process made of a file, b"" where nothing can be made of it."""
        with opened.content as content:
            if not drawable(opened.file.type, opened.file.size):
                return b""
            if not self._turns.acquire(timeout=self._seconds):
                return b""
            try:
                return b"" if self._is_slow(opened.digest) else self._timed(opened, content, page)
            finally:
                self._turns.release()

    def _timed(self, opened: Opened, content: IO[bytes], page: int | None) -> bytes:
        asked = {
            "page": page, "most": MOST_PAGES, "width": WIDTH, "seconds": self._seconds,
            "broken": BROKEN,
        }  # fmt: skip
        given = json.dumps(asked).encode() + b"\n" + content.read()
        began, minded = monotonic(), True
        try:
            ended = run_apart(DRAWING, given, seconds=self._seconds)
            # What ends for want of memory or processor time has cost all that it took.
            minded = ended.status not in (0, BROKEN)
        except TooLong:
            return b""
        finally:
            took = monotonic() - began
            self._slow(opened.digest).append(took if minded else max(took - QUICK, 0))
        return ended.parts[0] if ended.status == 0 else b""

    def _is_slow(self, digest: str) -> bool:
        return sum(self._slow(digest)) >= self._patience

    def _slow(self, digest: str) -> list[float]:
        """Return how long each page of a file took beyond what is quick."""
        found = self._spent.get(digest, list)
        return found if found is not None else []
