"""The child process that sets pages: HTML comes in as JSON, PDFs go out with their lengths.

It is run by its path, on its own: nothing of the product is imported here, nothing is fetched,
and what a template does to it ends with it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from io import BytesIO

from plutoprint import (
    MEDIA_TYPE_PRINT,
    PAGE_MARGINS_NORMAL,
    PAGE_SIZE_A4,
    UNITS_PX,
    Book,
    Error,
    PDFCanvas,
    ResourceData,
    ResourceFetcher,
    plutobook_set_fontconfig_path,
)

MOST_MEMORY = 3 << 30
"""Bytes of address space; the letters alone take a good deal of it."""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{letters}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="family" mode="append" binding="weak"><string>Noto Sans SC</string></edit>
  </match>
</fontconfig>
"""


class Nothing(ResourceFetcher):
    """Fetches nothing: what a page shows stands in it."""

    def fetch_url(self, url: str) -> ResourceData:
        """Refuse every address."""
        raise Error("nothing is fetched")


def main() -> int:
    """Read what is asked, and write what was made of it."""
    asked = json.load(sys.stdin.buffer)
    bound(int(asked["seconds"]))
    with tempfile.TemporaryDirectory(prefix="joinery-letters-") as folder:
        with open(os.path.join(folder, "fonts.conf"), "w", encoding="utf-8") as file:
            file.write(FONTS.format(letters=escape(asked["letters"]), cache=escape(folder)))
        plutobook_set_fontconfig_path(folder)
        books = [book_of(page) for page in asked["pages"]]
        if sum(book.get_page_count() for book in books) > asked["most_pages"]:
            return int(asked["too_long"])
        together = [books] if asked["together"] else [[book] for book in books]
        for each in together:
            made = bound_together(each)
            sys.stdout.buffer.write(b"%d\n%b" % (len(made), made))
    return 0


def bound(seconds: int) -> None:
    """Take a bounded share of the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def book_of(page: str) -> Book:
    """Return one paper, set on pages of its own count."""
    book = Book(PAGE_SIZE_A4, PAGE_MARGINS_NORMAL, MEDIA_TYPE_PRINT)
    book.custom_resource_fetcher = Nothing()
    book.load_html(page)
    return book


def bound_together(books: Sequence[Book]) -> bytes:
    """Return one file of papers, one after the other."""
    out = BytesIO()
    if len(books) == 1:
        books[0].write_to_pdf_stream(out)
        return out.getvalue()
    with PDFCanvas.create_for_stream(out, PAGE_SIZE_A4) as canvas:
        for book in books:
            for at in range(book.get_page_count()):
                canvas.set_size(book.get_page_size_at(at))
                canvas.save_state()
                canvas.scale(UNITS_PX, UNITS_PX)
                book.render_page(canvas, at)
                canvas.restore_state()
                canvas.show_page()
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
