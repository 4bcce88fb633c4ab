"""Days from and to, both included; a blank side is open."""

from __future__ import annotations

from formula.types import DateType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

PERIOD = FieldType(
    name="period",
    label=label("Period", "期间"),
    wire='{"from": "YYYY-MM-DD", "to": "YYYY-MM-DD"}; in also "2026-03-01/2026-03-31"',
    value_type=lambda options: None,
    postgres=lambda options: "daterange",
    parse=parsing.parts("from", "to"),
    parts={"start": DateType(), "end": DateType()},
)
