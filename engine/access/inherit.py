"""A parent's condition as its child lines read it: every name goes through the link upwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formula.calendars import Calendar
from formula.scope import FieldBinding, Meaning, Path, Scope

OUTSIDE = frozenset({"user", "setting"})
"""Roots that mean the same wherever a formula stands."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """The scope of a child entity in which a parent's formula keeps its meaning."""

    child: Scope
    links: tuple[str, ...]

    def lookup(self, path: Path) -> Meaning | None:
        """Return what `path`, written for the parent, means from the child."""
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
