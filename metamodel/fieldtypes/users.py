"""Several persons of the tenant."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

USERS = FieldType(
    name="users",
    label=label("People", "多个人员"),
    wire='a list of {"id", "title"} out; in, ids or unique keys, or {"add": [], "remove": []}',
    value_type=lambda options: None,
    postgres=lambda options: "uuid[]",
    parse=parsing.plain,
    keys=frozenset({"inverse", "filter"}),
    column="pairs",
)
