"""A picture."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

IMAGE = FieldType(
    name="image",
    label=label("Image", "图片"),
    wire="a file",
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
    column="none",
    active=False,
)
