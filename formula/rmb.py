"""Amounts of money in Chinese capitals, as cheques and invoices want them."""

from __future__ import annotations

from decimal import Decimal

from formula.numbers import rounded

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_MOST = 10**18


def rmb_upper(amount: Decimal) -> str | None:
    """Return an amount in capitals, rounded to cents; blank from ten quadrillion on."""
    cents = int(rounded(amount, 2).scaleb(2))
    if abs(cents) >= _MOST:
        return None
    sign, (whole, part) = "负" if cents < 0 else "", divmod(abs(cents), 100)
    found = _whole(whole) + "元" if whole or not part else ""
    tenth, hundredth = divmod(part, 10)
    if not whole and not part:
        found = "零元"
    if tenth:
        found += _DIGITS[tenth] + "角"
    elif hundredth and whole:
        found += "零"
    return sign + found + (_DIGITS[hundredth] + "分" if hundredth else "整")


def _whole(number: int) -> str:
    if number < 10_000:  # noqa: PLR2004
        return _section(number)
    size, unit = (10_000, "万") if number < 100_000_000 else (100_000_000, "亿")  # noqa: PLR2004
    high, rest = divmod(number, size)
    return _whole(high) + unit + ("零" if 0 < rest < size // 10 else "") + _whole(rest)


def _section(number: int) -> str:
    found, gap = "", False
    for size, unit in _PLACES:
        digit = number // size % 10
        if digit:
            found += ("零" if gap and found else "") + _DIGITS[digit] + unit
        gap = not digit
    return found
