"""A formula's value made to fit what is expected of it: a field's scale, a choice's codes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from formula.comparisons import as_date_beside, names_of
from formula.conversions import assignable, is_numeric, name_of_type
from formula.errors import Problems
from formula.naming import nearest
from formula.typed import (
    Call,
    Conditional,
    Constant,
    Node,
)
from formula.types import (
    BlankType,
    BooleanType,
    ChoiceType,
    NumberType,
    PercentType,
    ValueType,
)


def fitted(node: Node, expect: ValueType, problems: Problems) -> Node:
    """Return `node` as a value of type `expect`, or note why it cannot be one."""
    node = as_date_beside(node, Constant(None, expect, node.span))
    if isinstance(expect, BooleanType) and isinstance(node.type, BlankType):
        return Constant(False, expect, node.span)
    if isinstance(expect, ChoiceType) and _codes_of(node, expect, problems):
        return _retyped(node, expect)
    if not assignable(node.type, expect):
        problems.add(
            "wrong_result",
            f"expected {name_of_type(expect)}, found {name_of_type(node.type)}",
            node.span,
        )
        return node
    if isinstance(node.type, NumberType | PercentType) and isinstance(
        expect, NumberType | PercentType
    ):
        if node.type.digits <= expect.digits and node.type.scale <= expect.scale:
            return _retyped(node, expect)
        bounds = tuple(
            Constant(Decimal(bound), NumberType(2, 0), node.span)
            for bound in (expect.digits, expect.scale)
        )
        return Call("FIT", (node, *bounds), expect, node.span)
    return _retyped(node, expect)


def _retyped(node: Node, kind: ValueType) -> Node:
    if isinstance(node.type, BlankType) or is_numeric(kind) or isinstance(kind, ChoiceType):
        return replace(node, type=kind)
    return node


def _codes_of(node: Node, expect: ChoiceType, problems: Problems) -> bool:
    """Say whether `node` can only be one of the expected codes, noting constants that are not."""
    match node:
        case Constant(value=str(value)):
            if expect.codes and value not in expect.codes:
                problems.add(
                    "unknown_option",
                    f"`{value}` is not one of the options",
                    node.span,
                    nearest(value, names_of(expect)),
                )
            return True
        case Conditional(then=then, otherwise=otherwise):
            return _codes_of(then, expect, problems) and _codes_of(otherwise, expect, problems)
        case _:
            return assignable(node.type, expect)
