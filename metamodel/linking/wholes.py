"""Values that are taken over whole: formulas compute with none of them, copies and conversions do.

An address, a period, a place, JSON, a formatted text, files and links to many records go from a
field to another of the same type, as `copy: {address: customer.address}` says.
"""

from __future__ import annotations

from dataclasses import replace

from formula.errors import Span
from formula.scope import FieldBinding
from formula.typed import Dependencies, Read, Typed
from formula.types import RecordType
from metamodel.fields import Field
from metamodel.linking.formulas import Rules, check_node, formula_text
from metamodel.reader import Node
from metamodel.scope import ModelScope
from metamodel.showing import shown

ANYTHING = RecordType(())
"""Stands for the type of a value that is only handed on."""


def taken_over(
    node: Node, scope: ModelScope, target: Field | None, *, personal: bool = True
) -> Typed | None:
    """Check what fills a field: a formula, or the path of a field whose value is taken over."""
    if target is None or (target.value_type is not None and not target.plain_column):
        kind = target.value_type if target else None
        return check_node(node, scope, Rules(kind, personal=personal))
    found = _same_kind(scope, formula_text(node.value), target)
    if found is not None:
        return found
    if target.plain_column:
        return check_node(node, scope, Rules(target.value_type, personal=personal))
    node.report(
        "not_taken_over",
        f"`{formula_text(node.value)}` does not fill `{target.name}`, which is a {target.type}.",
        f"Write the path of a {target.type}, such as `customer.{target.name}`.",
    )
    return None


def _same_kind(scope: ModelScope, text: str, target: Field) -> Typed | None:
    """Return what hands on the field at the end of a path, where it holds what the target does."""
    binding = shown(scope, tuple(text.strip().split(".")))
    if not isinstance(binding, FieldBinding) or not binding.steps or binding.part:
        return None
    last = binding.steps[-1]
    field = scope.model.entities[last.entity].fields[last.field]
    if field.type != target.type or (field.link and field.link.to) != (
        target.link and target.link.to
    ):
        return None
    whole = replace(binding, type=ANYTHING, part="html" if field.plain_column else "")
    reads = Dependencies(reads=frozenset({binding.steps}))
    read = Read(whole, ANYTHING, Span(0, len(text)))
    return Typed(read, ANYTHING, reads, binding.stability, text.strip())
