"""A calendar day."""

from __future__ import annotations

from formula.types import DateType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

DATE = FieldType(
    name="date",
    label=label("Date", "日期"),
    wire="YYYY-MM-DD",
    value_type=lambda options: DateType(),
    postgres=lambda options: "date",
    parse=parsing.day,
    keys=frozenset({"min", "max"}),
)
