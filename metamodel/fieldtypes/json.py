"""Data that the product keeps as it is."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

JSON = FieldType(
    name="json",
    label=label("JSON", "JSON"),
    wire="any JSON",
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
    keys=frozenset({"schema"}),
)
