"""A person of the tenant."""

from __future__ import annotations

from formula.types import RecordType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

USER = FieldType(
    name="user",
    label=label("Person", "人员"),
    wire='{"id", "title"} out, an id or an e-mail address in',
    value_type=lambda options: RecordType(options.targets),
    postgres=lambda options: "uuid",
    parse=parsing.reference,
    keys=frozenset({"inverse", "on_delete", "copy", "filter"}),
    column="per_target",
)
