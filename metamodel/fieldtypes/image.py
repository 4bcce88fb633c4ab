"""A picture, or several with `multiple: true`."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

IMAGE = FieldType(
    name="image",
    label=label("Image", "图片"),
    wire='a list of {"id", "name", "type", "size"} out; in, ids of files that were uploaded',
    value_type=lambda options: None,
    postgres=lambda options: "uuid[]",
    parse=parsing.plain,
    keys=frozenset({"multiple"}),
    column="pairs",
)
