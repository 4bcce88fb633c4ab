"""An id that is no link; for the product's own tables."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

UUID = FieldType(
    name="uuid",
    label=label("Id", "标识"),
    wire="a UUID",
    value_type=lambda options: None,
    postgres=lambda options: "uuid",
    parse=parsing.uuid,
)
