"""A place on the map."""

from __future__ import annotations

from formula.types import NumberType, TextType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

DEGREES = NumberType(3, 6)

LOCATION = FieldType(
    name="location",
    label=label("Location", "位置"),
    wire='{"lat", "lon", "address"}, degrees to six decimals; in also "31.2304, 121.4737"',
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.parts("lat", "lon", "address"),
    parts={"lat": DEGREES, "lon": DEGREES, "address": TextType()},
)
