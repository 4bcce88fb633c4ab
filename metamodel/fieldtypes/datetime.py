"""An instant."""

from __future__ import annotations

from formula.types import DateTimeType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

DATETIME = FieldType(
    name="datetime",
    label=label("Date and time", "日期时间"),
    wire="RFC 3339 in UTC",
    value_type=lambda options: DateTimeType(),
    postgres=lambda options: "timestamptz",
    parse=parsing.instant,
    keys=frozenset({"min", "max"}),
)
