"""A whole number."""

from __future__ import annotations

from formula.types import NumberType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

INTEGER = FieldType(
    name="integer",
    label=label("Whole number", "整数"),
    wire="a number without decimals",
    value_type=lambda options: NumberType(18, 0),
    postgres=lambda options: "numeric(18,0)",
    parse=parsing.whole,
    keys=frozenset({"min", "max", "unit"}),
)
