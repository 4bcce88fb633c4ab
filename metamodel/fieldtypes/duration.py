"""A length of time, to the second."""

from __future__ import annotations

from formula.types import DurationType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

DURATION = FieldType(
    name="duration",
    label=label("Duration", "时长"),
    wire="seconds as a number",
    value_type=lambda options: DurationType(),
    postgres=lambda options: "interval",
    parse=parsing.duration,
    keys=frozenset({"min", "max", "unit"}),
)
