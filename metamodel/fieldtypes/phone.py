"""A phone number, kept as it was entered."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

PHONE = FieldType(
    name="phone",
    label=label("Phone", "电话"),
    wire="a phone number as it was entered",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"pattern", "max_length"}),
)
