"""The tree of a formula as it was written, before any name is known.

Spans travel with the nodes and take no part in equality.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal as OneOf

from formula.errors import Span
from formula.scope import Path

MAX_DEPTH = 40
"""Most levels a formula may nest, so that no back end runs out of stack."""

MAX_LENGTH = 10_000
"""Most characters a formula may have."""

LiteralKind = OneOf["number", "percent", "text", "boolean", "blank"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out; a percent holds its fraction, `30%` is 0.30."""

    value: Decimal | str | bool | None
    kind: LiteralKind
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name, by its parts, as written: stored names or labels."""

    path: Path
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `not x`."""

    operator: OneOf["-", "not"]
    operand: Expr
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator that makes a value of two: arithmetic, or `&` for text."""

    operator: OneOf["+", "-", "*", "/", "//", "%", "**", "&"]
    left: Expr
    right: Expr
    span: Span = field(compare=False)


ComparisonOperator = OneOf["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first op operand op operand …`: every neighbouring pair must hold."""

    first: Expr
    rest: tuple[tuple[ComparisonOperator, Expr], ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more conditions joined by the same word."""

    operator: OneOf["and", "or"]
    operands: tuple[Expr, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Either:
    """`IF(condition, then, otherwise)` or `then if condition else otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr | None
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    """Values between brackets."""

    items: tuple[Expr, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Invoke:
    """A function with its arguments, its name in capitals."""

    function: str
    arguments: tuple[Expr, ...]
    span: Span = field(compare=False)


Expr = Literal | Name | Unary | Binary | Comparison | Logical | Either | ListOf | Invoke


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside `expr`, in the order of writing."""
    match expr:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Comparison(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case Logical(operands=operands):
            return operands
        case Either(condition=condition, then=then, otherwise=otherwise):
            return (condition, then) if otherwise is None else (condition, then, otherwise)
        case ListOf(items=items):
            return items
        case Invoke(arguments=arguments):
            return arguments
        case _:
            return ()


def with_children(expr: Expr, inner: tuple[Expr, ...]) -> Expr:
    """Return `expr` with other expressions inside it, in the order of `children`."""
    match expr:
        case Unary():
            return replace(expr, operand=inner[0])
        case Binary():
            return replace(expr, left=inner[0], right=inner[1])
        case Comparison(rest=rest):
            operators = (operator for operator, _ in rest)
            return replace(expr, first=inner[0], rest=tuple(zip(operators, inner[1:], strict=True)))
        case Logical():
            return replace(expr, operands=inner)
        case Either():
            otherwise = inner[2] if len(inner) > 2 else None
            return replace(expr, condition=inner[0], then=inner[1], otherwise=otherwise)
        case ListOf():
            return replace(expr, items=inner)
        case Invoke():
            return replace(expr, arguments=inner)
        case _:
            return expr


def depth(expr: Expr) -> int:
    """Return how many levels `expr` nests, counted without recursion."""
    deepest = 0
    pending = [(expr, 1)]
    while pending:
        node, level = pending.pop()
        deepest = max(deepest, level)
        pending.extend((child, level + 1) for child in children(node))
    return deepest


def names_in(expr: Expr) -> tuple[Name, ...]:
    """Return all names in `expr`, in the order of writing."""
    found: list[Name] = []
    pending = [expr]
    while pending:
        node = pending.pop()
        if isinstance(node, Name):
            found.append(node)
        pending.extend(reversed(children(node)))
    return tuple(found)
