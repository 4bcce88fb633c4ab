"""Currencies as ISO 4217 has them: which codes there are, and how many decimals each has."""

from __future__ import annotations

from babel.core import get_global
from babel.numbers import get_currency_precision


def precision(currency: str) -> int:
    """Return how many decimals a currency has: 0 for JPY, 2 for CNY, 3 for KWD."""
    return int(get_currency_precision(currency.upper()))


def is_currency(code: str) -> bool:
    """Return whether ISO 4217 knows a code."""
    return code in get_global("all_currencies")
