"""The type rules of aggregates: what each takes from the members of a collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from formula.conversions import DIVISION_SCALE, is_textual, name_of_type
from formula.dependencies import walk
from formula.errors import Span
from formula.functions.aggregate import SHARE
from formula.functions.spec import FunctionSpec
from formula.naming import Names
from formula.operators import Rules
from formula.scope import CollectionBinding, FieldBinding
from formula.sharing import read_of
from formula.typed import Aggregate, Constant, Items, Node, Operation, Read
from formula.types import (
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    TextType,
    TimeType,
    ValueType,
)

COUNT_DIGITS = 9
"""Digits of the largest number of members: a sum is that much wider than its values."""

_ORDERED = (
    NumberType, PercentType, TextType, ChoiceType, DateType, DateTimeType, TimeType, DurationType,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parts:
    """What was written between the brackets of one aggregate.

    `value` is taken from each member, None for the bare collection; `rest` are the
    arguments after it; `names` are those of the member.
    """

    spec: FunctionSpec
    collection: CollectionBinding | None
    value: Node | None
    rest: tuple[Node, ...]
    names: Names
    rules: Rules
    span: Span

    def refuse(self, code: str, message: str, hint: str = "") -> None:
        """Note a problem with the aggregate."""
        self.rules.problems.add(code, message, self.span, hint or f"write {self.spec.signature}")

    def made(self, kind: ValueType, condition: Node | None) -> Aggregate:
        """Return the aggregate itself."""
        return Aggregate(
            self.spec.name, self.collection, self.value, condition, None, kind, self.span
        )


def build_aggregate(parts: Parts) -> Node | None:
    """Return the aggregate that the parts make, or note why they make none."""
    match parts.spec.name:
        case "FIRST" | "LAST":
            return _ends(parts)
        case "ANY" | "ALL":
            return _quantified(parts)
        case "JOIN":
            return _joined(parts)
        case "COUNT":
            return _counted(parts)
        case "FILLED":
            return _filled(parts)
        case _:
            return _summed(parts)


def _condition(parts: Parts, rest: tuple[Node, ...]) -> tuple[Node | None, bool]:
    """Return the optional condition, and whether the arguments are right."""
    if len(rest) > 1:
        parts.refuse("wrong_arguments", f"{parts.spec.name} takes fewer arguments")
        return None, False
    return (parts.rules.condition(rest[0]) if rest else None), True


def _summed(parts: Parts) -> Node | None:
    if parts.value is None:
        parts.refuse("bare_collection", f"{parts.spec.name} needs a field of the collection")
        return None
    condition, right = _condition(parts, parts.rest)
    kind = _result(parts, parts.value.type)
    if kind is None or not right:
        return None
    if parts.spec.name != "COUNTDISTINCT" and not _measures_alike(parts.value, condition):
        hint = 'sum the amount itself, or add the condition `currency == "USD"`'
        parts.refuse("mixed_currencies", "amounts in several currencies do not add up", hint)
        return None
    return parts.rules.bounded(parts.made(kind, condition))


def _measures_alike(value: Node, condition: Node | None) -> bool:
    """Return whether all amounts in a value are of one measure, which the condition fixes."""
    fixed = {
        read.binding.steps
        for node in _conjuncts(condition)
        if isinstance(node, Operation) and node.operator == "=="
        for read, other in (node.operands, node.operands[::-1])
        if isinstance(read, Read) and isinstance(other, Constant) and other.value is not None
        if isinstance(read.binding, FieldBinding)
    }
    measures = {
        node.binding.measured
        for node in walk(value)
        if isinstance(node, Read) and isinstance(node.binding, FieldBinding)
    }
    return measures <= fixed | {()}


def _conjuncts(condition: Node | None) -> Iterator[Node]:
    """Yield the conditions that all must hold."""
    if isinstance(condition, Operation) and condition.operator == "and":
        for operand in condition.operands:
            yield from _conjuncts(operand)
    elif condition is not None:
        yield condition


def _result(parts: Parts, value: ValueType) -> ValueType | None:
    name = parts.spec.name
    if name == "COUNTDISTINCT":
        return NumberType(COUNT_DIGITS, 0)
    if name in ("MIN", "MAX"):
        if isinstance(value, _ORDERED) and not isinstance(value, ChoiceType):
            return value
    elif isinstance(value, NumberType | PercentType):
        if name == "SUM":
            return replace(value, digits=value.digits + COUNT_DIGITS)
        return replace(value, scale=DIVISION_SCALE)
    parts.refuse("wrong_type", f"{name} does not take {name_of_type(value)}")
    return None


def _counted(parts: Parts) -> Node | None:
    value, rest = parts.value, parts.rest
    if parts.collection is None and value is not None and isinstance(value.type, BooleanType):
        # In a measure COUNT(stage == "won") counts the rows for which it holds.
        parts, rest = replace(parts, value=None), (value, *rest)
    condition, right = _condition(parts, rest)
    return parts.made(NumberType(COUNT_DIGITS, 0), condition) if right else None


def _filled(parts: Parts) -> Node | None:
    if parts.value is None:
        parts.refuse("bare_collection", "FILLED needs a field of the collection")
        return None
    condition, right = _condition(parts, parts.rest)
    if not right:
        return None
    number = NumberType(COUNT_DIGITS, 0)
    filled = Aggregate("COUNT", parts.collection, parts.value, condition, None, number, parts.span)
    members = replace(filled, value=None)
    return Operation("/", (filled, members), SHARE, parts.span)


def _quantified(parts: Parts) -> Node | None:
    value, rest = parts.value, parts.rest
    if value is None and rest:
        value, rest = rest[0], rest[1:]
    if value is None:
        parts.refuse("wrong_arguments", f"{parts.spec.name} needs a condition")
        return None
    condition, right = _condition(parts, rest)
    parts = replace(parts, value=parts.rules.condition(value))
    return parts.made(BooleanType(), condition) if right else None


def _joined(parts: Parts) -> Node | None:
    separator = parts.rest[0] if parts.rest else Constant(", ", TextType(), parts.span)
    if not isinstance(separator, Constant) or not (
        separator.value is None or isinstance(separator.value, str)
    ):
        parts.refuse("not_literal", "JOIN needs its separator written out")
        return None
    if parts.value is None or not is_textual(parts.value.type):
        parts.refuse("wrong_type", "JOIN needs a text field of the collection")
        return None
    condition, right = _condition(parts, parts.rest[1:])
    if not right:
        return None
    return replace(parts.made(TextType(), condition), separator=separator.value or "")


def _ends(parts: Parts) -> Node | None:
    if parts.value is None or not parts.rest:
        parts.refuse("wrong_arguments", f"{parts.spec.name} needs a field and an order")
        return None
    order = parts.rest[0]
    if not isinstance(order.type, _ORDERED) or isinstance(order.type, ChoiceType):
        parts.refuse("no_order", f"{name_of_type(order.type)} has no order")
        return None
    condition, right = _condition(parts, parts.rest[1:])
    if not right:
        return None
    keys: list[Node] = [order]
    # Members that tie are told apart by their id, or the back ends would choose differently.
    identity = parts.names.find(("id",))
    if identity is not None and not isinstance(identity, CollectionBinding):
        keys.append(read_of(identity, parts.span))
    made = parts.made(parts.value.type, condition)
    return replace(made, order=Items(tuple(keys), ListType(order.type), parts.span))
