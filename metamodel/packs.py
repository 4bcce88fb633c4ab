"""Packs: layers that stand beside each other on one app, and must not speak of the same leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from metamodel.problems import Place, Problem
from metamodel.source import Names, Position

SETS = ("$add", "$drop")
"""Changes of an inherited list; several packs may make them, if none takes what another adds."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What one pack says: its name, its document without what it says of itself, and where."""

    name: str
    document: Mapping[str, object]
    positions: Mapping[Names, Position]


@dataclass(slots=True)
class _Said:
    """What earlier packs said: leaves by path, and who spoke at or below every path."""

    leaves: dict[Names, tuple[str, object]] = field(default_factory=dict)
    within: dict[Names, str] = field(default_factory=dict)
    retired: dict[Names, str] = field(default_factory=dict)

    def note(self, pack: str, path: Names, value: object) -> None:
        self.leaves[path] = (pack, value)
        for end in range(1, len(path) + 1):
            self.within.setdefault(path[:end], pack)
        if path[-1] == "$retire":
            self.retired[path[:-1]] = pack


def is_pack(document: Mapping[str, object]) -> bool:
    """Return whether a document says that it is a pack."""
    return said_of_app(document).get("kind") == "pack"


def said_of_app(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a document says of the app that it is."""
    app = document.get("app")
    return app if isinstance(app, Mapping) else {}


def clashes(packs: Sequence[Pack]) -> Iterator[Problem]:
    """Yield the leaves that two packs write differently, each naming both."""
    said = _Said()
    for pack in packs:
        leaves = list(_leaves(pack.document, ()))
        for path, value in leaves:
            other = _against(said, path, value)
            if other:
                yield _problem(pack, path, other)
        for path, value in leaves:
            said.note(pack.name, path, value)


def _against(said: _Said, path: Names, value: object) -> str:
    """Return the pack that says something else of a leaf, or blank."""
    if path[-1] == "$retire" and path[:-1] in said.within:
        other = said.within[path[:-1]]
        return "" if said.retired.get(path[:-1]) == other else other
    for end in range(1, len(path)):
        if path[:end] in said.retired:
            return said.retired[path[:end]]
        if path[:end] in said.leaves:
            return said.leaves[path[:end]][0]
    if path[-1] in SETS:
        return _against_set(said, path, value)
    if path in said.leaves:
        other, there = said.leaves[path]
        return "" if type(there) is type(value) and there == value else other
    return said.within.get(path, "")


def _against_set(said: _Said, path: Names, value: object) -> str:
    """Return the pack that takes out of a list what this one adds, or the other way round."""
    opposite = "$drop" if path[-1] == "$add" else "$add"
    other, there = said.leaves.get((*path[:-1], opposite), ("", ()))
    items = value if isinstance(value, list) else []
    return other if isinstance(there, list) and any(item in there for item in items) else ""


def _leaves(value: Mapping[str, object], path: Names) -> Iterator[tuple[Names, object]]:
    for name, inner in value.items():
        here = (*path, name)
        if isinstance(inner, Mapping) and inner:
            yield from _leaves(inner, here)
        elif not isinstance(inner, Mapping):
            yield here, inner


def _problem(pack: Pack, path: Names, other: str) -> Problem:
    position = next(
        (found for end in range(len(path), 0, -1) if (found := pack.positions.get(path[:end]))),
        None,
    )
    place = Place(pack.name, 1, 1, path)
    if position is not None:
        place = Place(position.file, position.line, position.column, path)
    return Problem(
        "packs_disagree",
        place,
        f"The packs `{other}` and `{pack.name}` both say `{'.'.join(path)}`, each otherwise.",
        "Use one of the two, or take the line out of one.",
    )
