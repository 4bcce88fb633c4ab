"""A code that a scanner reads."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

BARCODE = FieldType(
    name="barcode",
    label=label("Barcode", "条码"),
    wire="a text; of a numbered `format` its digits",
    value_type=lambda options: TextType(),
    postgres=lambda options: "text",
    parse=parsing.text,
    keys=frozenset({"pattern", "max_length", "format"}),
)
