"""Keeps what ours says meaning what it meant, where a merge calls elements otherwise.

Elements get other names in a merge: theirs renamed them, or added others of their names. What
ours wrote is then written anew by what it meant before; what theirs wrote stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from formula import FormulaError, parse
from formula.printer import print_formula
from metamodel.editing.document import at, counterpart, put
from metamodel.editing.smallest import pairs
from metamodel.edits import Document
from metamodel.identity import identities, key_of
from metamodel.layers import Layer, merge
from metamodel.linker import link
from metamodel.linking.memory import Memory
from metamodel.loader import builtin_layer
from metamodel.model import Model
from metamodel.parts import NAMED
from metamodel.quickly import without_collection
from metamodel.references import Path, Reference
from metamodel.respelling import Called, Writings, valued, writings
from metamodel.same import Same
from metamodel.structure import check_structure
from metamodel.threeway import Merge3

Elements = Mapping[str, object]

INSIDE: Mapping[str, tuple[str, ...]] = {
    "entities": ("fields", "pipelines", "rules", "views", "forms", "buttons", "convert"),
    "fields": ("options",),
    "pipelines": ("stages",),
    "choices": ("options",),
}
"""Parts whose elements have names of their own, by the part that they stand in."""


def renamed_by(base: Document, theirs: Document) -> dict[Path, str]:
    """Return what theirs calls elements of the base now, by their paths of keys.

    One that is called as ever counts, too, where theirs gave a former name of it to another.
    """
    found: dict[Path, str] = {}
    for part in (*NAMED, "entities"):
        found |= dict(_renamed((part,), _map(base, part), _map(theirs, part)))
    return found


def _renamed(path: Path, base: Elements, theirs: Elements) -> Iterator[tuple[Path, str]]:
    known = pairs(base, theirs)
    new = {name for name in theirs if name not in known}
    for name, old in known.items():
        element, now = base[old], theirs[name]
        if element is now:
            continue
        here = (*path, key_of(old, element))
        if name != old or (identities(old, element) - {old}) & new:
            yield here, name
        yield from _collecting(here, element, now)
        for part in INSIDE.get(path[-1], ()):
            yield from _renamed((*here, part), _map(element, part), _map(now, part))


def _collecting(path: Path, base: object, now: object) -> Iterator[tuple[Path, str]]:
    """Yield what the collections are called now that a link, or an entity of lines, makes."""
    for names in COLLECTING.get(path[-2], ()):
        was, said = at(base, names), at(now, names)
        if isinstance(was, str) and isinstance(said, str) and was != said:
            yield (*path, *names), said


COLLECTING: Mapping[str, tuple[Path, ...]] = {
    "fields": (("inverse",),),
    "entities": (("child_of", "collection"),),
}
"""Where elements of a part say what they are called from the other side."""


def named_by(merged: Document, renamed: Called) -> dict[Path, str]:
    """Return what a merge calls elements that theirs renamed: ours may have another name."""
    return {path: _name_of(merged, path) or name for path, name in renamed.items()}


def _name_of(document: Document, path: Path) -> str:
    """Return the name of the element at a path of keys, "" where there is none."""
    level: object = document
    name = ""
    for index, key in enumerate(path):
        name = key
        if index % 2 and isinstance(level, Mapping):
            name = next((n for n, each in level.items() if key_of(n, each) == key), "")
        level = level.get(name) if isinstance(level, Mapping) else None
    if isinstance(level, str):
        return level
    return name if level is not None else ""


def told_apart(merged: Merge3, ours: Document) -> dict[Path, str]:
    """Return what elements of ours are called since theirs has their names, by paths of keys."""
    found: dict[Path, str] = {}
    for path, name in merged.apart:
        parents = counterpart(ours, merged.document, path[:-1])
        element = at(ours, (*parents, name))
        found[(*_keys(ours, parents), key_of(name, element))] = path[-1]
    return found


def _keys(document: Document, path: Path) -> Path:
    """Return the path of keys of what stands at a path of names."""
    return tuple(
        key_of(name, at(document, path[: index + 1])) if index % 2 else name
        for index, name in enumerate(path)
    )


def mentions(layer: object, words: set[str]) -> bool:
    """Return whether a layer has one of these words, or names written as labels, anywhere."""
    if isinstance(layer, Mapping):
        return any(mentions(key, words) or mentions(each, words) for key, each in layer.items())
    if isinstance(layer, list):
        return any(mentions(each, words) for each in layer)
    return isinstance(layer, str) and ("「" in layer or not words.isdisjoint(_WORD.findall(layer)))


_WORD = re.compile(r"\w+")


def words_of(base: Document, ours: Document, called: Called) -> set[str]:
    """Return every name that renamed elements answer to, on either side."""
    found: set[str] = set()
    for path in called:
        for document in (base, ours):
            level: object = document
            names: set[str] = set()
            for index, key in enumerate(path):
                level, names = _below(level, key, named=bool(index % 2))
            found |= {level} if isinstance(level, str) else names
    return found | {path[-1] for path in called}


def _below(level: object, key: str, *, named: bool) -> tuple[object, set[str]]:
    siblings = level if isinstance(level, Mapping) else {}
    if not named:
        return siblings.get(key), set()
    name = next((n for n, each in siblings.items() if key_of(n, each) == key), None)
    if name is None:
        return None, set()
    return siblings[name], identities(name, siblings[name])


@dataclass(frozen=True, slots=True)
class Named:
    """What the places of an app name, in the model that it links to."""

    model: Model
    references: tuple[Reference, ...]
    memory: Memory

    def written(self, called: Called) -> Writings:
        """Return what has to be written otherwise, now that elements are `called` so."""
        return writings(self.model, self.references, called)


TEMPLATES = 3
"""Of how many templates it stays known what they name: many tenants come from one to another."""


def named_in(below: Sequence[Layer], own: Layer | None = None) -> Named | None:
    """Return what the places of an app name; None for layers that are not in shape.

    With `own`, a layer over the others, only the places of parts that it says something of.
    """
    known = _named(tuple(Same(each) for each in below))
    if own is None or known is None:
        return known
    return _linked([*below, own], known.memory.copy())


@lru_cache(maxsize=TEMPLATES)
def _named(layers: tuple[Same[Layer], ...]) -> Named | None:
    return _linked([each.thing for each in layers], Memory())


def _linked(layers: Sequence[Layer], memory: Memory) -> Named | None:
    merged = merge([builtin_layer(), *layers])
    if any(check_structure(layer, merged.document) for layer in layers):
        return None
    merged.references = []
    with without_collection():
        model = link(merged, memory)
    return Named(model, tuple(merged.references), memory)


def followed(base: Document, theirs: Document, written: Writings) -> dict[Path, object]:
    """Return leaves of the base as theirs writes them, which only followed a new name."""
    found: dict[Path, object] = {}
    for path, writing in written.items():
        value = at(base, path)
        said = valued(value, writing, None)
        there = at(theirs, counterpart(theirs, base, path))
        if said != value and _are_alike(said, there):
            found[path] = said
    return found


def without(document: Document, paths: Sequence[Path]) -> Document:
    """Return a document without what stands at some paths."""
    for path in paths:
        document = put(document, path, None)
    return document


def _are_alike(one: object, other: object) -> bool:
    """Return whether two leaves say the same: formulas by their canonical print."""
    if one == other or not (isinstance(one, str) and isinstance(other, str)):
        return one == other
    try:
        return print_formula(parse(one)) == print_formula(parse(other))
    except FormulaError:
        return False


def _map(element: object, name: str) -> Elements:
    found = element.get(name) if isinstance(element, Mapping) else None
    return found if isinstance(found, Mapping) else {}
