"""The type rules of operators: operands in, typed node out, or a problem noted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from formula.comparisons import Comparisons, as_date_beside
from formula.conversions import (
    Numeric,
    arithmetic,
    common_type,
    is_numeric,
    is_textual,
    name_of_type,
)
from formula.errors import Problems, Span
from formula.typed import Call, Conditional, Constant, Items, Node, Operation, Operator
from formula.types import (
    MAX_DIGITS,
    MAX_SCALE,
    BlankType,
    BooleanType,
    DateTimeType,
    DateType,
    DurationType,
    ListType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    ValueType,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules, noting what breaks them."""

    problems: Problems

    def bounded(self, node: Node) -> Node:
        """Return `node`, noting a number type too wide for any back end."""
        kind = node.type
        if isinstance(kind, NumberType | PercentType) and (
            kind.digits > MAX_DIGITS or kind.scale > MAX_SCALE
        ):
            self.problems.add(
                "too_wide",
                f"this number may need {kind.digits} digits and {kind.scale} decimals, "
                f"at most {MAX_DIGITS} and {MAX_SCALE} are kept exactly",
                node.span,
                "put ROUND(…, 2) around a part of it",
            )
            # A narrow type keeps what stands around it from being refused for the same reason.
            return replace(node, type=replace(kind, digits=1, scale=0))
        return node

    def condition(self, node: Node) -> Node:
        """Return `node` as a condition, or note that it is none."""
        if not isinstance(node.type, BooleanType):
            kind = name_of_type(node.type)
            hint = {
                "number": "compare it, for instance with `> 0`",
                "text": "compare it, for instance with `!= null`",
            }.get(kind, "compare it, for instance with `== …` or `!= null`")
            self.problems.add(
                "not_a_condition", f"expected true or false, found {kind}", node.span, hint
            )
        return node

    def binary(self, operator: str, left: Node, right: Node, span: Span) -> Node | None:
        """Return `left operator right` for arithmetic and `&`."""
        if operator == "&":
            return self._joined(left, right, span)
        if operator == "**":
            return self._power(left, right, span)
        left, right = _number_if_blank(left), _number_if_blank(right)
        if is_numeric(left.type) and is_numeric(right.type):
            kind = arithmetic(operator, cast(Numeric, left.type), cast(Numeric, right.type))
            return self.bounded(Operation(cast(Operator, operator), (left, right), kind, span))
        if operator in "+-":
            left, right = as_date_beside(left, right), as_date_beside(right, left)
            found = _calendar(operator, left, right, span)
            if found is not None:
                return self._whole_days(found)
        self._refuse_operands(operator, left, right, span)
        return None

    def negate(self, operand: Node, span: Span) -> Node | None:
        """Return `-operand`."""
        operand = _number_if_blank(operand)
        if not is_numeric(operand.type):
            self.problems.add(
                "wrong_type", f"`-` needs a number, found {name_of_type(operand.type)}", span
            )
            return None
        if isinstance(operand, Constant):
            return replace(operand, value=cast(Decimal, operand.value).copy_negate(), span=span)
        return Operation("negate", (operand,), operand.type, span)

    def compare(self, operator: str, left: Node, right: Node, span: Span) -> Node | None:
        """Return one comparison, `in` and `not in` among them."""
        return Comparisons(self.problems).compare(operator, left, right, span)

    def either(self, condition: Node, then: Node, otherwise: Node, span: Span) -> Node | None:
        """Return the choice between two values of one type."""
        then, otherwise = as_date_beside(then, otherwise), as_date_beside(otherwise, then)
        kind = common_type(then.type, otherwise.type)
        if isinstance(kind, BooleanType):
            then, otherwise = _false_if_blank(then), _false_if_blank(otherwise)
        if kind is None:
            self.problems.add(
                "mixed_types",
                f"one branch is {name_of_type(then.type)}, "
                f"the other {name_of_type(otherwise.type)}",
                span,
                "make both branches the same kind of value",
            )
            return None
        return Conditional(self.condition(condition), then, otherwise, kind, span)

    def items(self, items: tuple[Node, ...], span: Span) -> Node | None:
        """Return a list of values of one type."""
        kind: ValueType = BlankType()
        for item in items:
            wider = common_type(kind, item.type)
            if wider is None or isinstance(item.type, ListType):
                self.problems.add(
                    "mixed_types",
                    f"a list holds values of one kind: {name_of_type(kind)} before, "
                    f"{name_of_type(item.type)} here",
                    item.span,
                )
                return None
            kind = wider
        return Items(items, ListType(kind), span)

    def _joined(self, left: Node, right: Node, span: Span) -> Node | None:
        parts = []
        for node in (left, right):
            part = self.as_text(node)
            if part is None:
                return None
            parts.append(part)
        return Operation("&", tuple(parts), TextType(), span)

    def as_text(self, node: Node) -> Node | None:
        """Return `node` as text where that has one plain meaning, or note that it has none."""
        if is_textual(node.type) or isinstance(node.type, BlankType):
            return node
        if isinstance(node.type, NumberType | RecordType):
            function = "NUMBERTEXT" if isinstance(node.type, NumberType) else "RECORDTEXT"
            return Call(function, (node,), TextType(), node.span)
        if isinstance(node.type, DateType):
            pattern = Constant("YYYY-MM-DD", TextType(), node.span)
            return Call("TEXT", (node, pattern), TextType(), node.span)
        patterns = {"percent": 'TEXT(…, "0%")', "datetime": 'TEXT(…, "YYYY-MM-DD HH:mm")'}
        kind = name_of_type(node.type)
        self.problems.add(
            "wrong_type", f"{kind} is not text", node.span,
            f"write {patterns[kind]}" if kind in patterns else "",
        )  # fmt: skip
        return None

    def _power(self, left: Node, right: Node, span: Span) -> Node | None:
        left = _number_if_blank(left)
        exponent = right.value if isinstance(right, Constant) else None
        if not isinstance(exponent, Decimal) or exponent not in range(10):
            self.problems.add(
                "bad_exponent", "the exponent of `**` is a whole number from 0 to 9", right.span,
                "write x * x, or SQRT(x) for a root",
            )  # fmt: skip
            return None
        if not isinstance(left.type, NumberType | PercentType):
            self._refuse_operands("**", left, right, span)
            return None
        times = max(int(exponent), 1)
        kind = NumberType(left.type.digits * times, left.type.scale * times)
        return self.bounded(Operation("**", (left, right), kind, span))

    def _whole_days(self, node: Call) -> Node | None:
        days = node.arguments[-1]
        if isinstance(days.type, NumberType) and days.type.scale > 0 and node.function == "ADDDAYS":
            self.problems.add(
                "not_whole", "only whole days can be added to a date", days.span,
                "put ROUND(…, 0) around the number of days",
            )  # fmt: skip
            return None
        return node

    def _refuse_operands(self, operator: str, left: Node, right: Node, span: Span) -> None:
        kinds = f"{name_of_type(left.type)} and {name_of_type(right.type)}"
        textual = is_textual(left.type) or is_textual(right.type)
        hint = "join text with `&`" if operator == "+" and textual else ""
        if textual and not hint:
            hint = "make text a number: NUMBER(…)"
        self.problems.add("wrong_type", f"`{operator}` does not take {kinds}", span, hint)


