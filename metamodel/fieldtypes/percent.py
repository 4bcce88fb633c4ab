"""A fraction shown as a percentage; `scale` counts its decimals, 6 unless said."""

from __future__ import annotations

from formula.types import PercentType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, Options, label


def scale(options: Options) -> int:
    """Return how many decimals are kept."""
    return 6 if options.scale is None else options.scale


PERCENT = FieldType(
    name="percent",
    label=label("Percent", "百分比"),
    wire='a fraction as text: "0.13"; "13%" is accepted',
    value_type=lambda options: PercentType(4, scale(options)),
    postgres=lambda options: f"numeric({4 + scale(options)},{scale(options)})",
    parse=parsing.percent,
    keys=frozenset({"min", "max", "scale"}),
)
