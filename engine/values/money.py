"""Amounts as they are entered: a number, perhaps with the currency it is in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.values.readers import Refused, read_value
from metamodel.iso4217 import is_currency, precision
from metamodel.model import Field

WRITTEN = re.compile(r"(?:([A-Za-z]{3})\s*(-?[\d.,]+)|(-?[\d.,]+)\s*([A-Za-z]{3}))")
"""An amount with its currency before or after it: `USD 12.50`, `12.50 USD`."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An amount as it was entered; without a currency it is in the record's own."""

    amount: Decimal | None
    currency: str | None = None


def read_amount(original: Field, value: object) -> Entered:
    """Return an amount from a number, `USD 12.50`, or {"amount": …, "currency": …}.

    `original` is the field that keeps what was entered. Raises `Refused`.
    """
    currency: object = None
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    said: object = value
    if isinstance(value, Mapping):
        if not set(value) <= {"amount", "currency"}:
            raise Refused("invalid_amount", value=str(value)[:80])
        said, currency = value.get("amount"), value.get("currency")
    elif match is not None:
        before, first, second, after = match.groups()
        currency, said = before or after, (first or second).replace(",", "")
    if currency is not None and not (isinstance(currency, str) and is_currency(currency.upper())):
        raise Refused("unknown_currency", value=str(currency)[:80])
    number = read_value(original, said)
    amount = number if isinstance(number, Decimal) else None
    return Entered(amount, currency.upper() if isinstance(currency, str) else None)


def scaled(value: Decimal, currency: str) -> Decimal | None:
    """Return an amount with the decimals of its currency; None where it has more than those."""
    rounded = value.quantize(Decimal((0, (1,), -precision(currency))))
    return rounded if rounded == value else None
