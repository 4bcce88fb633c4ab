"""An amount in the app's currency, with the decimals of that currency unless said."""

from __future__ import annotations

from formula.types import NumberType
from metamodel.fieldtypes import parsing
from metamodel.fieldtypes.contract import FieldType, Options, label


def scale(options: Options) -> int:
    """Return how many decimals are kept."""
    return 2 if options.scale is None else options.scale


MONEY = FieldType(
    name="money",
    label=label("Money", "金额"),
    wire='a text such as "1234.50"',
    value_type=lambda options: NumberType(18 - scale(options), scale(options)),
    postgres=lambda options: f"numeric(18,{scale(options)})",
    parse=parsing.number,
    keys=frozenset({"min", "max", "scale", "unit", "currency", "rate_on"}),
)
