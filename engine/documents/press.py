"""HTML to PDF, in a process of its own: it is bounded, fetches nothing, and may end as it likes."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: S404 - runs this Python on a file beside this one
import sys
from collections.abc import Sequence
from pathlib import Path

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
        return _files(self._run(json.dumps(asked).encode()))

    def _run(self, asked: bytes) -> bytes:
        # No secret of the server's is in its surroundings, and nothing that leads to a database.
        kept = {name: os.environ[name] for name in ("TMPDIR", "SYSTEMROOT") if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 - both are ours
                [sys.executable, "-I", str(PRESSING)],
                input=asked,
                capture_output=True,
                timeout=SECONDS,
                env=kept,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise DocumentRefused("document_too_long") from late
        if done.returncode == TOO_LONG:
            raise DocumentRefused("document_too_long")
        if done.returncode != 0:
            raise DocumentRefused("document_unprintable")
        return done.stdout


def _files(made: bytes) -> tuple[bytes, ...]:
    found, at = [], 0
    while at < len(made):
        begin = made.index(b"\n", at) + 1
        at = begin + int(made[at:begin])
        found.append(made[begin:at])
    return tuple(found)
