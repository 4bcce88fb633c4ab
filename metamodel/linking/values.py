"""Reads `set`: formulas by field, each checked against the type of the field it fills."""

from __future__ import annotations

from collections.abc import Mapping

from formula.typed import Typed
from metamodel.linking.behaviour import field_key
from metamodel.linking.wholes import taken_over
from metamodel.model import Entity
from metamodel.reader import Node
from metamodel.scope import ModelScope


def set_values(
    node: Node, target: Entity, scope: ModelScope, *, personal: bool = True
) -> Mapping[str, Typed]:
    """Return the formulas under `set` in `node`, by key of the field of `target`."""
    values = {}
    for each in node.child("set").live():
        key = field_key(each, each.name, target)
        if key is None:
            continue
        field = target.fields[key]
        if field.formula is not None:
            each.report(
                "computed_and_given",
                f"`{field.name}` of `{target.name}` is computed.",
                "Take it out of `set`.",
            )
            continue
        typed = taken_over(each, scope, field, personal=personal)
        if typed is not None:
            values[key] = typed
    return values
