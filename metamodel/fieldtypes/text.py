"""One line of text."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

TEXT = FieldType(
    name="text",
    label=label("Text", "单行文本"),
    wire="a text of one line",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"pattern", "max_length"}),
)
