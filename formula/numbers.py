"""Exact decimals in Python: the one arithmetic context and the operations of the language.

A blank number (None) counts as 0 in `+ - * / // %` and in unary minus.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

EXACT = Context(prec=250, rounding=ROUND_HALF_UP, Emax=999999, Emin=-999999)
"""Wide enough that no operation within the bounds of number types is ever rounded."""

ZERO = Decimal(0)
_TWELVE = Decimal("1e-12")
_UNITS = {scale: Decimal(1).scaleb(-scale) for scale in range(-60, 61)}

Number = Decimal | None


def _blank_as_zero(
    operation: Callable[[Decimal, Decimal], Decimal],
) -> Callable[[Number, Number], Decimal]:
    def apply(left: Number, right: Number) -> Decimal:
        return operation(ZERO if left is None else left, ZERO if right is None else right)

    return apply


add = _blank_as_zero(EXACT.add)
subtract = _blank_as_zero(EXACT.subtract)
multiply = _blank_as_zero(EXACT.multiply)


def negate(operand: Number) -> Decimal:
    """Return `-operand`, never a negative zero."""
    return ZERO if operand is None else EXACT.minus(operand)


def divide(left: Number, right: Number) -> Number:
    """Return the quotient rounded half away from zero to 12 decimals; blank by zero."""
    if not right:
        return None
    if not left:
        return ZERO
    # One rounding only: the digits are cut at 13 decimals before the half is looked at.
    cut = EXACT.divide_int(left.scaleb(13, EXACT), right).scaleb(-13, EXACT)
    return cut.quantize(_TWELVE, ROUND_HALF_UP, EXACT)


def remainder(left: Number, right: Number) -> Number:
    """Return the remainder with the sign of the divisor; blank by zero."""
    if not right:
        return None
    rest = EXACT.remainder(left or ZERO, right)
    return EXACT.add(rest, right) if rest and (rest < 0) != (right < 0) else rest


def floor_divide(left: Number, right: Number) -> Number:
    """Return the quotient rounded down to a whole number; blank by zero."""
    if not right:
        return None
    left = left or ZERO
    rest = remainder(left, right)
    return EXACT.divide_int(EXACT.subtract(left, rest or ZERO), right)


def power(base: Number, exponent: Decimal) -> Decimal:
    """Return `base` multiplied with itself `exponent` (0 to 9) times."""
    found = Decimal(1)
    for _ in range(int(exponent)):
        found = EXACT.multiply(found, base or ZERO)
    return found


def rounded(number: Decimal, scale: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return `number` at `scale` decimals (negative: tens, hundreds), halves away from zero."""
    found = number.quantize(_UNITS[scale], rounding, EXACT)
    return EXACT.add(found, ZERO)


def fit(number: Decimal, digits: int, scale: int) -> Number:
    """Return `number` rounded to `scale`, blank where it has more than `digits` then."""
    found = rounded(number, scale)
    return None if found.copy_abs() >= _UNITS[-digits] else found


def root(number: Decimal) -> Number:
    """Return the square root at 12 decimals; blank below zero."""
    return None if number < 0 else EXACT.sqrt(number).quantize(_TWELVE, ROUND_HALF_UP, EXACT)


def plain(number: Decimal) -> str:
    """Return a number as text without exponent and without zeros that say nothing."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


UP, DOWN, CEILING, FLOOR = ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR
