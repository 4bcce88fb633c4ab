"""An exact number with `scale` decimals, 2 unless said."""

from __future__ import annotations

from formula.types import NumberType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, Options, label


def scale(options: Options) -> int:
    """Return how many decimals are kept."""
    return 2 if options.scale is None else options.scale


DECIMAL = FieldType(
    name="decimal",
    label=label("Decimal", "小数"),
    wire='a text such as "12.50"',
    value_type=lambda options: NumberType(18 - scale(options), scale(options)),
    postgres=lambda options: f"numeric(18,{scale(options)})",
    parse=parsing.number,
    keys=frozenset({"min", "max", "scale", "unit"}),
)
