"""Where conditions of rights stand: beyond links, and with what is shared with somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from formula.calendars import Calendar
from formula.functions import SPECS
from formula.parser import parse
from formula.printer import print_formula
from formula.scope import FieldBinding, Meaning, Path, Scope
from formula.syntax import Expr, Invoke, Name, children, with_children
from formula.types import ListType, RecordType

AGGREGATES = frozenset(name for name, spec in SPECS.items() if spec.aggregate)
"""Functions whose first argument alone stands on the record itself."""

OUTSIDE = frozenset({"user", "setting"})
"""Roots that mean the same wherever a formula stands."""

SHARED = ("user", "shared")
"""Where a condition finds what is shared with the person acting."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """The scope of a child entity in which a parent's formula keeps its meaning.

    Without links it is the entity's own. Only here `user.shared.<entity>.<right>` means
    something: the records shared with the person acting, to read or to write.
    """

    child: Scope
    links: tuple[str, ...]

    def lookup(self, path: Path) -> Meaning | None:
        """Return what `path`, written for the parent, means from the child."""
        if path[:2] == SHARED and len(path) == len(SHARED) + 2:
            kind = ListType(RecordType((path[2],)))
            return FieldBinding(path, kind, (), "user", "personal", never_blank=True)
        return self.child.lookup(path if path[0] in OUTSIDE else (*self.links, *path))

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return nothing: the formula was checked where it was written."""
        return ()

    def calendars(self) -> Mapping[str, Calendar]:
        """Return the calendars, which are the same for all records."""
        return self.child.calendars()

    def labels(self, binding: FieldBinding) -> Mapping[str, Mapping[str, str]]:
        """Return what the codes of a choice are called, by language."""
        return self.child.labels(binding)

    def name_of(self, label: Path) -> Path | None:
        """Return nothing: canonical text has names only."""
        return None


def through(text: str, link: str) -> str:
    """Return a condition of a linked record as one of the record that links to it."""
    return print_formula(_through(parse(text), link, outer=True))


def _through(expr: Expr, link: str, *, outer: bool) -> Expr:
    """Put a link before names of the record; inside an aggregate those are written `this.…`."""
    if isinstance(expr, Name):
        if outer and expr.path[0] not in OUTSIDE:
            return replace(expr, path=(link, *expr.path))
        if not outer and expr.path[0] == "this":
            return replace(expr, path=("this", link, *expr.path[1:]))
        return expr
    inside = isinstance(expr, Invoke) and expr.function in AGGREGATES
    parts = [
        _through(part, link, outer=outer and not (inside and at))
        for at, part in enumerate(children(expr))
    ]
    return with_children(expr, tuple(parts))
