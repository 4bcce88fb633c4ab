"""Attached files."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

FILE = FieldType(
    name="file",
    label=label("Files", "附件"),
    wire="a list of files",
    value_type=lambda options: None,
    postgres=lambda options: "jsonb",
    parse=parsing.plain,
    column="none",
    active=False,
)
