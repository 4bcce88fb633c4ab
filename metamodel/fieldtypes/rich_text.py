"""Formatted text."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

RICH_TEXT = FieldType(
    name="rich_text",
    label=label("Rich text", "富文本"),
    wire="HTML; in, whatever runs or loads is taken out",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"max_length"}),
)
