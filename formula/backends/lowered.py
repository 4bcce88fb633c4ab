"""Typed tree to the tree that the Python back end walks: the language's own nodes and operators."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, assert_never

from formula import numbers
from formula.backends.contract import Values
from formula.calendars import Calendar
from formula.functions import SPECS
from formula.functions.spec import FunctionSpec
from formula.scope import Binding, CollectionBinding, EntityBinding, FieldBinding, TableBinding
from formula.typed import (
    Aggregate,
    Call,
    Conditional,
    Constant,
    Items,
    Node,
    Operation,
    Read,
)
from formula.types import BooleanType, ListType


class ReadNode(ast.expr):
    """Reads a value: `fetch(here, outer, outermost)`."""

    def __init__(self, fetch: Callable[[Values, Values, Values], object]) -> None:
        self.fetch = fetch


class ItemsNode(ast.expr):
    """A list written in the formula."""

    def __init__(self, items: Sequence[ast.expr]) -> None:
        self.items = items


class CompareNode(ast.expr):
    """Compares two values."""

    def __init__(
        self, operator: Callable[[Any, Any], bool], left: ast.expr, right: ast.expr
    ) -> None:
        self.operator = operator
        self.left = left
        self.right = right


class AggregateNode(ast.expr):
    """Folds the members of a collection."""

    def __init__(self, node: Aggregate, collection: CollectionBinding) -> None:
        self.function = _FOLDS[node.function]
        self.collection = collection
        self.value = None if node.value is None else lower(node.value, inside=True)
        self.condition = None if node.condition is None else lower(node.condition, inside=True)
        keys = node.order.items if isinstance(node.order, Items) else ()
        self.order = tuple(lower(key, inside=True) for key in keys)
        self.separator = node.separator


class MomentNode(ast.expr):
    """A function that needs to know when it is, or by which calendar to count."""

    def __init__(self, function: Callable[..., object], arguments: Sequence[ast.expr]) -> None:
        self.function = function
        self.arguments = arguments


def lower(node: Node, *, inside: bool = False) -> ast.expr:
    """Return a typed node as an evaluator's tree; `inside` an aggregate `this` is outside it."""
    match node:
        case Constant(value=value):
            return ast.Constant(value)  # type: ignore[arg-type]  # never compiled by Python
        case Read(binding=binding):
            return ReadNode(_fetch(binding, node, inside=inside))
        case Operation():
            return _lower_operation(node, inside=inside)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return ast.IfExp(
                lower(condition, inside=inside),
                lower(then, inside=inside),
                lower(otherwise, inside=inside),
            )
        case Call():
            return _lower_call(node, inside=inside)
        case Items(items=items):
            return ItemsNode([lower(item, inside=inside) for item in items])
        case Aggregate(collection=None):
            raise TypeError("a measure is computed by SQL alone")
        case Aggregate(collection=CollectionBinding() as collection):
            return AggregateNode(node, collection)
        case _:
            raise TypeError(f"{type(node).__name__} is not a node")


def _lower_call(node: Call, *, inside: bool) -> ast.expr:
    lowered = [lower(argument, inside=inside) for argument in node.arguments]
    function = FUNCTIONS[node.function]
    if node.calendar is not None:
        return MomentNode(_counting(function, node.calendar), lowered)
    if SPECS[node.function].moment:
        return MomentNode(function, lowered)
    return ast.Call(ast.Name(node.function, ast.Load()), lowered, [])


def _lower_operation(node: Operation, *, inside: bool) -> ast.expr:
    operands = [lower(operand, inside=inside) for operand in node.operands]
    match node.operator:
        case "and":
            return ast.BoolOp(ast.And(), operands)
        case "or":
            return ast.BoolOp(ast.Or(), operands)
        case "not":
            return ast.UnaryOp(ast.Not(), operands[0])
        case "negate":
            return ast.UnaryOp(ast.USub(), operands[0])
        case "==" | "!=" | "<" | "<=" | "in":
            return CompareNode(_COMPARE[node.operator], *operands)
        case ">" | ">=":
            return CompareNode(_COMPARE[_TURNED[node.operator]], operands[1], operands[0])
        case _:
            return ast.BinOp(operands[0], _ARITHMETIC[node.operator](), operands[1])


def _fetch(
    binding: Binding, node: Read, *, inside: bool
) -> Callable[[Values, Values, Values], object]:
    match binding:
        case FieldBinding():
            return _fetch_field(binding, node, inside=inside)
        case TableBinding(base=base, table=table):
            code = _fetch_field(base, replace(node, binding=base, type=base.type), inside=inside)
            blank = False if isinstance(binding.type, BooleanType) else None
            return lambda here, outer, outermost: table.get(
                code(here, outer, outermost),
                blank,  # type: ignore[call-overload]
            )
        case EntityBinding(base=base):
            own = _own(base, inside=inside)
            place = _place(base)
            return lambda *records: records[place].entity_of(own)
        case CollectionBinding():
            raise TypeError("a collection is not a value")
        case _:
            assert_never(binding)


