"""Stars from 0 to `max`, 5 unless said."""

from __future__ import annotations

from formula.types import NumberType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

RATING = FieldType(
    name="rating",
    label=label("Rating", "评分"),
    wire="a number without decimals",
    value_type=lambda options: NumberType(2, 0),
    postgres=lambda options: "numeric(2,0)",
    parse=parsing.whole,
    keys=frozenset({"min", "max"}),
)
