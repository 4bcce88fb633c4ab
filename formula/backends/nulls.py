"""Where SQL can be null: what keeps guards out that would change nothing."""

from __future__ import annotations

from formula.scope import FieldBinding
from formula.typed import Aggregate, Call, Conditional, Constant, Items, Node, Operation, Read
from formula.types import BlankType, BooleanType


def is_blank(node: Node) -> bool:
    """Say whether a node can be nothing but blank, such as `null` or `IF(a, null, null)`."""
    return isinstance(node.type, BlankType) or (isinstance(node, Constant) and node.value is None)


def may_be_null(node: Node) -> bool:  # noqa: C901  # one case a kind
    """Say whether the SQL of a node can be null, for a condition that of `truth`."""
    match node:
        case Constant(value=value):
            return value is None
        case Read(binding=binding):
            return not (isinstance(binding, FieldBinding) and binding.never_blank)
        case Operation(operator="and" | "or", operands=operands):
            return any(may_be_null(operand) for operand in operands)
        case Operation(operator="not", operands=(operand,)):
            return falsity_may_be_null(operand)
        case Operation(operator="/" | "//" | "%" | "&"):
            return True
        case Operation(operator="+" | "-" | "*" | "**" | "negate" | "!="):
            return False
        case Operation(operator="in", operands=(left, Items(items=items))):
            return any(may_be_null(side) and not is_blank(side) for side in (left, *items))
        case Operation(operator="==", operands=operands):
            nulls = [may_be_null(operand) for operand in operands]
            blank = any(is_blank(operand) for operand in operands)
            return not blank and any(nulls) and not all(nulls)
        case Operation(operands=operands):
            return any(may_be_null(operand) for operand in operands)
        case Conditional(then=then, otherwise=otherwise):
            if isinstance(node.type, BooleanType):
                return False
            return may_be_null(then) or may_be_null(otherwise)
        case Call(function=function):
            return True
        case Aggregate(function=function):
            return function not in ("SUM", "COUNT", "COUNTDISTINCT", "ANY", "ALL")
        case _:
            return False


def falsity_may_be_null(node: Node) -> bool:
    """Say whether the SQL that is true where a condition is false can be null."""
    match node:
        case Operation(operator="and" | "or", operands=operands):
            return any(falsity_may_be_null(operand) for operand in operands)
        case Operation(operator="not", operands=(operand,)):
            return may_be_null(operand)
        case Operation(operator="!=", operands=(left, right)):
            equal = Operation("==", (left, right), node.type, node.span)
            return may_be_null(equal)
        case _:
            return False
