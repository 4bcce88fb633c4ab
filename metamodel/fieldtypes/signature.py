"""A drawn signature: one picture."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

SIGNATURE = FieldType(
    name="signature",
    label=label("Signature", "签名"),
    wire='a list of {"id", "name", "type", "size"} out; in, ids of files that were uploaded',
    value_type=lambda options: None,
    postgres=lambda options: "uuid[]",
    parse=parsing.plain,
    column="pairs",
)
