"""Finds what is out of use: retired by what serves now, or known to earlier versions alone.

Going back to a version leaves what came after it in no layer that serves, but its data stays
in the tables; the layers of the versions in between still say what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from metamodel.editing import Add, Edit, Path, Restore
from metamodel.editing.document import at, present
from metamodel.identity import key_of
from metamodel.layers import PLACEMENT

Document = Mapping[str, object]

Shape = Mapping[str, "Shape"]
"""Names of maps, each with what its elements hold in turn; "*" stands for an element."""

OPTIONS: Shape = {"options": {"*": {}}}

SHAPE: Shape = {
    "entities": {
        "*": {
            "fields": {"*": OPTIONS},
            "pipelines": {"*": {"stages": {"*": {}}}},
            "rules": {"*": {}},
            "views": {"*": {}},
            "buttons": {"*": {}},
        }
    },
    "choices": {"*": OPTIONS},
    "automations": {"*": {}},
    "dashboards": {"*": {}},
    "reports": {"*": {}},
    "roles": {"*": {}},
    "scenarios": {"*": {}},
}
"""What is looked for."""

SHOWN = ("items", "columns")
"""Maps of screens that show fields by name."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An element out of use: `since` is the version in which it went.

    `path` is of the names that serve now, as far as they do. `element` is what was written of
    it. `bygone` tells that no layer says anything of it now; `places` are then the items and
    columns that showed it.
    """

    path: Path
    element: Document
    since: int
    bygone: bool = False
    places: tuple[tuple[Path, Document], ...] = ()


def gone(serving: Document, layers: Sequence[tuple[int, Document]]) -> tuple[Gone, ...]:
    """Return what is out of use in the merged document `serving`, the latest to go first.

    `layers` are the tenant's own of every version, by number, the newest first; the first serves.
    """
    found = [
        Gone(path, element, _since_retired(path, layers))
        for path, element in elements(serving)
        if element.get("$retire") is True
    ]
    served = {_by_keys(serving, path) for path, _ in elements(serving)}
    known = {_by_keys(serving, each.path) for each in found}
    for index in range(1, len(layers)):
        number, layer = layers[index]
        for written, element in elements(layer):
            # What was renamed since, or before it went, is one and the same by its key.
            path = (*present(serving, written[:-1]), written[-1])
            keyed = (*_by_keys(serving, path[:-1]), key_of(path[-1], element))
            inside = any(keyed[: len(each)] == each for each in known)
            known_now = keyed in served or _is_known(serving, path)
            if inside or known_now or element.get("$retire") is True:
                continue
            if not _is_whole(path, element):
                continue
            known.add(keyed)
            places = tuple(_places(serving, layer, written))
            found.append(Gone(path, element, layers[index - 1][0], bygone=True, places=places))
    return tuple(sorted(found, key=lambda each: -each.since))


def restoring(each: Gone, serving: Document) -> tuple[Edit, ...]:
    """Return the edits that bring an element back, with the places that showed it."""
    if not each.bygone:
        return (Restore(each.path),)
    siblings = at(serving, each.path[:-1])
    beside = each.element.get("$after")
    after = str(beside) if isinstance(siblings, Mapping) and beside in siblings else ""
    made = [Add(each.path[:-1], each.path[-1], _plain(each.element), after=after)]
    for path, place in each.places:
        neighbours, near = at(serving, path[:-1]), place.get("$after")
        known = isinstance(neighbours, Mapping) and near in neighbours
        made.append(Add(path[:-1], path[-1], _plain(place), after=str(near) if known else ""))
    return tuple(made)


def elements(document: Document) -> Iterator[tuple[Path, Document]]:
    """Yield every element that is looked for in a document, those around others first."""
    yield from _walk(document, SHAPE, ())


def _walk(level: object, shape: Shape, path: Path) -> Iterator[tuple[Path, Document]]:
    for part, inner in shape.items():
        found = level.get(part) if isinstance(level, Mapping) else None
        for name, element in found.items() if isinstance(found, Mapping) else ():
            if isinstance(element, Mapping):
                yield (*path, part, name), element
                yield from _walk(element, inner["*"], (*path, part, name))


def _since_retired(path: Path, layers: Sequence[tuple[int, Document]]) -> int:
    """Return the version in which an element was retired that no later one brought back."""
    since = layers[0][0] if layers else 0
    for number, layer in layers:
        found = at(layer, path)
        if not (isinstance(found, Mapping) and found.get("$retire") is True):
            break
        since = number
    return since


def _is_known(document: Document, path: Path) -> bool:
    """Return whether a document has an element, under any name it ever had."""
    return at(document, present(document, path)) is not None


def _by_keys(document: Document, path: Path) -> Path:
    """Return a path with elements by their keys, as far as a document has them."""
    found: list[str] = []
    level: object = document
    for at_element, name in zip(cycle((False, True)), path, strict=False):
        level = level.get(name) if isinstance(level, Mapping) else None
        found.append(key_of(name, level) if at_element else name)
    return tuple(found)


def _is_whole(path: Path, element: Document) -> bool:
    """Return whether a layer says all of an element, rather than what it changes of one below."""
    needed = {"entities": "fields", "fields": "type", "options": "label", "stages": "label"}
    return needed.get(path[-2], path[-1]) in element or path[-2] not in needed


def _places(serving: Document, layer: Document, path: Path) -> Iterator[tuple[Path, Document]]:
    """Yield the items and columns of written screens that showed a field in a layer."""
    if len(path) != len(("entities", "entity", "fields", "field")) or path[2] != "fields":
        return
    for part in ("forms", "views"):
        screens = at(layer, (*path[:2], part))
        for screen, written in screens.items() if isinstance(screens, Mapping) else ():
            here = (*path[:2], part, screen)
            now = at(serving, here)
            if isinstance(now, Mapping) and now.get("generated") is not True:
                yield from _showing(written, here, path[-1])


def _showing(level: object, path: Path, name: str) -> Iterator[tuple[Path, Document]]:
    for part, inner in level.items() if isinstance(level, Mapping) else ():
        if part in SHOWN and isinstance(inner, Mapping):
            place = inner.get(name)
            if isinstance(place, Mapping) and place.get("$retire") is not True:
                yield (*path, part, name), place
        yield from _showing(inner, (*path, part), name)


def _plain(element: Document) -> dict[str, object]:
    return {key: value for key, value in element.items() if key not in PLACEMENT}
