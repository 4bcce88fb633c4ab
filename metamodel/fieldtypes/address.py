"""An address in parts, from country to street."""

from __future__ import annotations

from formula.types import TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

PARTS = ("country", "region", "city", "district", "street", "postcode", "code")
"""Country as ISO 3166 has it (CN), then names, and the code of the district as GB/T 2260 has it."""

ADDRESS = FieldType(
    name="address",
    label=label("Address", "地址"),
    wire='{"country", "region", "city", "district", "street", "postcode", "code"}',
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.parts(*PARTS),
    parts=dict.fromkeys(PARTS, TextType()),
)
