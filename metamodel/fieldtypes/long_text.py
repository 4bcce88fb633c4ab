"""Text of several lines."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

LONG_TEXT = FieldType(
    name="long_text",
    label=label("Long text", "多行文本"),
    wire="a text with line breaks",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"max_length"}),
)
