"""The model while it is being linked: its parts grow in place, and names are already resolved."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar, cast

from metamodel.layers import Merged
from metamodel.linking.memory import (
    APP,
    DOCUMENT,
    Given,
    Kept,
    Log,
    Noted,
    Now,
    Recall,
    Watched,
    WatchedNames,
    WatchedNodes,
)
from metamodel.model import App, Declared, Entity, Model
from metamodel.nearest import nearest
from metamodel.reader import Node


class Keyed(Protocol):
    """A part of the model that has a key."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)
R = TypeVar("R")


@dataclass(slots=True)
class Draft:
    """A model in the making. `entities` is the model's own map, filled and replaced in place.

    With `recall` parts that were linked before, from the same, are not linked again.
    """

    merged: Merged
    app: App
    entities: MutableMapping[str, Entity] = field(default_factory=dict)
    nodes: MutableMapping[str, Node] = field(default_factory=dict)
    names: MutableMapping[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], Node] = field(default_factory=dict)
    declared: list[Declared] = field(default_factory=list)
    recall: Recall | None = None
    model: Model = field(init=False)
    document: Mapping[str, object] = field(init=False)

    def __post_init__(self) -> None:
        self.document = self.merged.document
        self.model = Model(app=self.app, entities=self.entities)

    @property
    def root(self) -> Node:
        return Node(self.merged, (), self.document)

    def linked(self, part: str, link: Callable[[Draft, Node], T | None]) -> dict[str, T]:
        """Return the elements of a part of the app by key, without those that cannot be linked."""
        found = (self._linked(part, node, link) for node in self.root.child(part).live())
        return {each.key: each for each in found if each is not None}

    def _linked(self, part: str, node: Node, link: Callable[[Draft, Node], R]) -> R:
        return self.remembered((part, node.name), (node.value,), lambda draft: link(draft, node))

    def remembered(
        self,
        unit: Hashable,
        given: Given,
        act: Callable[[Draft], R],
        *,
        own: str = "",
    ) -> R:
        """Return what `act` makes of the draft, or made of it before.

        `act` reads what is `given`, entities, shared options, settings, what is written of
        other parts, and the ground. It changes no entity but its `own`, which is given to it.
        """
        recall = self.recall
        if recall is None:
            return act(self)
        kept = recall.found(unit, given, self._now())
        if kept is not None:
            return cast(R, kept.result)
        log: Log = {}
        watched = Watched(self.entities, own, log)
        noted = len(self.merged.problems), len(self.declared)
        result = act(self._seen_by(watched, own, log))
        if noted == (len(self.merged.problems), len(self.declared)):
            recall.used[unit] = Kept(given, log, result)
            watched.close()
        return result

    def made(self, unit: Hashable, given: Given, make: Callable[[], Iterable[R]]) -> tuple[R, ...]:
        """Return what `make` makes of nothing but what is given; the same objects as before."""
        return tuple(make()) if self.recall is None else self.recall.made(unit, given, make)

    def _now(self) -> Now:
        parts = {
            "choices": self.model.choices,
            "settings": self.model.settings,
            DOCUMENT: self.merged.document,
        }
        return Now(self.entities, self.nodes, self.names, parts)

    def _seen_by(self, entities: Watched, own: str, log: Log) -> Draft:
        """Return this draft with all watched that somebody may read of it."""
        nodes, names = WatchedNodes(self.nodes, own, log), WatchedNames(self.names, log)
        seen = replace(self, entities=entities, nodes=nodes, names=names, recall=None)
        seen.document = Noted(self.merged.document, APP, DOCUMENT, log)
        choices = Noted(self.model.choices, APP, "choices", log)
        settings = Noted(self.model.settings, APP, "settings", log)
        seen.model = replace(self.model, entities=entities, choices=choices, settings=settings)
        return seen

    def entity(self, node: Node, name: str, *, at: str = "") -> Entity | None:
        """Return the entity called `name`; report one that does not exist, or is retired."""
        found = self.model.entity_named(name)
        if found is not None:
            node.refer(name, "entities", found.key, at=at)
            return found
        known = [
            each.name for each in self.entities.values() if not each.retired and not each.system
        ]
        retired = any(each.name == name for each in self.entities.values())
        sentence = f"There is no entity `{name}`."
        if retired:
            sentence = f"The entity `{name}` is retired."
        node.report("unknown_entity", sentence, nearest(name, known), at=at)
        return None

    def over(self, node: Node) -> Entity | None:
        """Return the entity that an element is about; report one that is not written."""
        if "entity" in node:
            return self.entity(node, node.text("entity"), at="entity")
        sentence = f"`{node.name}` does not say which records it is about."
        node.report("missing_key", sentence, "Add `entity:`.")
        return None

    def module(self, node: Node) -> str:
        """Return the module that an element belongs to; report one that does not exist."""
        name = node.text("module")
        node.refer(name, "modules", name, at="module")
        if name and name not in self.model.modules:
            sentence = f"There is no module `{name}`."
            node.report("unknown_module", sentence, nearest(name, self.model.modules), at="module")
        return name

    def declare(self, node: Node) -> None:
        """Note that an element was loaded and that nothing acts on it yet."""
        self.declared.append(Declared(node.path, self.merged.origin(node.path)))


def known_roles(draft: Draft, node: Node, at: str) -> tuple[str, ...]:
    """Return the roles that a list names; unknown ones are reported."""
    known = {each.name for each in draft.root.child("roles").live()} | {"administrator"}
    for name in node.names(at):
        node.refer(name, "roles", name, at=at)
        if name not in known:
            node.report("unknown_role", f"There is no role `{name}`.", nearest(name, known), at=at)
    return tuple(name for name in node.names(at) if name in known)
