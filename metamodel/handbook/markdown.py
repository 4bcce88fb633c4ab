"""How the dictionary is set: headings, lists and tables that read well as text, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def heading(level: int, text: str) -> Iterator[str]:
    """Yield a heading with the blank line after it."""
    yield f"{'#' * level} {text}"
    yield ""


def paragraph(text: str) -> Iterator[str]:
    """Yield a paragraph, nothing for a blank text."""
    if text:
        yield text
        yield ""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table; nothing where there are no rows."""
    lines = [tuple(_cell(cell) for cell in row) for row in rows]
    if not lines:
        return
    yield f"| {' | '.join(headers)} |"
    yield f"|{' --- |' * len(headers)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
    yield ""


def bullets(items: Iterable[str]) -> Iterator[str]:
    """Yield a list; nothing where there are no items."""
    lines = [f"- {_line(item)}" for item in items]
    if lines:
        yield from lines
        yield ""


def code(text: str) -> str:
    """Return a text as code, whatever signs it holds."""
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{_line(text)}{space}{fence}"


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(text.split())
