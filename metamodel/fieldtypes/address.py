"""An address in parts, from country to street."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

ADDRESS = FieldType(
    name="address",
    label=label("Address", "地址"),
    wire='{"country", "region", "city", "district", "street", "postcode"}',
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
)
