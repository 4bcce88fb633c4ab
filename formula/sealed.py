"""Fields whose values nobody computes with: encrypted ones are only asked whether they are equal.

A formula may ask whether such a field is blank. Where values can be compared by what stands for
them (`exact`), it may also ask whether the field is a text, or one of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from formula.dependencies import base_of, inside, walk
from formula.errors import Problems
from formula.scope import FieldBinding
from formula.typed import (
    Aggregate,
    Call,
    Conditional,
    Constant,
    Items,
    Node,
    Operation,
    Read,
    Typed,
)

StandIn = Callable[[FieldBinding, str], str]
"""What stands for a text in the place where a sealed field is compared."""


def note_sealed(node: Node, problems: Problems, *, exact: bool) -> None:
    """Note every place at which a formula asks of a sealed field what it cannot tell."""
    for read in _misused(node, exact=exact):
        name = ".".join(read.binding.path)
        problems.add(
            "encrypted",
            f"`{name}` is encrypted, so that nothing can be computed from it",
            read.span,
            f'ask whether it is a whole value: {name} == "…"'
            if exact
            else f"ask whether it is blank: ISBLANK({name})",
        )


def with_stand_ins(typed: Typed, stand_in: StandIn) -> Typed:
    """Return a formula in which encrypted fields are compared with what stands for the texts."""
    if not any(_is_sealed(part) for part in walk(typed.node)):
        return typed
    found: list[str] = []

    def noted(binding: FieldBinding, text: str) -> str:
        found.append(stand_in(binding, text))
        return found[-1]

    node = _rebuilt(typed.node, noted)
    return replace(typed, node=node, stand_ins=tuple(found))


def _rebuilt(node: Node, stand_in: StandIn) -> Node:
    def again(part: Node) -> Node:
        return _rebuilt(part, stand_in)

    def maybe(part: Node | None) -> Node | None:
        return None if part is None else again(part)

    compared = _compared(node)
    match node:
        case Operation() if compared is not None:
            return _exchanged(node, compared[0], stand_in)
        case Operation(operands=parts):
            return replace(node, operands=tuple(map(again, parts)))
        case Call(arguments=parts):
            return replace(node, arguments=tuple(map(again, parts)))
        case Items(items=parts):
            return replace(node, items=tuple(map(again, parts)))
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return replace(
                node, condition=again(condition), then=again(then), otherwise=again(otherwise)
            )
        case Aggregate(value=value, condition=condition, order=order):
            return replace(node, value=maybe(value), condition=maybe(condition), order=maybe(order))
        case Constant() | Read():
            return node


def _exchanged(node: Operation, read: Read, stand_in: StandIn) -> Node:
    """Return a comparison with what stands for its texts."""

    def put(part: Node) -> Node:
        if isinstance(part, Items):
            return replace(part, items=tuple(map(put, part.items)))
        if isinstance(part, Constant) and isinstance(part.value, str):
            return replace(part, value=stand_in(base_of(read.binding), part.value))
        return part

    return replace(node, operands=tuple(map(put, node.operands)))


def _misused(node: Node, *, exact: bool) -> Iterator[Read]:
    compared = _compared(node)
    if compared is not None:
        read, constants = compared
        if exact or all(each.value is None for each in constants):
            return
        yield read
    elif isinstance(node, Read):
        if _is_sealed(node):
            yield node
    else:
        for part in inside(node):
            yield from _misused(part, exact=exact)


def _compared(node: Node) -> tuple[Read, tuple[Constant, ...]] | None:
    """Return the sealed field that an operation compares with what is written, and that."""
    if not isinstance(node, Operation) or node.operator not in ("==", "!=", "in"):
        return None
    left, right = node.operands
    if isinstance(right, Read) and node.operator != "in":
        left, right = right, left
    if not (isinstance(left, Read) and _is_sealed(left)):
        return None
    written = right.items if isinstance(right, Items) else (right,)
    constants = tuple(each for each in written if isinstance(each, Constant))
    return (left, constants) if len(constants) == len(written) else None


def _is_sealed(node: Node) -> bool:
    return isinstance(node, Read) and isinstance(node.binding, FieldBinding) and node.binding.sealed
