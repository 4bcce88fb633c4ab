"""Reads what a name is bound to, fields that all targets of a link share among them."""

from __future__ import annotations

from formula.errors import Span
from formula.scope import EntityBinding, FieldBinding, SharedBinding, TableBinding
from formula.typed import Call, Node, Operation, Read
from formula.types import BooleanType


def read_of(
    binding: FieldBinding | TableBinding | EntityBinding | SharedBinding, span: Span
) -> Node:
    """Return the value of a binding; of a shared field, that of the one target there is."""
    if not isinstance(binding, SharedBinding):
        return Read(binding, binding.type, span)
    reads = tuple(Read(member, member.type, span) for member in binding.members)
    if isinstance(binding.type, BooleanType):
        return Operation("or", reads, binding.type, span)
    return Call("COALESCE", reads, binding.type, span)
