"""What is left of a value for somebody who may only see its mask."""

from __future__ import annotations

STAR = "*"


def masked(value: object) -> str | None:
    """Return a masked text: both ends of a long value, the first character of a short one.

    A mail address keeps its domain. Blank stays blank.
    """
    if value is None:
        return None
    text = str(value)
    name, at, domain = text.partition("@")
    if at:
        return f"{name[:1]}{STAR * 3}@{domain}"
    if len(text) >= 7:
        return f"{text[:3]}{STAR * 4}{text[-2:]}"
    return f"{text[:1]}{STAR * 2}"
