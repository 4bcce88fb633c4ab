"""How large a formula's SQL becomes, since some functions write an argument several times."""

from __future__ import annotations

from formula.dependencies import inside
from formula.functions import SPECS
from formula.typed import Call, Constant, Node, Operation

MAX_WEIGHT = 10_000
"""Most nodes that a formula's SQL may have."""


def weight(node: Node) -> int:
    """Return about how many nodes the SQL of `node` has."""
    return 1 + _copies(node) * sum(weight(child) for child in inside(node))


def _copies(node: Node) -> int:
    match node:
        case Call(function=function):
            return SPECS[function].copies
        case Operation(operator="%"):
            return 3
        case Operation(operator="//"):
            return 4
        case Operation(operator="**", operands=(_, Constant(value=times))):
            return max(int(str(times)), 1)
        case _:
            return 1
