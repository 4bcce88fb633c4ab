"""A record of another entity, or of one of several."""

from __future__ import annotations

from formula.types import RecordType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

LINK = FieldType(
    name="link",
    label=label("Link", "关联"),
    wire='{"id", "title"} out, an id or a unique key in',
    value_type=lambda options: RecordType(options.targets),
    postgres=lambda options: "uuid",
    parse=parsing.reference,
    keys=frozenset({"to", "inverse", "on_delete", "copy", "filter"}),
    column="per_target",
)
