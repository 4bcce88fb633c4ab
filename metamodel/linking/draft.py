"""The model while it is being linked: its parts grow in place, and names are already resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from metamodel.layers import Merged
from metamodel.model import App, Declared, Entity, Model
from metamodel.nearest import nearest
from metamodel.reader import Node


class Keyed(Protocol):
    """A part of the model that has a key."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


@dataclass(slots=True)
class Draft:
    """A model in the making. `entities` is the model's own map, filled and replaced in place."""

    merged: Merged
    app: App
    entities: dict[str, Entity] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], Node] = field(default_factory=dict)
    declared: list[Declared] = field(default_factory=list)
    model: Model = field(init=False)

    def __post_init__(self) -> None:
        self.model = Model(app=self.app, entities=self.entities)

    @property
    def root(self) -> Node:
        return Node(self.merged, (), self.merged.document)

    def linked(self, part: str, link: Callable[[Draft, Node], T | None]) -> dict[str, T]:
        """Return the elements of a part of the app by key, without those that cannot be linked."""
        found = (link(self, node) for node in self.root.child(part).live())
        return {each.key: each for each in found if each is not None}

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
