"""Text in Python: positions and lengths count characters (code points), from 1."""

from __future__ import annotations

from decimal import Decimal


def left(value: str, count: Decimal) -> str | None:
    """Return the first characters."""
    return value[: max(int(count), 0)] or None


def right(value: str, count: Decimal) -> str | None:
    """Return the last characters."""
    return value[max(len(value) - max(int(count), 0), 0) :] or None


def middle(value: str, start: Decimal, count: Decimal) -> str | None:
    """Return `count` characters from `start`; blank where `start` is before the first."""
    if start < 1 or count < 1:
        return None
    return value[int(start) - 1 : int(start) - 1 + int(count)] or None


def overwrite(value: str, start: Decimal, count: Decimal, new: str | None) -> str | None:
    """Return the text with `count` characters from `start` replaced."""
    if start < 1 or count < 0:
        return None
    first = int(start) - 1
    return value[:first] + (new or "") + value[first + int(count) :] or None


def find(part: str, value: str) -> Decimal | None:
    """Return where `part` first stands; blank where it does not."""
    at = value.find(part)
    return None if at < 0 else Decimal(at + 1)


def pad(value: str, length: Decimal, fill: str, side: str) -> str:
    """Return the text filled up to a length; longer text stays whole."""
    return value.rjust(int(length), fill) if side == "left" else value.ljust(int(length), fill)


def mask(value: str, start: Decimal, end: Decimal) -> str:
    """Return the text with all but its ends hidden; short text is hidden whole."""
    hidden = len(value) - int(start) - int(end)
    if hidden <= 0:
        return "*" * len(value)
    return value[: int(start)] + "*" * hidden + value[len(value) - int(end) :]


def split(value: str | None, separator: str) -> tuple[str, ...]:
    """Return the parts between separators that are not empty."""
    return tuple(part for part in (value or "").split(separator) if part)


def split_part(value: str, separator: str, place: Decimal) -> str | None:
    """Return one part, counted from 1, or from -1 backwards; blank where there is none."""
    parts = value.split(separator)
    at = int(place) - 1 if place > 0 else int(place)
    return (parts[at] or None) if place and -len(parts) <= at < len(parts) else None


def join(separator: str | None, *parts: str | None) -> str | None:
    """Return the parts that are not blank, with a separator between them."""
    return (separator or "").join(part for part in parts if part is not None) or None
