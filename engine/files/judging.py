"""What a file is, told from what it holds: its name and the sender's word are only hints."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from typing import IO

import puremagic

FIRST = 8_192
"""Bytes that a file is judged by."""

LONGEST_NAME = 200

UNKNOWN = "application/octet-stream"

DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
"""Names that some computers keep for machines, whatever follows the point."""

FORBIDDEN = frozenset('/\\:*?"<>|')
"""What some computer would not let a file be called."""


def file_name(given: str | None) -> str:
    """Return a name that every computer takes: no folders, nothing unseen, not too long."""
    plain = unicodedata.normalize("NFC", given or "")
    plain = plain.encode("utf-8", "ignore").decode().replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in plain if unicodedata.category(c)[0] != "C" and c not in FORBIDDEN)
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if len(kept) > LONGEST_NAME and dot:
        kept = stem[: LONGEST_NAME - len(ending) - 1] + dot + ending[:20]
    kept = kept.strip(" .")[:LONGEST_NAME] or "file"
    return f"_{kept}" if DEVICES.match(kept) else kept


def media_type(content: IO[bytes], name: str) -> str:
    """Return the media type of what a file holds, the ending of its name where that is text."""
    content.seek(0)
    first = content.read(FIRST)
    content.seek(0)
    try:
        found = str(puremagic.from_string(first, mime=True, filename=name))
    except (puremagic.PureError, ValueError):
        found = ""
    if found and not found.startswith("text/"):
        return found
    if _is_text(first):
        guessed = mimetypes.guess_type(name)[0] or "text/plain"
        return guessed if guessed.startswith("text/") or found == guessed else "text/plain"
    return UNKNOWN


def _is_text(first: bytes) -> bool:
    if b"\0" in first:
        return False
    try:
        # The last character may be cut in two.
        first[:-3].decode("utf-8") if len(first) == FIRST else first.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
