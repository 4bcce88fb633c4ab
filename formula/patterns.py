"""Patterns of TEXT: `#,##0.00`, `0.0%`, `YYYY-MM-DD`, read once and used by Python and SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, case, func, literal, literal_column

from formula import numbers

_NUMBER = re.compile(r"([^#0,.%]*)([#,]*0+(?:,0+)*|#[#,]*)(?:\.(0+))?(%?)([^#0,.%]*)")
_DATE = re.compile(r"YYYY|YY|MM|M|DD|D|Q")
_RUNS = re.compile("Y+|MM+|D+|Q+|HH+|mm+|ss+")
_TIME = re.compile(r"YYYY|YY|MM|M|DD|D|Q|HH|H|mm|ss")
_MOST_DIGITS = 66
_MOST_DECIMALS = 20

Sql = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """How a number is written: at least `digits` before the point, `decimals` after it."""

    prefix: str
    suffix: str
    digits: int
    decimals: int
    grouped: bool
    percent: bool


@lru_cache(maxsize=500)
def number_pattern(pattern: str) -> NumberPattern | None:
    """Return what a pattern says of a number, or None where it says nothing."""
    found = _NUMBER.fullmatch(pattern)
    if found is None:
        return None
    prefix, core, decimals, percent, suffix = found.groups()
    digits = max(core.count("0"), 1)
    places = len(decimals or "")
    if digits > _MOST_DECIMALS or places > _MOST_DECIMALS:
        return None
    return NumberPattern(prefix, suffix, digits, places, "," in core, percent == "%")


@lru_cache(maxsize=500)
def date_parts(pattern: str, *, with_time: bool) -> tuple[str, ...] | None:
    """Return a pattern cut into its codes and the text between, or None where it has no code.

    Codes and text take turns, text first. A letter written more often than any code has it
    (MMMM) is none.
    """
    codes = _TIME if with_time else _DATE
    if any(codes.fullmatch(run.group()) is None for run in _RUNS.finditer(pattern)):
        return None
    parts: list[str] = []
    at = 0
    for found in codes.finditer(pattern):
        parts += [pattern[at : found.start()], found.group()]
        at = found.end()
    return (*parts, pattern[at:]) if parts else None


def format_value(value: object, pattern: str, zone: str) -> str:
    """Return a number, date or instant (in `zone`) written by a pattern that was checked."""
    if isinstance(value, datetime):
        return _format_date(value.astimezone(ZoneInfo(zone)), pattern, with_time=True)
    if isinstance(value, date):
        return _format_date(value, pattern, with_time=False)
    if isinstance(value, Decimal):
        return _format_number(value, pattern)
    raise TypeError(f"{type(value).__name__} has no pattern")


def _format_number(value: Decimal, pattern: str) -> str:
    said = number_pattern(pattern)
    if said is None:
        raise TypeError("the checker lets only good patterns through")
    scaled = value.scaleb(2, numbers.EXACT) if said.percent else value
    rounded = numbers.rounded(scaled, said.decimals)
    whole, _, decimals = format(rounded.copy_abs(), "f").partition(".")
    whole = whole.zfill(said.digits)
    if said.grouped:
        head = len(whole) % 3
        groups = [whole[:head]] if head else []
        groups += [whole[at : at + 3] for at in range(head, len(whole), 3)]
        whole = ",".join(groups)
    sign = "-" if rounded < 0 else ""
    point = f".{decimals}" if decimals else ""
    return f"{sign}{said.prefix}{whole}{point}{'%' if said.percent else ''}{said.suffix}"


def _format_date(value: date, pattern: str, *, with_time: bool) -> str:
    parts = date_parts(pattern, with_time=with_time) or ()
    return "".join(
        _date_code(value, part) if place % 2 else part for place, part in enumerate(parts)
    )


def _date_code(value: Any, code: str) -> str:
    match code:
        case "YYYY":
            return f"{value.year:04}"
        case "YY":
            return f"{value.year % 100:02}"
        case "MM" | "M":
            return f"{value.month:0{len(code)}}"
        case "DD" | "D":
            return f"{value.day:0{len(code)}}"
        case "Q":
            return str((value.month + 2) // 3)
        case "HH" | "H":
            return f"{value.hour:0{len(code)}}"
        case "mm":
            return f"{value.minute:02}"
        case _:
            return f"{value.second:02}"


_SQL_CODES = {
    "M": "FMMM", "D": "FMDD", "HH": "HH24", "H": "FMHH24", "mm": "MI", "ss": "SS",
}  # fmt: skip


def sql_date(value: Sql, pattern: str, *, with_time: bool) -> Sql:
    """Return SQL that writes a date or local timestamp by a pattern."""
    parts = date_parts(pattern, with_time=with_time) or ()
    spelled = "".join(
        _SQL_CODES.get(part, part) if place % 2 else _sql_text(part)
        for place, part in enumerate(parts)
    )
    return func.to_char(value, literal(spelled, Text()), type_=Text())


def _sql_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if text else ""


def sql_number(value: Sql, pattern: str) -> Sql:
    """Return SQL that writes a number by a pattern."""
    said = number_pattern(pattern)
    if said is None:
        raise TypeError("the checker lets only good patterns through")
    scaled = value * literal_column("100") if said.percent else value
    rounded = func.round(scaled, literal_column(str(said.decimals)))
    body = func.to_char(func.abs(rounded), literal(_sql_mask(said), Text()))
    sign = case((rounded < literal_column("0"), literal("-" + said.prefix, Text())),
                else_=literal(said.prefix, Text()))  # fmt: skip
    end = literal(("%" if said.percent else "") + said.suffix, Text())
    return sign.op("||", return_type=Text())(body).op("||", return_type=Text())(end)


def _sql_mask(said: NumberPattern) -> str:
    digits = "9" * (_MOST_DIGITS - said.digits) + "0" * said.digits
    if said.grouped:
        digits = ",".join(digits[at : at + 3] for at in range(0, _MOST_DIGITS, 3))
    return "FM" + digits + ("." + "0" * said.decimals if said.decimals else "")