def _fetch_field(
    binding: FieldBinding, node: Read, *, inside: bool
) -> Callable[[Values, Values, Values], object]:
    own = _own(binding, inside=inside)
    empty: object = None
    if isinstance(node.type, BooleanType):
        empty = False
    elif isinstance(node.type, ListType):
        empty = ()
    place = _place(binding)
    if place == 0 and empty is None:
        return lambda here, outer, outermost: here.read(own)
    return lambda *records: empty if (found := records[place].read(own)) is None else found


def _own(binding: FieldBinding, *, inside: bool) -> FieldBinding:
    """Return the binding as the record that holds its value reads it."""
    return replace(binding, root="record") if inside and binding.root == "this" else binding


def _place(binding: FieldBinding) -> int:
    """Return which record holds the value: 0 this one, 1 the one outside, 2 the outermost."""
    if binding.root == "record":
        return 0
    return 1 if binding.root == "this" else 2


def _less(left: Any, right: Any) -> bool:
    return left is not None and right is not None and left < right


def _less_or_equal(left: Any, right: Any) -> bool:
    return left is not None and right is not None and left <= right


def join_text(left: str | None, right: str | None) -> str | None:
    """Return two texts as one; blank counts as empty, and empty is blank."""
    return (left or "") + (right or "") or None


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": _less,
    "<=": _less_or_equal,
    "in": lambda left, right: left in (right or ()),
}
_TURNED = {">": "<", ">=": "<="}
_ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "&": ast.BitAnd,
}  # fmt: skip
OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Add: numbers.add,
    ast.Sub: numbers.subtract,
    ast.Mult: numbers.multiply,
    ast.Div: numbers.divide,
    ast.FloorDiv: numbers.floor_divide,
    ast.Mod: numbers.remainder,
    ast.Pow: numbers.power,
    ast.BitAnd: join_text,
    ast.USub: numbers.negate,
    ast.Not: lambda operand: not operand,
}


def _lawful(spec: FunctionSpec) -> Callable[..., object]:
    """Return a function that is blank (or false) as soon as an argument is."""
    function = spec.python
    if function is None or not spec.strict:
        return function or _never
    blank = spec.blank
    # A moment and a calendar come first and are never blank.
    lenient = frozenset(place + spec.moment + spec.calendar for place in spec.lenient)

    def apply(*arguments: object) -> object:
        if None in arguments and any(
            argument is None and place not in lenient for place, argument in enumerate(arguments)
        ):
            return blank
        try:
            return function(*arguments)
        except (OverflowError, ValueError):
            # Beyond the first or last day that Python knows: blank, by the law.
            return blank

    return apply


def _counting(function: Callable[..., object], calendar: Calendar) -> Callable[..., object]:
    """Return a function that gets its calendar after the moment."""
    return lambda moment, *arguments: function(moment, calendar, *arguments)


def _never(*arguments: object) -> object:
    raise TypeError("the checker lowers this function to operators")


FUNCTIONS: dict[str, Callable[..., object]] = {
    name: _lawful(spec) for name, spec in SPECS.items() if spec.python is not None
}

Found = Sequence[tuple[Any, tuple[Any, ...]]]


def _filled(found: Found) -> list[Any]:
    return [value for value, _ in found if value is not None]


def _sum(found: Found, _: str) -> Decimal:
    total = numbers.ZERO
    for value in _filled(found):
        total = numbers.EXACT.add(total, value)
    return total


def _average(found: Found, separator: str) -> Decimal | None:
    return numbers.divide(_sum(found, separator), Decimal(len(_filled(found))))


def _first(found: Found, *, last: bool = False) -> object:
    """Return the value that comes first; members whose order is blank come after all others."""
    key = cmp_to_key(_compare_keys_backwards if last else _compare_keys)
    ordered = sorted(found, key=lambda entry: key(entry[1]))
    return ordered[0][0] if ordered else None


def _compare_keys(left: tuple[Any, ...], right: tuple[Any, ...], sign: int = 1) -> int:
    for one, other in zip(left, right, strict=True):
        if one == other:
            continue
        if one is None or other is None:
            return 1 if one is None else -1
        return -sign if one < other else sign
    return 0


def _compare_keys_backwards(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
    return _compare_keys(left, right, -1)


_FOLDS: dict[str, Callable[[Found, str], object]] = {
    "SUM": _sum,
    "COUNT": lambda found, _: Decimal(len(_filled(found))),
    "COUNTDISTINCT": lambda found, _: Decimal(len(set(_filled(found)))),
    "AVG": _average,
    "MIN": lambda found, _: min(_filled(found), default=None),
    "MAX": lambda found, _: max(_filled(found), default=None),
    "FIRST": lambda found, _: _first(found),
    "LAST": lambda found, _: _first(found, last=True),
    "ANY": lambda found, _: any(_filled(found)),
    "ALL": lambda found, _: all(_filled(found)),
    "JOIN": lambda found, separator: separator.join(sorted(_filled(found))) or None,
}
