"""The rules of comparing: which types have a meaning beside each other, and which an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast
from uuid import UUID

from formula.conversions import (
    comparable,
    is_numeric,
    name_of_type,
)
from formula.errors import Problems, Span
from formula.naming import nearest
from formula.typed import Conditional, Constant, Items, Node, Operation, Operator
from formula.types import (
    BlankType,
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    TimeType,
    ValueType,
)

_ORDERED = (DateType, DateTimeType, TimeType, DurationType, TextType)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The rules, noting what breaks them."""

    problems: Problems

    def compare(self, operator: str, left: Node, right: Node, span: Span) -> Node | None:
        """Return one comparison, `in` and `not in` among them."""
        if operator in ("in", "not in"):
            inside = self._membership(left, right, span)
            if inside is None or operator == "in":
                return inside
            return Operation("not", (inside,), BooleanType(), span)
        left, right = as_date_beside(left, right), as_date_beside(right, left)
        if not self._may_compare(operator, left, right, span):
            return None
        return Operation(cast(Operator, operator), (left, right), BooleanType(), span)

    def _membership(self, left: Node, right: Node, span: Span) -> Node | None:
        kind = right.type
        if not isinstance(kind, ListType):
            self.problems.add(
                "wrong_type",
                f"`in` needs a list, found {name_of_type(right.type)}",
                right.span,
                "write a list such as [1, 2], or use CONTAINS(text, part) for text",
            )
            return None
        left = as_date_beside(left, Constant(None, kind.item, left.span))
        if isinstance(right, Items):
            items = tuple(as_date_beside(item, left) for item in right.items)
            fits = [self._may_compare("==", left, item, item.span) for item in items]
            if not all(fits):
                return None
            right = replace(right, items=items)
        elif not self._may_compare("==", left, Constant(None, kind.item, left.span), span):
            return None
        return Operation("in", (left, right), BooleanType(), span)

    def _may_compare(self, operator: str, left: Node, right: Node, span: Span) -> bool:
        if not comparable(left.type, right.type):
            hint = ""
            if isinstance(left.type, DateType | DateTimeType) and isinstance(
                right.type, DateType | DateTimeType
            ):
                hint = "make the instant a day: DATE(…)"
            elif isinstance(left.type, RecordType) or isinstance(right.type, RecordType):
                hint = "compare a record with another, or with its id in quotes"
            elif isinstance(left.type, ListType) or isinstance(right.type, ListType):
                hint = "use `in`"
            elif isinstance(left.type, BooleanType) or isinstance(right.type, BooleanType):
                hint = "true or false is never blank; use it as it is, or with `not`"
            self.problems.add(
                "not_comparable",
                f"{name_of_type(left.type)} and {name_of_type(right.type)} cannot be compared",
                span,
                hint,
            )
            return False
        if operator not in ("==", "!=") and not self._has_order(left, right, span):
            return False
        return self._fits_percent(left, right) and self._is_a_code(left, right)

    def _has_order(self, left: Node, right: Node, span: Span) -> bool:
        for node in (left, right):
            if not is_numeric(node.type) and not isinstance(node.type, (*_ORDERED, BlankType)):
                self.problems.add(
                    "no_order",
                    f"{name_of_type(node.type)} has no order",
                    span,
                    "compare with `==`, `!=` or `in`",
                )
                return False
        return True

    def _fits_percent(self, left: Node, right: Node) -> bool:
        for percent, other in ((left, right), (right, left)):
            if (
                isinstance(percent.type, PercentType)
                and isinstance(other, Constant)
                and isinstance(other.type, NumberType)
                and isinstance(other.value, Decimal)
                and abs(other.value) > 1
            ):
                self.problems.add(
                    "percent_above_one",
                    f"a percentage is a fraction: {other.value} means {other.value * 100}%",
                    other.span,
                    f"write `{other.value}%`",
                )
                return False
        return True

    def _is_a_code(self, left: Node, right: Node) -> bool:
        for choice, other in ((left, right), (right, left)):
            codes = choice.type.codes if isinstance(choice.type, ChoiceType) else ()
            if (
                codes
                and isinstance(other, Constant)
                and isinstance(other.value, str)
                and other.value not in codes
            ):
                self.problems.add(
                    "unknown_option",
                    f"`{other.value}` is not one of the options",
                    other.span,
                    nearest(other.value, names_of(choice.type)),
                )
                return False
        return True


def as_date_beside(node: Node, other: Node) -> Node:
    """Return quoted text as the day, time, instant, record or code that it spells beside one."""
    if isinstance(other.type, ChoiceType):
        return _coded(node, other.type)
    if not (isinstance(node, Constant) and isinstance(node.value, str)):
        return node
    try:
        if isinstance(other.type, RecordType):
            return replace(node, value=UUID(node.value), type=RecordType(other.type.entities))
        if isinstance(other.type, TimeType):
            return _as_time(node, time.fromisoformat(node.value))
        if isinstance(other.type, DateType):
            return replace(node, value=date.fromisoformat(node.value), type=DateType())
        if isinstance(other.type, DateTimeType):
            moment = datetime.fromisoformat(node.value)
            if moment.tzinfo is not None:
                return replace(node, value=moment, type=DateTimeType())
    except ValueError:
        return node
    return node


def names_of(kind: ValueType) -> tuple[str, ...]:
    """Return what people call the codes of a choice; nothing for other types."""
    return (kind.names or kind.codes) if isinstance(kind, ChoiceType) else ()


def _coded(node: Node, expect: ChoiceType) -> Node:
    """Return `node` with names that people call codes by put into codes, in every branch."""
    match node:
        case Constant(value=str(value)):
            return replace(node, value=expect.code_of(value) or value)
        case Conditional(then=then, otherwise=otherwise):
            return replace(node, then=_coded(then, expect), otherwise=_coded(otherwise, expect))
        case _:
            return node


def _as_time(node: Constant, found: time) -> Constant:
    """Return a time of day; one with a zone stays the text that it was."""
    return node if found.tzinfo is not None else replace(node, value=found, type=TimeType())
