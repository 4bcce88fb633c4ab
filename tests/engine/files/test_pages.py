"""Pages of files as pictures: however slow a file is, it keeps nobody waiting for long (N-01)."""

from __future__ import annotations

from io import BytesIO
from time import monotonic
from uuid import uuid4

import pytest

from engine.errors import NotFound
from engine.files.pages import PDF, PagePictures, Pages
from engine.files.uploads import Opened
from engine.query.spec import FileValue

DEPTH = 12


def pdf(*contents: str, forms: int = 0) -> bytes:
    """A file with a page for each content; its forms draw each other ten times each."""
    found = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    named = []
    for at in range(forms):
        inner = f"/F{at + 1} Do " * 10 if at + 1 < forms else "0 0 m 600 800 l S"
        within = (
            f"<< /XObject << /F{at + 1} {len(found) + 2} 0 R >> >>" if at + 1 < forms else "<< >>"
        )
        named.append(f"/F{at} {len(found) + 1} 0 R")
        kind = f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources {within}"
        found.append(f"<< {kind} /Length {len(inner)} >>\nstream\n{inner}\nendstream")
    pages = []
    for content in contents:
        found.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        resources = f"<< /XObject << {' '.join(named)} >> >>"
        box = f"/MediaBox [0 0 600 800] /Resources {resources}"
        found.append(f"<< /Type /Page /Parent 2 0 R {box} /Contents {len(found)} 0 R >>")
        pages.append(f"{len(found)} 0 R")
    found[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(pages)}] >>"
    out = "%PDF-1.7\n"
    for number, each in enumerate(found, start=1):
        out += f"{number} 0 obj\n{each}\nendobj\n"
    return (out + "trailer << /Root 1 0 R >>\n%%EOF\n").encode()


def opened(content: bytes, digest: str = "one") -> Opened:
    return Opened(FileValue(uuid4(), "a.pdf", PDF, len(content)), digest, BytesIO(content))


def test_no_further_page_is_drawn_of_a_file_that_was_too_slow() -> None:
    slow = pdf("0 0 m 9 9 l S", "/F0 Do", forms=DEPTH)
    pictures = PagePictures(seconds=4, patience=0.5)

    assert pictures.sizes(opened(slow)).count == 2
    with pytest.raises(NotFound):
        pictures.picture(opened(slow), 2)
    began = monotonic()
    with pytest.raises(NotFound):
        pictures.picture(opened(slow), 1)
    again = pictures.sizes(opened(slow))
    waited = monotonic() - began

    assert again == Pages(0, (), slow=True)
    assert waited < 1, "the file is read no more"
    assert pictures.picture(opened(pdf("0 0 m 9 9 l S"), "another"), 1)
