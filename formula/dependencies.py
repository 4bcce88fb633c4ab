"""What a checked formula reads, and whether it depends on the day or the person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from formula.functions import SPECS
from formula.scope import Binding, CollectionBinding, FieldBinding, Root, Stability, Step
from formula.typed import (
    Aggregate,
    Call,
    CollectionRead,
    Conditional,
    Constant,
    Dependencies,
    Items,
    Node,
    Operation,
    Read,
)

_RANK: dict[Stability, int] = {"stable": 0, "dated": 1, "personal": 2}


def inside(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside `node`."""
    match node:
        case Operation(operands=nodes) | Call(arguments=nodes) | Items(items=nodes):
            return nodes
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Aggregate(value=value, condition=condition, order=order):
            return tuple(part for part in (value, condition, order) if part is not None)
        case Constant() | Read():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and all nodes inside it."""
    yield node
    for child in inside(node):
        yield from walk(child)


def base_of(binding: Binding) -> FieldBinding:
    """Return the field that is read for a binding of a value."""
    if isinstance(binding, FieldBinding):
        return binding
    if isinstance(binding, CollectionBinding):
        raise TypeError("a collection is not a value")
    return binding.base


def stability_of(node: Node) -> Stability:
    """Return how far the value of `node` depends on more than the data."""
    found: Stability = "stable"
    for part in walk(node):
        here: Stability = "stable"
        if isinstance(part, Call):
            here = SPECS[part.function].stability
        elif isinstance(part, Read):
            base = base_of(part.binding)
            here = "personal" if base.root == "user" else base.stability
        if _RANK[here] > _RANK[found]:
            found = here
    return found


def dependencies_of(node: Node) -> Dependencies:
    """Return all that `node` reads."""
    gathered = _Gathered()
    gathered.add(node)
    return Dependencies(
        reads=frozenset(gathered.chains["record"]),
        collections=frozenset(_merged(gathered.collections)),
        settings=frozenset(gathered.settings),
        calendars=frozenset(gathered.calendars),
        outer=frozenset(gathered.chains["this"]),
        previous=frozenset(gathered.chains["previous"]),
        functions=frozenset(gathered.functions),
    )


@dataclass(slots=True)
class _Gathered:
    chains: dict[Root, set[tuple[Step, ...]]] = field(
        default_factory=lambda: {
            "record": set(), "this": set(), "previous": set(),
            "user": set(), "setting": set(), "input": set(),
        }
    )  # fmt: skip
    collections: list[CollectionRead] = field(default_factory=list)
    settings: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    def add(self, node: Node) -> None:
        match node:
            case Aggregate(collection=None):
                self.functions.add(node.function)
                self._add_inside(node)
            case Aggregate(collection=CollectionBinding() as collection):
                self._add_aggregate(node, collection)
            case Read(binding=binding):
                self._add_read(base_of(binding))
            case Call(function=function, calendar=calendar):
                self.functions.add(function)
                if calendar is not None:
                    self.calendars.add(calendar.name)
                self._add_inside(node)
            case _:
                self._add_inside(node)

    def _add_inside(self, node: Node) -> None:
        for child in inside(node):
            self.add(child)

    def _add_read(self, base: FieldBinding) -> None:
        if base.root == "setting":
            self.settings.add(base.path[1])
        if base.steps:
            self.chains[base.root].add(base.steps)

    def _add_aggregate(self, node: Aggregate, collection: CollectionBinding) -> None:
        self.functions.add(node.function)
        within = _Gathered()
        within._add_inside(node)
        self.collections.append(
            CollectionRead(
                collection.links,
                collection.entity,
                collection.via,
                frozenset(within.chains["record"]),
            )
        )
        # Inside, `this` is the record outside; the other roots mean the same everywhere.
        self.chains[collection.root if collection.root == "this" else "record"] |= within.chains[
            "this"
        ]
        if collection.links:
            self.chains[collection.root].add(collection.links)
        for root in ("previous", "user", "input"):
            self.chains[root] |= within.chains[root]
        self.settings |= within.settings
        self.calendars |= within.calendars
        self.functions |= within.functions


def _merged(collections: Iterable[CollectionRead]) -> list[CollectionRead]:
    """Return one entry for each collection, with all that is read in it."""
    by_collection: dict[tuple[tuple[Step, ...], str, Step], frozenset[tuple[Step, ...]]] = {}
    for read in collections:
        key = (read.links, read.entity, read.via)
        by_collection[key] = by_collection.get(key, frozenset()) | read.reads
    return [CollectionRead(*key, reads) for key, reads in by_collection.items()]
