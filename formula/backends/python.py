"""Formulas evaluated for one record: lowered once to Python's ast, walked by simpleeval.

The operators, functions and leaf nodes that simpleeval meets are ours, so that nothing but the
language's own law is ever applied.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Any

from simpleeval import SimpleEval

from formula.backends.contract import Values
from formula.backends.lowered import (
    FUNCTIONS,
    OPERATORS,
    AggregateNode,
    CompareNode,
    ItemsNode,
    MomentNode,
    ReadNode,
    lower,
)
from formula.typed import Typed


class PythonFormula:
    """A formula ready to be evaluated for one record at a time, from any thread."""

    def __init__(self, typed: Typed) -> None:
        self._tree = lower(typed.node)
        self._evaluators = _Evaluators()

    def evaluate(self, values: Values) -> Any:
        """Return the formula's value for a record, as `formula.types` says; it never raises."""
        evaluator = self._evaluators.take(values)
        try:
            return evaluator.values((self._tree,))[0]
        finally:
            self._evaluators.put_back(evaluator)


class PythonConditions:
    """Conditions, by name, that are asked of one record after the other, from any thread.

    What evaluates one is at hand for the next: asking each apart takes twice as long.
    """

    def __init__(self, conditions: Mapping[str, Typed]) -> None:
        self._names = tuple(conditions)
        self._trees = [lower(typed.node) for typed in conditions.values()]
        self._evaluators = _Evaluators()

    def holding(self, values: Values) -> list[str]:
        """Return the names of those that hold of a record; it never raises."""
        evaluator = self._evaluators.take(values)
        try:
            return list(compress(self._names, evaluator.values(self._trees)))
        finally:
            self._evaluators.put_back(evaluator)


def compile_python(typed: Typed) -> PythonFormula:
    """Return the formula as a function of one record's values."""
    return PythonFormula(typed)


def compile_conditions(conditions: Mapping[str, Typed]) -> PythonConditions:
    """Return conditions as a function of one record's values: the names of those that hold."""
    return PythonConditions(conditions)


class _Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with the language's operators, functions and leaves."""

    def __init__(self) -> None:
        super().__init__(operators=OPERATORS, functions=FUNCTIONS, names={})
        self.here: Any = None
        self.outer: Any = None
        self.outermost: Any = None
        self.nodes = {
            ast.BinOp: self._eval_binop,
            ast.UnaryOp: self._eval_unaryop,
            ast.BoolOp: self._eval_boolop,
            CompareNode: self._compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
            ast.Constant: _constant_value,
            ReadNode: self._read,
            ItemsNode: self._items,
            AggregateNode: self._fold,
            MomentNode: self._at_moment,
        }

    def stand(self, values: Values | None) -> None:
        """Evaluate for one record from now on, or for none."""
        self.here = self.outer = self.outermost = values

    def values(self, trees: Iterable[ast.expr]) -> list[Any]:
        """Return the values of lowered trees for the record, in order."""
        return list(map(self._eval, trees))

    def _check_disallowed_items(self, item: object) -> None:
        """Do nothing: no module and no function is a value of the language."""

    def _compare(self, node: CompareNode) -> object:
        return node.operator(self._side(node.left), self._side(node.right))

    def _side(self, node: ast.expr) -> object:
        """Return a side of a comparison: of a rule that does not apply it is all that is read."""
        if type(node) is ReadNode:
            return node.fetch(self.here, self.outer, self.outermost)
        return node.value if type(node) is ast.Constant else self._eval(node)

    def _read(self, node: ReadNode) -> object:
        return node.fetch(self.here, self.outer, self.outermost)

    def _items(self, node: ItemsNode) -> tuple[object, ...]:
        return tuple(self._eval(item) for item in node.items)

    def _at_moment(self, node: MomentNode) -> object:
        arguments = [self._eval(argument) for argument in node.arguments]
        return node.function(self.outermost.moment, *arguments)

    def _fold(self, node: AggregateNode) -> object:
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


class _Evaluators:
    """Evaluators of one formula's, or of some: none is of two threads at once, idle ones wait."""

    def __init__(self) -> None:
        self._idle: deque[_Evaluator] = deque()

    def take(self, values: Values) -> _Evaluator:
        """Return an evaluator that stands on a record."""
        try:
            evaluator = self._idle.pop()
        except IndexError:
            evaluator = _Evaluator()
        evaluator.stand(values)
        return evaluator

    def put_back(self, evaluator: _Evaluator) -> None:
        """Keep an evaluator for the next one; it lets go of its record."""
        evaluator.stand(None)
        self._idle.append(evaluator)


def _constant_value(node: ast.Constant) -> object:
    return node.value
