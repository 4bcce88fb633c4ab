"""Two conditions as one: that both hold, or one of them."""

from __future__ import annotations

from dataclasses import fields
from typing import Literal

from formula.errors import Span
from formula.typed import Dependencies, Operation, Typed
from formula.types import BooleanType

NOWHERE = Span(0, 0)


def joined(word: Literal["and", "or"], first: Typed, second: Typed) -> Typed:
    """Return the condition that two conditions make, as if it had been written as one."""
    node = Operation(word, (first.node, second.node), BooleanType(), NOWHERE)
    one, other = first.dependencies, second.dependencies
    reads = Dependencies(
        **{each.name: getattr(one, each.name) | getattr(other, each.name) for each in fields(one)}
    )
    rank = ("stable", "dated", "personal")
    stability = max(first.stability, second.stability, key=rank.index)
    text = f"({first.text}) {word} ({second.text})"
    return Typed(node, BooleanType(), reads, stability, text)
