"""Functions of trees: records that are linked to others of their own kind."""

from __future__ import annotations

from formula.functions.spec import FunctionSpec, Parameter, Site
from formula.scope import FieldBinding
from formula.typed import Constant, Node, Operation, Read
from formula.types import BlankType, BooleanType, RecordType

LEVELS = 10
"""How many levels of a tree are climbed."""

LONGEST = 12
"""Most names in the path that climbs."""


def _descendants(site: Site) -> Node | None:
    """Return that one of the records above, level by level, is the one asked for."""
    path = site.path_of(0)
    if path is None or not _is_of_its_kind(site.arguments[0]):
        site.refuse(
            "wrong_argument",
            "DESCENDANTS expects a link to records of the same kind",
            "write DESCENDANTS(parent, record)",
        )
        return None
    record = site.arguments[1]
    above = [site.arguments[0]]
    for level in range(1, min(LEVELS, LONGEST - len(path))):
        node = site.read((*path, *path[-1:] * level))
        if node is None:
            return None
        above.append(node)
    found = [site.compare("==", node, record) for node in above]
    there = site.compare("!=", record, Constant(None, BlankType(), site.span))
    reached = tuple(node for node in found if node is not None)
    if there is None or len(reached) < len(found):
        return None
    anywhere = Operation("or", reached, BooleanType(), site.span)
    return Operation("and", (there, anywhere), BooleanType(), site.span)


def _is_of_its_kind(node: Node) -> bool:
    if not isinstance(node, Read) or not isinstance(node.type, RecordType):
        return False
    binding = node.binding
    if not isinstance(binding, FieldBinding) or not binding.steps:
        return False
    return node.type.entities == (binding.steps[-1].entity,)


TREES = (
    FunctionSpec(
        name="DESCENDANTS",
        family="logic",
        signature="DESCENDANTS(parent, record)",
        help={
            "en": "True where a record lies below another, climbing a link to its own kind.",
            "zh": "沿指向同类记录的上级链接逐级向上，能到达某记录时为真（最多 10 级）。",
        },
        example="DESCENDANTS(owner.manager, user.id)",
        parameters=(Parameter("parent", "any"), Parameter("record", "any")),
        lower=_descendants,
    ),
)
