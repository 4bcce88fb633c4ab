"""A number that the product assigns, per period."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

AUTONUMBER = FieldType(
    name="autonumber",
    label=label("Number", "自动编号"),
    wire="a text, read only",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"pattern", "gapless", "assign_when"}),
)
