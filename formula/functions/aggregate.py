"""Aggregates over the members of a collection; MIN, MAX and JOIN stand with their scalar forms.

Their type rules are in `formula.aggregates`; each back end knows the eight by name.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import cast

from formula.conversions import DIVISION_SCALE
from formula.functions.spec import FunctionSpec, Parameter, Site
from formula.typed import Conditional, Constant, Node, Operation
from formula.types import BlankType, NumberType, PercentType

SHARE = PercentType(1, DIVISION_SCALE)
"""A share of a whole."""


def _filled(site: Site) -> Node | None:
    """Return the share of the arguments that are not blank."""
    blank = Constant(None, BlankType(), site.span)
    tests = [site.compare("!=", argument, blank) for argument in site.arguments]
    if None in tests:
        return None
    one, zero, count = (_number(site, value) for value in (1, 0, len(tests)))
    found = [Conditional(cast(Node, test), one, zero, one.type, site.span) for test in tests]
    total = reduce(
        lambda left, right: Operation("+", (left, right), NumberType(3, 0), site.span),
        cast(list[Node], found),
    )
    return Operation("/", (total, count), SHARE, site.span)


def _number(site: Site, value: int) -> Constant:
    return Constant(Decimal(value), NumberType(len(str(value)), 0), site.span)


AGGREGATE = (
    FunctionSpec(
        name="SUM",
        family="aggregate",
        signature="SUM(lines.amount, condition)",
        help={
            "en": "The sum of a field over a collection; 0 for nothing.",
            "zh": "对子表字段求和；没有记录时为 0。",
        },
        example="SUM(lines.amount)",
        aggregate=True,
    ),
    FunctionSpec(
        name="COUNT",
        family="aggregate",
        signature="COUNT(lines, condition)",
        help={
            "en": "How many records a collection has, or how many of them fill a field.",
            "zh": "子表的记录数，或某字段非空的记录数。",
        },
        example="COUNT(lines, amount > 100)",
        aggregate=True,
    ),
    FunctionSpec(
        name="COUNTDISTINCT",
        family="aggregate",
        signature="COUNTDISTINCT(lines.product, condition)",
        help={
            "en": "How many different values a field has in a collection.",
            "zh": "子表字段中不同值的个数。",
        },
        example="COUNTDISTINCT(lines.kind)",
        aggregate=True,
    ),
    FunctionSpec(
        name="AVG",
        family="aggregate",
        signature="AVG(lines.amount, condition)",
        help={
            "en": "The average of a field over a collection; blank for nothing.",
            "zh": "子表字段的平均值；没有记录时为空。",
        },
        example="AVG(lines.amount)",
        aggregate=True,
    ),
    FunctionSpec(
        name="FIRST",
        family="aggregate",
        signature="FIRST(lines.amount, order, condition)",
        help={
            "en": "The value of the record that is first by an order; blank orders come last.",
            "zh": "按顺序排在最前的记录的值。",
        },
        example="FIRST(lines.amount, due)",
        aggregate=True,
    ),
    FunctionSpec(
        name="LAST",
        family="aggregate",
        signature="LAST(lines.amount, order, condition)",
        help={
            "en": "The value of the record that is last by an order; blank orders are passed over.",
            "zh": "按顺序排在最后的记录的值。",
        },
        example="LAST(lines.amount, due)",
        aggregate=True,
    ),
    FunctionSpec(
        name="ANY",
        family="aggregate",
        signature="ANY(lines, condition)",
        help={
            "en": "True where a condition holds for at least one record of a collection.",
            "zh": "子表中至少一条记录满足条件时为真。",
        },
        example="ANY(lines, amount > 100)",
        aggregate=True,
    ),
    FunctionSpec(
        name="ALL",
        family="aggregate",
        signature="ALL(lines, condition)",
        help={
            "en": "True where a condition holds for every record of a collection, also for none.",
            "zh": "子表中所有记录都满足条件时为真（没有记录时也为真）。",
        },
        example="ALL(lines, amount > 100)",
        aggregate=True,
    ),
    FunctionSpec(
        name="FILLED",
        family="aggregate",
        signature="FILLED(field, field, …) or FILLED(lines.amount, condition)",
        help={
            "en": "The share of the fields that are filled, or of a collection's that fill one.",
            "zh": "已填写字段所占比例，或子表中某字段已填写的记录所占比例。",
        },
        example="FILLED(name, note, due)",
        parameters=(Parameter("field", "any", repeat=True),),
        lower=_filled,
        aggregate=True,
    ),
)
