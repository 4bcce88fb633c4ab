"""A parent's condition as its child lines read it: every name goes through the link upwards."""

from __future__ import annotations

from dataclasses import dataclass

from formula.scope import Binding, Path, Scope

OUTSIDE = frozenset({"user", "setting"})
"""Roots that mean the same wherever a formula stands."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """The scope of a child entity in which a parent's formula keeps its meaning."""

    child: Scope
    links: tuple[str, ...]

    def lookup(self, path: Path) -> Binding | None:
        """Return what `path`, written for the parent, means from the child."""
        return self.child.lookup(path if path[0] in OUTSIDE else (*self.links, *path))

    def suggestions(self, path: Path) -> tuple[str, ...]:
        """Return nothing: the formula was checked where it was written."""
        return ()

    def name_of(self, label: Path) -> Path | None:
        """Return nothing: canonical text has names only."""
        return None
