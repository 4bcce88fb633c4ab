"""Remembers what parts of an app were linked from, so that only what changed is linked again.

A part is linked anew where something differs that it was linked from: what is written of it,
what it read of entities meanwhile, or the ground that all of them stand on. What had a problem
is never remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar, cast

from metamodel.model import Entity, Field
from metamodel.reader import Node

T = TypeVar("T")

Given = tuple[object, ...]

Log = dict[tuple[str, str, str | None], object]
"""What was read of entities: by key, attribute, and name in it; None for all of a map."""

MAPS = frozenset({"fields", "collections", "pipelines", "views", "buttons", "converts"})
"""Attributes of which single elements are read."""

WRITTEN, NAME, ALL, MISSING = "$written", "$name", "$all", "$missing"
"""Stand for an attribute where the document of an entity was read, which entity has a name (which
stands for the key then), which entities there are, or that one is not there."""

APP = "$app"
"""Stands for an entity where something of the whole app was read, by the part it stands in."""

DOCUMENT = "$document"
"""The part of the app that is what is written of it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a part was linked from, and what came of it."""

    given: Given
    read: Mapping[tuple[str, str, str | None], object]
    result: object


VARIANTS = 3
"""How many states of a part are known: tenants of one template are linked by turns."""

Known = Mapping[Hashable, tuple[Kept, ...]]
"""What is known of parts, the states that were met last first."""


class Memory:
    """What was linked last, for linking nearly the same again; threads may share one."""

    def __init__(self) -> None:
        self._last: tuple[Given, Known] = ((), {})

    def copy(self) -> Memory:
        """Return a memory that knows the same, and goes on by itself."""
        other = Memory()
        other._last = self._last
        return other

    def recall(self, ground: Given) -> Recall:
        """Return what still may hold over a ground: what every part stands on."""
        before, kept = self._last
        return Recall(ground, kept if _alike(before, ground) else {})

    def keep(self, recall: Recall) -> None:
        """Remember what was linked, or still held."""
        known = {unit: (kept, *recall.others(unit, kept)) for unit, kept in recall.used.items()}
        self._last = (recall.ground, known)


@dataclass(slots=True)
class Recall:
    """One linking: what was known before, and what it uses of that or finds itself."""

    ground: Given
    known: Known
    used: dict[Hashable, Kept] = field(default_factory=dict)

    def found(self, unit: Hashable, given: Given, now: Now) -> Kept | None:
        """Return what a part was linked to, if all that it was linked from is the same."""
        for kept in self.known.get(unit, ()):
            same = _alike(kept.given, given)
            if same and all(now.reads(place, seen) for place, seen in kept.read.items()):
                self.used[unit] = kept
                return kept
        return None

    def made(self, unit: Hashable, given: Given, make: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """Return values that come of nothing but what is given; the same objects every time."""
        known = (each for each in self.known.get(unit, ()) if _alike(each.given, given))
        kept = self.used[unit] = next(known, None) or Kept(given, {}, tuple(make()))
        return cast(tuple[T, ...], kept.result)

    def others(self, unit: Hashable, kept: Kept) -> tuple[Kept, ...]:
        """Return the other states of a part that stay known."""
        others = (each for each in self.known.get(unit, ()) if each is not kept)
        return tuple(islice(others, VARIANTS - 1))


@dataclass(frozen=True, slots=True)
class Now:
    """Entities as they stand, what is written of them, their keys by name, and parts of the app."""

    entities: Mapping[str, Entity]
    nodes: Mapping[str, Node]
    names: Mapping[str, str]
    parts: Mapping[str, Mapping[str, object]]

    def reads(self, place: tuple[str, str, str | None], seen: object) -> bool:
        """Return whether somebody who reads a place would see the same."""
        key, attribute, name = place
        if key == APP:
            part = self.parts[attribute]
            if name is None:
                return _alike(tuple(part.items()), cast(Given, seen))
            return _same(part.get(name, _NOTHING), seen)
        if attribute == WRITTEN:
            node = self.nodes.get(key)
            return node is not None and _same(node.value, seen)
        if attribute == NAME:
            return self.names.get(key) == seen
        if attribute == ALL:
            return tuple(self.entities) == seen
        entity = self.entities.get(key)
        if attribute == MISSING or entity is None:
            return attribute == MISSING and entity is None
        value = getattr(entity, attribute)
        if attribute not in MAPS:
            return _same(value, seen)
        if name is None:
            return _alike(tuple(value.items()), cast(Given, seen))
        return _same(value.get(name, _NOTHING), seen)


class Watched(MutableMapping[str, Entity]):
    """Entities as one of them, `own`, sees the others: what it reads of them is noted."""

    def __init__(self, entities: MutableMapping[str, Entity], own: str, log: Log) -> None:
        self._entities, self._own, self._log = entities, own, log
        self._others: dict[str, Entity] = {}

    def close(self) -> None:
        """Let go of all entities: what was linked needs none of them any more."""
        self._entities, self._others = {}, {}

    def __getitem__(self, key: str) -> Entity:
        if key == self._own:
            return self._entities[key]
        other = self._others.get(key)
        if other is None and key not in self._entities:
            self._log[key, MISSING, None] = True
            raise KeyError(key)
        if other is None:
            # Reads like an entity in all that linking asks of one.
            other = cast(Entity, _Other(key, self._entities[key], self._log))
            self._others[key] = other
        return other

    def __setitem__(self, key: str, entity: Entity) -> None:
        self._entities[key] = entity

    def __delitem__(self, key: str) -> None:
        del self._entities[key]

    def __iter__(self) -> Iterator[str]:
        self._log["", ALL, None] = tuple(self._entities)
        return iter(self._entities)

    def __len__(self) -> int:
        return len(self._entities)


class WatchedNodes(MutableMapping[str, Node]):
    """What is written of entities as one of them, `own`, reads it."""

    def __init__(self, nodes: MutableMapping[str, Node], own: str, log: Log) -> None:
        self._nodes, self._own, self._log = nodes, own, log

    def __getitem__(self, key: str) -> Node:
        node = self._nodes[key]
        if key != self._own:
            self._log[key, WRITTEN, None] = node.value
        return node

    def __setitem__(self, key: str, node: Node) -> None:
        self._nodes[key] = node

    def __delitem__(self, key: str) -> None:
        del self._nodes[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


class WatchedNames(MutableMapping[str, str]):
    """The keys of entities by name, as somebody reads them."""

    def __init__(self, names: MutableMapping[str, str], log: Log) -> None:
        self._names, self._log = names, log

    def __getitem__(self, name: str) -> str:
        self._log[name, NAME, None] = self._names.get(name)
        return self._names[name]

    def __setitem__(self, name: str, key: str) -> None:
        self._names[name] = key

    def __delitem__(self, name: str) -> None:
        del self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)  # for what is said of a name that is not known

    def __len__(self) -> int:
        return len(self._names)


class _Other:
    """An entity that notes what is read of it."""

    __slots__ = ("_entity", "_key", "_log")

    def __init__(self, key: str, entity: Entity, log: Log) -> None:
        self._key, self._entity, self._log = key, entity, log

    def __getattr__(self, name: str) -> Any:  # Any: attributes are of any type
        value = getattr(self._entity, name)
        if name in MAPS:
            return Noted(value, self._key, name, self._log)
        self._log[self._key, name, None] = value
        return value

    def field_named(self, name: str) -> Field | None:
        """Return the live field that people call `name`."""
        return Entity.field_named(cast(Entity, self), name)


class Noted(Mapping[str, Any]):  # Any: each map has elements of its own kind
    """A map of an entity, or of the app, that notes which of its elements are read."""

    __slots__ = ("_key", "_log", "_map", "_name")

    def __init__(self, values: Mapping[str, object], key: str, name: str, log: Log) -> None:
        self._map, self._key, self._name, self._log = values, key, name, log

    def __getitem__(self, name: str) -> Any:
        found = self._map.get(name, _NOTHING)
        self._log[self._key, self._name, name] = found
        if found is _NOTHING:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        self._log[self._key, self._name, None] = tuple(self._map.items())
        return iter(self._map)

    def __len__(self) -> int:
        self._log[self._key, self._name, None] = tuple(self._map.items())
        return len(self._map)


_NOTHING = object()
"""Stands for an element that is not there."""


def _alike(one: Given, other: Given) -> bool:
    return len(one) == len(other) and all(map(_same, one, other))


def _same(one: object, other: object) -> bool:
    return one is other or one == other
