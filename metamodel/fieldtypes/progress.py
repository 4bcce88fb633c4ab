"""How much is done, as a percentage."""

from __future__ import annotations

from formula.types import PercentType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, Options, label


def scale(options: Options) -> int:
    """Return how many decimals are kept."""
    return 4 if options.scale is None else options.scale


PROGRESS = FieldType(
    name="progress",
    label=label("Progress", "进度"),
    wire='a fraction as text: "0.4"',
    value_type=lambda options: PercentType(4, scale(options)),
    postgres=lambda options: f"numeric({4 + scale(options)},{scale(options)})",
    parse=parsing.percent,
    keys=frozenset({"min", "max", "scale"}),
)
