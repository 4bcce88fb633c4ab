"""HTML to PDF, in a process of its own: it is bounded, fetches nothing, and may end as it likes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from engine.apart import TooLong, run_apart
from engine.documents.errors import DocumentRefused

PRESSING = Path(__file__).with_name("pressing.py")
"""What the process runs, by its path: it is given nothing of the product to import."""

SECONDS = 60
"""How long a press may run: hundreds of papers are set in a few of them."""

MOST_PAGES = 2_000

TOO_LONG = 3
"""How the process ends where there are more pages."""


class Press:
    """Prints HTML with the letters that lie in a folder, Chinese ones among them."""

    def __init__(self, letters: Path) -> None:
        self._letters = letters

    def pdf(self, html: str) -> bytes:
        """Return one paper: HTML that has all it shows in it, pictures as `data:` addresses.

        Raises `DocumentRefused`.
        """
        return self.pdfs((html,))[0]

    def pdfs(self, pages: Sequence[str], *, together: bool = False) -> tuple[bytes, ...]:
        """Return papers, each a file, or all `together` in one file; raise `DocumentRefused`."""
        if not (self._letters / "regular.ttf").is_file():
            raise DocumentRefused("letters_missing", folder=str(self._letters))
        if not pages:
            return ()
        asked = {
            "letters": str(self._letters), "pages": list(pages), "together": together,
            "seconds": SECONDS, "most_pages": MOST_PAGES, "too_long": TOO_LONG,
        }  # fmt: skip
        return self._run(json.dumps(asked).encode())

    def _run(self, asked: bytes) -> tuple[bytes, ...]:
        try:
            ended = run_apart(PRESSING, asked, seconds=SECONDS)
        except TooLong as late:
            raise DocumentRefused("document_too_long") from late
        if ended.status == TOO_LONG:
            raise DocumentRefused("document_too_long")
        if ended.status != 0:
            raise DocumentRefused("document_unprintable")
        return ended.parts
