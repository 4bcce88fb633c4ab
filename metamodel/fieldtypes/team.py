"""A team of the tenant."""

from __future__ import annotations

from formula.types import RecordType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

TEAM = FieldType(
    name="team",
    label=label("Team", "团队"),
    wire='{"id", "title"} out, an id or a unique key in',
    value_type=lambda options: RecordType(options.targets),
    postgres=lambda options: "uuid",
    parse=parsing.reference,
    keys=frozenset({"inverse", "on_delete", "copy", "filter"}),
    column="per_target",
)
