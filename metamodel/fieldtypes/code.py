"""A code that people assign, such as an article number."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

CODE = FieldType(
    name="code",
    label=label("Code", "编码"),
    wire="a text that matches `pattern`",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"pattern", "max_length"}),
)
