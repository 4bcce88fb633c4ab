"""What a picker's filter demands of a record that is made to be chosen: whose it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from engine.context import Context
from engine.doors import Payload
from engine.query.legible import live_entity
from engine.query.pick import form_values, link_field
from formula.scope import FieldBinding
from formula.typed import Node, Operation, Read


def implied(ctx: Context, at: tuple[str, str], this: Payload) -> Mapping[str, UUID]:
    """Return links, by the field's name, that a new record must have to be offered for a field.

    Those that a filter compares with links of the form: `customer == this.customer`.
    """
    entity = live_entity(ctx, at[0])
    field = link_field(entity, at[1])
    targets = field.link.to if field.link else ()
    if field.filter is None or len(targets) != 1:
        return {}
    values, target = form_values(entity, this), ctx.model.entities[targets[0]]
    found: dict[str, UUID] = {}
    for own, held in _pairs(field.filter.node):
        link, value = target.fields.get(own), values.get(held)
        if link is not None and link.link is not None and isinstance(value, UUID):
            found[link.name] = value
    return found


def _pairs(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the fields of a record that must be the same as fields of the form, by key."""
    if not isinstance(node, Operation):
        return
    if node.operator == "and":
        for each in node.operands:
            yield from _pairs(each)
    elif node.operator == "==":
        sides = dict(_side(each) for each in node.operands)
        if sides.get("record") and sides.get("this"):
            yield sides["record"], sides["this"]


def _side(node: Node) -> tuple[str, str]:
    """Return what a side of a comparison reads: of what, and which field of it."""
    binding = node.binding if isinstance(node, Read) else None
    if isinstance(binding, FieldBinding) and len(binding.steps) == 1 and not binding.part:
        return binding.root, binding.steps[0].field
    return "", ""
