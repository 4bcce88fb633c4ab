"""The model while it is being linked: its parts grow in place, and names are already resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from metamodel.layers import Merged
from metamodel.model import App, Declared, Entity, Model
from metamodel.nearest import nearest
from metamodel.reader import Node


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

    def entity(self, node: Node, name: str, *, at: str = "") -> Entity | None:
        """Return the entity called `name`; report one that does not exist, or is retired."""
        found = self.model.entity_named(name)
        if found is not None:
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

    def declare(self, node: Node) -> None:
        """Note that an element was loaded and that nothing acts on it yet."""
        self.declared.append(Declared(node.path, self.merged.origin(node.path)))
