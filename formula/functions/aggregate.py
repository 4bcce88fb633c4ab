"""Aggregates over the members of a collection; MIN, MAX and JOIN stand with their scalar forms.

Their type rules are in `formula.aggregates`; each back end knows the eight by name.
"""

from __future__ import annotations

from formula.functions.spec import FunctionSpec

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
)
