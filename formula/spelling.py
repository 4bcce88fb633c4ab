"""The names of a formula replaced where they stand, every other character as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from formula.errors import Span
from formula.parser import parse
from formula.printer import printed_name
from formula.renaming import AGGREGATES
from formula.scope import Path
from formula.syntax import Expr, Invoke, Name, children, names_in

P = TypeVar("P")


class Spelling(Protocol[P]):
    """What names are called now, at places of type P: a record, or a member of a collection."""

    def spelled(self, place: P, path: Path) -> Path:
        """Return a path as it is written now."""
        ...

    def inside(self, place: P, path: Path) -> P | None:
        """Return the members that a path of names leads to, or None where it leads to none."""
        ...


def respelled(text: str, spelling: Spelling[P], place: P) -> Iterator[tuple[Span, str]]:
    """Yield where a formula's names stand that are written otherwise now, and how."""
    yield from _respelled(parse(text), spelling, place)


def _respelled(expr: Expr, spelling: Spelling[P], place: P) -> Iterator[tuple[Span, str]]:
    if isinstance(expr, Name):
        path = spelling.spelled(place, expr.path)
        if path != expr.path:
            yield expr.span, printed_name(path)
    members = _members(expr, spelling, place)
    for index, inner in enumerate(children(expr)):
        there = place if members is None or index == 0 else members
        yield from _respelled(inner, spelling, there)


def _members(expr: Expr, spelling: Spelling[P], place: P) -> P | None:
    """Return the members that an aggregate's further arguments stand in."""
    if not isinstance(expr, Invoke) or expr.function not in AGGREGATES or not expr.arguments:
        return None
    for name in names_in(expr.arguments[0]):
        found = spelling.inside(place, name.path)
        if found is not None:
            return found
    return None


def spliced(text: str, pieces: Mapping[Span, str]) -> str:
    """Return a text with pieces of it, which do not overlap, written otherwise."""
    for span in sorted(pieces, key=lambda each: each.start, reverse=True):
        text = text[: span.start] + pieces[span] + text[span.end :]
    return text
