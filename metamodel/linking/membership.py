"""Links who reaches a record besides its owner: its members, and those of a record it follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from formula.scope import CollectionBinding
from formula.typed import Typed
from metamodel.access import Members
from metamodel.linking.behaviour import field_key
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import CONDITION, check_text, condition, formula_text
from metamodel.linking.paths import refer_path
from metamodel.model import Entity, Model
from metamodel.reader import Node
from metamodel.scope import ModelScope, scope_of


def link_membership(draft: Draft, key: str) -> None:
    """Give one entity its members, and the links whose rights it follows."""
    entity, node = draft.entities[key], draft.nodes[key]
    if entity.child_of is not None:
        for name in ("members", "follows"):
            if name in node:
                _refuse_child(draft, node, entity, name)
        return
    members = _members(draft, node.child("members"), entity) if "members" in node else None
    draft.entities[key] = replace(
        entity, members=members, follows=tuple(_followed(draft, node, entity))
    )


def check_follows(draft: Draft) -> None:
    """Report entities whose rights follow each other in a ring."""
    for entity in draft.entities.values():
        ring = _ring(draft.model, (entity.key,))
        if ring:
            shown = " → ".join(draft.entities[key].name for key in ring)
            draft.nodes[entity.key].report(
                "follow_cycle",
                f"The rights of these follow each other in a ring: {shown}.",
                "Take one `follows` out.",
                at="follows",
            )
            return


def _refuse_child(draft: Draft, node: Node, entity: Entity, name: str) -> None:
    parent = draft.entities[entity.child_of.entity].name if entity.child_of else ""
    node.report(
        "rights_of_child",
        f"`{entity.name}` has the rights of its parent.",
        f"Write `{name}` for `{parent}`.",
        at=name,
    )


def _members(draft: Draft, node: Node, entity: Entity) -> Members | None:
    """Return the conditions under which somebody is a member, and one who may write."""
    scope = scope_of(draft.model, entity.key)
    found = scope.lookup(tuple(node.text("collection").split(".")))
    if not isinstance(found, CollectionBinding) or found.member is not None:
        node.report(
            "unknown_collection",
            f"`{entity.name}` has no collection `{node.text('collection')}`.",
            "Name lines or related records, as `members` or `territory.members`.",
            at="collection",
        )
        return None
    _refer(node, scope, found)
    read = _condition(draft, node, entity, ("when",))
    if read is None or "write_when" not in node:
        return Members(read) if read is not None else None
    write = _condition(draft, node, entity, ("when", "write_when"))
    return Members(read, write)


def _refer(node: Node, scope: ModelScope, members: CollectionBinding) -> None:
    """Note what is named part by part: the one condition made of them stands nowhere."""
    inner = members.scope
    if node.merged.references is not None and isinstance(inner, ModelScope):
        refer_path(node, scope, node.text("collection"), at="collection")
        refer_path(node, inner, node.text("person"), at="person")
        for name in ("when", "write_when"):
            condition(node, name, inner)


def _condition(draft: Draft, node: Node, entity: Entity, names: tuple[str, ...]) -> Typed | None:
    """Return that some record of the collection names the person acting, and meets conditions."""
    conditions = [f"{node.text('person')} in user.acting_for"]
    conditions += [f"({formula_text(node.get(name))})" for name in names if name in node]
    text = f"ANY({node.text('collection')}, {' and '.join(conditions)})"
    return check_text(node, text, scope_of(draft.model, entity.key), CONDITION)


def _followed(draft: Draft, node: Node, entity: Entity) -> Iterator[str]:
    """Yield the keys of the links that are followed: each to one record of one entity."""
    for name in node.names("follows"):
        key = field_key(node, name, entity, at="follows")
        link = entity.fields[key].link if key is not None else None
        if key is not None and (link is None or link.many or len(link.to) != 1):
            node.report(
                "not_one_link",
                f"`{name}` is not a link to one record of one entity.",
                "Name a link field with one target.",
                at="follows",
            )
        elif key is not None:
            yield key


def _ring(model: Model, way: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first way along followed links that comes back to where it began."""
    entity = model.entities[way[-1]]
    for key in entity.follows:
        link = entity.fields[key].link
        for target in link.to if link else ():
            if target == way[0]:
                return (*way, target)
            found = () if target in way else _ring(model, (*way, target))
            if found:
                return found
    return ()
