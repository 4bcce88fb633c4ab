"""Yes or no, never blank."""

from __future__ import annotations

from formula.types import BooleanType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

BOOLEAN = FieldType(
    name="boolean",
    label=label("Yes or no", "是否"),
    wire="true or false",
    value_type=lambda options: BooleanType(),
    postgres=lambda options: "boolean",
    parse=parsing.boolean,
)
