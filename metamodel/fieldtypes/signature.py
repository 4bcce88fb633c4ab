"""A drawn signature."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

SIGNATURE = FieldType(
    name="signature",
    label=label("Signature", "签名"),
    wire="a file",
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
    column="none",
    active=False,
)
