"""Files, any number of them unless `multiple: false`."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

FILE = FieldType(
    name="file",
    label=label("Files", "附件"),
    wire='a list of {"id", "name", "type", "size"} out; in, ids of files that were uploaded',
    value_type=lambda options: None,
    postgres=lambda options: "uuid[]",
    parse=parsing.plain,
    keys=frozenset({"multiple"}),
    column="pairs",
)
