"""Words that people make up."""

from __future__ import annotations

from formula.types import ListType, TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

TAGS = FieldType(
    name="tags",
    label=label("Tags", "标签"),
    wire="a list of texts",
    value_type=lambda options: ListType(TextType()),
    postgres=lambda options: "text[]",
    parse=parsing.words,
)
