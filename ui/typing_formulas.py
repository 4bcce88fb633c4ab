"""What somebody is in the middle of typing into a formula."""

from __future__ import annotations


def last_path(text: str) -> tuple[str, ...]:
    """Return the name being typed at the end of the text, split at its dots."""
    tail = text.rstrip()
    start = len(tail)
    while start and (tail[start - 1].isalnum() or tail[start - 1] in "_."):
        start -= 1
    return tuple(tail[start:].split("."))
