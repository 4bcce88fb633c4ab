"""A time of day."""

from __future__ import annotations

from formula.types import TimeType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

TIME = FieldType(
    name="time",
    label=label("Time", "时间"),
    wire="HH:MM:SS",
    value_type=lambda options: TimeType(),
    postgres=lambda options: "time",
    parse=parsing.clock,
    keys=frozenset({"min", "max"}),
)
