"""The smallest layer that turns one merged document into another, orders included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metamodel.editing.ordering import staying
from metamodel.editing.retired import RETIRED
from metamodel.editing.shapes import Shape, inner, is_element, is_set, top
from metamodel.edits import Document, same
from metamodel.identity import former_names, identities


def smallest(
    base: Mapping[str, object], wanted: Mapping[str, object], shape: Shape | None = None
) -> Document:
    """Return the smallest layer which, merged over `base`, gives `wanted`.

    Both are merged documents: what is retired stands in them with `$retire`. Order counts
    where a layer can say it: among elements, which may be placed. What `wanted` lacks is
    taken back by `null`.
    """
    return _map(base, wanted, top() if shape is None else shape)


def pairs(base: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, str]:
    """Return for names in `wanted` the names of the same elements in `base`.

    A name that an element gave to another one, which has a key of its own, tells nothing.
    """
    found = {
        name: name for name in wanted if name in base and not _is_given(name, base[name], wanted)
    }
    taken = set(found)
    for name, element in wanted.items():
        if name not in found and former_names(element):
            wanted_names = identities(name, element)
            old = next((n for n in base if n in wanted_names and n not in taken), None)
            if old is not None:
                found[name] = old
                taken.add(old)
    return found


def _is_given(name: str, below: object, wanted: Mapping[str, object]) -> bool:
    """Return whether what had a name has another one now, and something else has the name."""
    element = wanted[name]
    key = element.get("key") if isinstance(element, Mapping) else None
    if not isinstance(key, str) or key in identities(name, below):
        return False
    return any(name in former_names(each) for other, each in wanted.items() if other != name)


def _map(base: Mapping[str, object], wanted: Mapping[str, object], shape: Shape) -> Document:
    layer: Document = {}
    below = pairs(base, wanted)
    present = {old: name for name, old in below.items()}
    order = [present[old] for old in base if old in present]
    places = _places(order, [name for name in wanted if not name.startswith("$")], shape)
    for old, value in base.items():
        if old not in present and value is not None:
            layer[old] = None
    for name, value in wanted.items():
        under = below.get(name)
        if under is None:
            layer[name] = _placed(value, places.get(name))
            continue
        said = _leaf(base[under], value, inner(shape, name))
        if under != name:
            said = _renamed(said, base[under], value)
        if name in places:
            said = _placed({} if said is None else said, places[name])
        if said is not None:
            layer[name] = said
    return layer


def _renamed(said: object, below: object, value: object) -> Document:
    """Return what a layer says of an inherited element that has another name; its key follows."""
    kept = {n: each for n, each in said.items() if n != "key"} if isinstance(said, dict) else {}
    return {**kept, "renamed_from": sorted(former_names(value) - former_names(below))}


def _leaf(below: object, value: object, shape: Shape) -> object:
    """Return what a layer says to make `value` of `below`; None for nothing."""
    if below is value:
        return None
    if isinstance(below, Mapping) and isinstance(value, Mapping):
        if "$add" in value or "$drop" in value:
            return None if same(below, value) else dict(value)
        said: Document = _map(below, value, shape)
        for each in RETIRED:
            if each not in value:
                said.pop(each, None)
        said.pop("$retire", None)
        if value.get("$retire") is True:
            # Whatever else is said of a retired element would bring it back.
            return {**said, "$retire": True} if said or "$retire" not in below else None
        return said if said or "$retire" in below else None
    if isinstance(below, list) and isinstance(value, list) and is_set(shape):
        return _changes(below, value)
    return None if same(below, value) else value


def _changes(below: Sequence[object], value: Sequence[object]) -> object:
    """Return what is added to a set and dropped from it; the list itself where order differs."""
    drop = [item for item in below if item not in value]
    add = [item for item in value if item not in below]
    if [item for item in below if item in value] + add != list(value):
        return list(value)
    said = {key: items for key, items in (("$add", add), ("$drop", drop)) if items}
    return said or None


def _placed(value: object, place: tuple[str, object] | None) -> object:
    return {**value, place[0]: place[1]} if place and isinstance(value, Mapping) else value


def _places(
    order: Sequence[str], wanted: Sequence[str], shape: Shape
) -> dict[str, tuple[str, object]]:
    """Return the fewest placements that bring `order`, and what is new, into the wanted order."""
    known = set(order)
    names = [name for name in wanted if name not in known or is_element(inner(shape, name))]
    last = max((index for index, name in enumerate(names) if name in known), default=-1)
    stay = staying(order, [name for name in names if name in known])
    places: dict[str, tuple[str, object]] = {}
    for index, name in enumerate(names):
        if name in stay or (name not in known and index > last):
            continue
        if is_element(inner(shape, name)):
            places[name] = ("$after", names[index - 1]) if index else ("$first", True)
    return places
