"""The child process that draws pages of PDF files: a file comes in, sizes or a picture go out.

It is run by its path, on its own: nothing of the product is imported here. What a file does to
the library that reads it ends with the process; forms and scripts in it are left asleep.
"""

from __future__ import annotations

import json
import resource
import sys
from io import BytesIO

from pypdfium2 import PdfDocument, PdfiumError

MOST_MEMORY = 2 << 30
"""Bytes of address space."""

LONGEST_SIDE = 4_000
"""Pixels; a page of any shape fits into a square of these."""


def main() -> int:
    """Read what is asked, a line of JSON before the file, and write what was made of it."""
    asked = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    try:
        document = PdfDocument(sys.stdin.buffer.read())
        made = sizes(document, asked["most"]) if asked["page"] is None else page(document, asked)
    except (PdfiumError, IndexError):
        return int(asked["broken"])
    sys.stdout.buffer.write(b"%d\n%b" % (len(made), made))
    return 0


def sizes(document: PdfDocument, most: int) -> bytes:
    """Return how many pages there are and the sizes of the first ones, as JSON, in points."""
    shown = range(min(len(document), most))
    found = [document.get_page_size(at) for at in shown]
    return json.dumps({"count": len(document), "sizes": found}).encode()


def page(document: PdfDocument, asked: dict[str, int]) -> bytes:
    """Return a page, counted from 0, as a picture so many pixels wide, unless it is very tall."""
    drawn = document[asked["page"]]
    width, height = drawn.get_size()
    scale = min(asked["width"] / max(width, 1), LONGEST_SIDE / max(height, 1))
    out = BytesIO()
    drawn.render(scale=scale).to_pil().convert("RGB").save(out, "WEBP", quality=85, method=1)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
