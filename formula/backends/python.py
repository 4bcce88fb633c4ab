"""Typed tree to a Python value: lowered once to Python's ast, evaluated by simpleeval.

simpleeval walks the tree; the operators, functions and leaf nodes it meets are
ours, so that nothing but the language's own law is ever applied.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, assert_never

from simpleeval import SimpleEval

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
    Typed,
)
from formula.types import BooleanType, ListType


class PythonFormula:
    """A formula ready to be evaluated for one record at a time, from any thread."""

    def __init__(self, typed: Typed) -> None:
        self._tree = lower(typed.node)
        # Evaluators are not reentrant across threads; idle ones wait here to be used again.
        self._idle: deque[_Evaluator] = deque()

    def evaluate(self, values: Values) -> Any:
        """Return the formula's value for a record, as `formula.types` says; it never raises."""
        try:
            evaluator = self._idle.pop()
        except IndexError:
            evaluator = _Evaluator()
        try:
            return evaluator.run(self._tree, values)
        finally:
            self._idle.append(evaluator)


def compile_python(typed: Typed) -> PythonFormula:
    """Return the formula as a function of one record's values."""
    return PythonFormula(typed)


class _ReadNode(ast.expr):
    """Reads a value: `fetch(here, outer, outermost)`."""

    def __init__(self, fetch: Callable[[Values, Values, Values], object]) -> None:
        self.fetch = fetch


class _ItemsNode(ast.expr):
    """A list written in the formula."""

    def __init__(self, items: Sequence[ast.expr]) -> None:
        self.items = items


class _AggregateNode(ast.expr):
    """Folds the members of a collection."""

    def __init__(self, node: Aggregate, collection: CollectionBinding) -> None:
        self.function = _FOLDS[node.function]
        self.collection = collection
        self.value = None if node.value is None else lower(node.value, inside=True)
        self.condition = None if node.condition is None else lower(node.condition, inside=True)
        keys = node.order.items if isinstance(node.order, Items) else ()
        self.order = tuple(lower(key, inside=True) for key in keys)
        self.separator = node.separator


class _MomentNode(ast.expr):
    """A function that needs to know when it is, or by which calendar to count."""

    def __init__(self, function: Callable[..., object], arguments: Sequence[ast.expr]) -> None:
        self.function = function
        self.arguments = arguments


class _Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with the language's operators, functions and leaves."""

    def __init__(self) -> None:
        super().__init__(operators=_OPERATORS, functions=_FUNCTIONS, names={})
        self.here: Any = None
        self.outer: Any = None
        self.outermost: Any = None
        self.nodes = {
            ast.BinOp: self._eval_binop,
            ast.UnaryOp: self._eval_unaryop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
            ast.Constant: _constant_value,
            _ReadNode: self._read,
            _ItemsNode: self._items,
            _AggregateNode: self._fold,
            _MomentNode: self._at_moment,
        }

    def run(self, tree: ast.expr, values: Values) -> Any:
        """Return the value of a lowered tree for one record."""
        self.here = self.outer = self.outermost = values
        try:
            return self.eval("", tree)
        finally:
            self.here = self.outer = self.outermost = None

    def _compare(self, node: ast.Compare) -> object:
        (operation,), (comparator,) = node.ops, node.comparators
        return _OPERATORS[type(operation)](self._eval(node.left), self._eval(comparator))

    def _read(self, node: _ReadNode) -> object:
        return node.fetch(self.here, self.outer, self.outermost)

    def _items(self, node: _ItemsNode) -> tuple[object, ...]:
        return tuple(self._eval(item) for item in node.items)

    def _at_moment(self, node: _MomentNode) -> object:
        arguments = [self._eval(argument) for argument in node.arguments]
        return node.function(self.outermost.moment, *arguments)

    def _fold(self, node: _AggregateNode) -> object:
        record, outside = self.here, self.outer
        members = record.rows(node.collection)
        found: list[tuple[object, tuple[object, ...]]] = []
        self.outer = record
        try:
            for member in members:
                self.here = member
                if node.condition is not None and not self._eval(node.condition):
                    continue
                value = True if node.value is None else self._eval(node.value)
                found.append((value, tuple(self._eval(key) for key in node.order)))
        finally:
            self.here, self.outer = record, outside
        return node.function(found, node.separator)


def _constant_value(node: ast.Constant) -> object:
    return node.value


def lower(node: Node, *, inside: bool = False) -> ast.expr:
    """Return a typed node as an evaluator's tree; `inside` an aggregate `this` is outside it."""
    match node:
        case Constant(value=value):
            return ast.Constant(value)  # type: ignore[arg-type]  # never compiled by Python
        case Read(binding=binding):
            return _ReadNode(_fetch(binding, node, inside=inside))
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
            return _ItemsNode([lower(item, inside=inside) for item in items])
        case Aggregate(collection=None):
            raise TypeError("a measure is computed by SQL alone")
        case Aggregate(collection=CollectionBinding() as collection):
            return _AggregateNode(node, collection)
        case _:
            raise TypeError(f"{type(node).__name__} is not a node")


def _lower_call(node: Call, *, inside: bool) -> ast.expr:
    lowered = [lower(argument, inside=inside) for argument in node.arguments]
    function = _FUNCTIONS[node.function]
    if node.calendar is not None:
        return _MomentNode(_counting(function, node.calendar), lowered)
    if SPECS[node.function].moment:
        return _MomentNode(function, lowered)
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
        case "==" | "!=" | "<" | "<=" | ">" | ">=" | "in":
            return ast.Compare(operands[0], [_COMPARE[node.operator]()], [operands[1]])
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


_COMPARE: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "in": ast.In,
}  # fmt: skip
_ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "&": ast.BitAnd,
}  # fmt: skip
_OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
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
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: _less,
    ast.LtE: _less_or_equal,
    ast.Gt: lambda left, right: _less(right, left),
    ast.GtE: lambda left, right: _less_or_equal(right, left),
    ast.In: lambda left, right: left in (right or ()),
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


_FUNCTIONS: dict[str, Callable[..., object]] = {
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
