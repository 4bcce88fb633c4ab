"""A colour."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

COLOR = FieldType(
    name="color",
    label=label("Colour", "颜色"),
    wire='a text such as "#0a7ea4"',
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
)
