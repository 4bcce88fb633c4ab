"""Several records of another entity."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

LINKS = FieldType(
    name="links",
    label=label("Links", "多对多关联"),
    wire='a list of {"id", "title"} out; in, ids or unique keys, or {"add": [], "remove": []}',
    value_type=lambda options: None,
    postgres=lambda options: "uuid[]",
    parse=parsing.plain,
    keys=frozenset({"to", "inverse", "filter"}),
    column="pairs",
)
