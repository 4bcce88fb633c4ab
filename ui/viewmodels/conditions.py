"""Conditions that pages add by themselves: of one record, and one together with another."""

from __future__ import annotations

from uuid import UUID

from engine.errors import NotFound
from formula.errors import Span
from formula.scope import FieldBinding
from formula.typed import Constant, Dependencies, Operation, Read, Typed
from formula.types import BooleanType
from metamodel import scope_of
from ui.screen import Screen

NOWHERE = Span(0, 0)


def linked_to(screen: Screen, entity: str, field: str, record: UUID) -> Typed:
    """Return the condition that a link field, by name, holds this record."""
    binding = scope_of(screen.ctx.model, entity).lookup((field,))
    if not isinstance(binding, FieldBinding):
        raise NotFound(field=field)
    node = Operation(
        "==",
        (
            Read(binding, binding.type, NOWHERE),
            Constant(record, binding.type, NOWHERE),
        ),
        BooleanType(),
        NOWHERE,
    )
    reads = Dependencies(reads=frozenset({binding.steps}))
    return Typed(node, BooleanType(), reads, binding.stability, f'{field} == "{record}"')


def both(first: Typed | None, second: Typed | None) -> Typed | None:
    """Return the condition that two conditions hold; None restricts nothing."""
    if first is None or second is None:
        return first or second
    node = Operation("and", (first.node, second.node), BooleanType(), NOWHERE)
    one, other = first.dependencies, second.dependencies
    reads = Dependencies(
        reads=one.reads | other.reads,
        collections=one.collections | other.collections,
        settings=one.settings | other.settings,
        outer=one.outer | other.outer,
        previous=one.previous | other.previous,
        functions=one.functions | other.functions,
    )
    rank = ("stable", "dated", "personal")
    stability = max(first.stability, second.stability, key=rank.index)
    return Typed(node, BooleanType(), reads, stability, f"({first.text}) and ({second.text})")
