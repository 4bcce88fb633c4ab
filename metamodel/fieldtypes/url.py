"""An address on the web."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

URL = FieldType(
    name="url",
    label=label("Web address", "网址"),
    wire="an http or https address",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"max_length"}),
)
