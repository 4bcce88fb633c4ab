"""What an act is read on: its node, what names mean there, and how inner steps are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from formula.typed import Typed
from formula.types import ListType, RecordType, TextType, ValueType
from metamodel.actions import ActionStep
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import formula
from metamodel.model import Entity
from metamodel.nearest import nearest
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of

PEOPLE = ("user", "team", "department")
"""Entities whose records stand for people."""

Inner = Callable[["Ground", Node, ModelScope], tuple[ActionStep, ...]]


@dataclass(frozen=True, slots=True)
class Ground:
    """One step as it is read; the scope's entity is the record at hand, "" where there is none."""

    draft: Draft
    node: Node
    scope: ModelScope
    inner: Inner

    def steps(self, node: Node, scope: ModelScope) -> tuple[ActionStep, ...]:
        """Read the steps in `node`, which stand inside this one."""
        return self.inner(self, node, scope)

    def at_hand(self) -> Entity | None:
        """Return the entity of the record at hand; report that there is none."""
        found = self.draft.entities.get(self.scope.entity)
        if found is None:
            self.node.report(
                "no_record",
                f"`{self.node.name}` needs a record, but none is at hand here.",
                "Give the trigger an `entity`, or make a record in an earlier step.",
            )
        return found

    def members(self, entity: Entity) -> ModelScope:
        """Return what names mean on other records of `entity`: `this` is the record at hand."""
        return scope_of(
            self.draft.model, entity.key, this=self.scope.entity, inputs=self.scope.inputs
        )

    def named(self, section: str, name: str, *, code: str, at: str) -> str:
        """Return the name of a live element of a top-level section; report one that is unknown."""
        known = [each.name for each in self.draft.root.child(section).live()]
        if name in known:
            self.node.refer(name, section, name, at=at)
            return name
        one = section.removesuffix("s").replace("_", " ")
        self.node.report(code, f"There is no {one} `{name}`.", nearest(name, known), at=at)
        return ""


def people(node: Node, name: str, scope: ModelScope, *, addresses: bool = False) -> Typed | None:
    """Check the formula under `name`, which gives people, or with `addresses` texts as well."""
    typed = formula(node, name, scope)
    if typed is None or is_people(typed.type, addresses=addresses):
        return typed
    also = ", or an e-mail address" if addresses else ""
    node.report(
        "not_people",
        f"`{name}` gives no people.",
        f"Write a formula that gives a person, team or department{also}, such as `owner`.",
        at=name,
    )
    return None


def is_people(kind: ValueType, *, addresses: bool) -> bool:
    """Return whether values of a type stand for people."""
    if isinstance(kind, ListType):
        kind = kind.item
    if isinstance(kind, RecordType):
        return all(entity in PEOPLE for entity in kind.entities)
    return addresses and isinstance(kind, TextType)
