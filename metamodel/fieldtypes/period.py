"""Days from and to."""

from __future__ import annotations

from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, label

PERIOD = FieldType(
    name="period",
    label=label("Period", "期间"),
    wire='{"from": "YYYY-MM-DD", "to": "YYYY-MM-DD"}',
    value_type=lambda options: None,
    postgres=lambda options: "daterange",
    parse=parsing.plain,
    active=False,
)
