"""Functions of periods, each given by its start and its end."""

from __future__ import annotations

from formula.functions.date import local_day
from formula.functions.spec import FunctionSpec, Parameter, Site
from formula.typed import Constant, Node, Operation
from formula.types import BlankType, BooleanType, DateType


def _overlaps(site: Site) -> Node | None:
    given = site.arguments
    by_day = any(isinstance(node.type, DateType) for node in given)
    start, end, other_start, other_end = (local_day(node) if by_day else node for node in given)
    operator = "<=" if by_day else "<"
    parts = (
        _before(site, operator, start, other_end),
        _before(site, operator, other_start, end),
        _either(site, _is_there(site, start), _is_there(site, end)),
        _either(site, _is_there(site, other_start), _is_there(site, other_end)),
    )
    conditions = tuple(part for part in parts if part is not None)
    if len(conditions) < len(parts):
        return None
    return Operation("and", conditions, BooleanType(), site.span)


def _before(site: Site, operator: str, start: Node, end: Node) -> Node | None:
    """Return that one period starts before the other ends; an end left blank is open."""
    blank = Constant(None, BlankType(), site.span)
    return _either(
        site,
        site.compare(operator, start, end),
        site.compare("==", start, blank),
        site.compare("==", end, blank),
    )


def _is_there(site: Site, node: Node) -> Node | None:
    return site.compare("!=", node, Constant(None, BlankType(), site.span))


def _either(site: Site, *conditions: Node | None) -> Node | None:
    known = tuple(condition for condition in conditions if condition is not None)
    if len(known) < len(conditions):
        return None
    return Operation("or", known, BooleanType(), site.span)


PERIODS = (
    FunctionSpec(
        name="OVERLAPS",
        family="date",
        signature="OVERLAPS(start, end, other start, other end)",
        help={
            "en": "True where two periods have a day, or a moment, in common; a blank end is open.",
            "zh": "两个时间段有重叠时为真；开始或结束为空表示不限。",
        },
        example='OVERLAPS(start, due, DATE("2024-01-01"), DATE("2024-12-31"))',
        parameters=(
            Parameter("start", "when"),
            Parameter("end", "when"),
            Parameter("other start", "when"),
            Parameter("other end", "when"),
        ),
        lower=_overlaps,
    ),
)