def _number_if_blank(node: Node) -> Node:
    if isinstance(node.type, BlankType):
        return Constant(Decimal(0), NumberType(1, 0), node.span)
    return node


def _false_if_blank(node: Node) -> Node:
    if isinstance(node.type, BlankType):
        return Constant(False, BooleanType(), node.span)
    return node


def _calendar(operator: str, left: Node, right: Node, span: Span) -> Call | None:
    """Return date and time arithmetic as a call of an internal function."""
    match (operator, left.type, right.type):
        case ("+", DateType(), NumberType()):
            return Call("ADDDAYS", (left, right), DateType(), span)
        case ("+", NumberType(), DateType()):
            return Call("ADDDAYS", (right, left), DateType(), span)
        case ("-", DateType(), NumberType()):
            minus = Operation("negate", (right,), right.type, right.span)
            return Call("ADDDAYS", (left, minus), DateType(), span)
        case ("-", DateType(), DateType()):
            return Call("DAYSBETWEEN", (left, right), NumberType(7, 0), span)
        case ("-", DateTimeType(), DateTimeType()):
            return Call("TIMEBETWEEN", (left, right), DurationType(), span)
        case ("+", DateTimeType(), DurationType()):
            return Call("ADDTIME", (left, right), DateTimeType(), span)
        case ("-", DateTimeType(), DurationType()):
            return Call("SUBTRACTTIME", (left, right), DateTimeType(), span)
        case _:
            return None
