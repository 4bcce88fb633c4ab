"""A place on the map."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

LOCATION = FieldType(
    name="location",
    label=label("Location", "位置"),
    wire='{"lat", "lon"}',
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
    column="none",
    active=False,
)
