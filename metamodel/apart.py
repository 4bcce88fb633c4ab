"""Tells elements apart that two sides added: alike in name or key, and not the same thing."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from metamodel.editing.shapes import Shape, inner, is_named
from metamodel.identity import former_names, key_of

Path = tuple[str, ...]

Elements = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Apart:
    """How elements of ours stand beside those of theirs that have their names or keys.

    `both` are paths of elements that both sides added and that both stay. Where ours is `held`,
    its elements have records, so that they keep their keys whatever they are called.
    """

    both: Container[Path] = ()
    held: bool = False

    def are_two(self, path: Path, theirs: object, ours: object) -> bool:
        """Return whether what both added at a path are two things: so it was said, or by keys."""
        if not isinstance(theirs, Mapping) or not isinstance(ours, Mapping):
            return False
        return path in self.both or key_of(path[-1], theirs) != key_of(path[-1], ours)

    def under(self, former: str, element: object) -> object:
        """Return an element of ours that has another name than its `former` one now."""
        if not self.held or not isinstance(element, Mapping):
            return element
        return {**element, "key": key_of(former, element)}


@dataclass(frozen=True, slots=True)
class Added:
    """One side's elements, and which of them the base has, too, by their names there."""

    elements: Elements
    known: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of elements that this side added."""
        return tuple(name for name in self.elements if name not in self.known)


def with_own_keys(
    apart: Apart, shape: Shape, path: Path, theirs: Added, ours: Added
) -> tuple[Elements, Elements]:
    """Return both sides' elements, so that no two added ones have one key, or answer to one name.

    Elements that are held keep their keys, and new ones take others.
    """
    there, here = theirs.names, ours.names
    if not there or not here or not is_named(inner(shape, here[0])):
        return theirs.elements, ours.elements
    left, right = dict(theirs.elements), dict(ours.elements)
    keys = {key_of(name, left[name]): name for name in there}
    taken = {*left, *right, *keys, *(key_of(name, each) for name, each in right.items())}
    for name in here:
        key = key_of(name, right[name])
        other = keys.get(key, "")
        if other == name and (*path, name) not in apart.both:
            continue
        if other and apart.held:
            left[other] = _keyed(left[other], _free(key, taken), ())
            right[name] = _keyed(right[name], key, there)
        elif other:
            right[name] = _keyed(right[name], "", there)
        elif former_names(right[name]) & {*there}:
            right[name] = _keyed(right[name], key, there)
    return left, right


ALIKE = Apart()
"""Nothing was said of two things; what ours has made is not held."""


def free_name(name: str, *taken: Container[str]) -> str:
    """Return a name like another one, which is free."""
    names = (f"{name}_{number}" for number in range(2, 10_000))
    return next(each for each in names if not any(each in known for known in taken))


def _free(key: str, taken: set[str]) -> str:
    found = free_name(key, taken, (f"{key}_2",))  # which is what the element may be called
    taken.add(found)
    return found


def _keyed(element: object, key: str, names: tuple[str, ...]) -> object:
    """Return an element with another key, or none, which does not answer to others' names."""
    if not isinstance(element, Mapping):
        return element
    former = element.get("renamed_from")
    said = [former] if isinstance(former, str) else former if isinstance(former, list) else []
    kept = [name for name in said if name not in names]
    rest = {name: each for name, each in element.items() if name not in ("key", "renamed_from")}
    said_key = {"key": key} if key else {}
    return {**rest, **said_key, **({"renamed_from": kept} if kept else {})}
