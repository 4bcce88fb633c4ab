"""Spreadsheet and Salesforce formulas in our spelling: function by function, on the tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce

from formula import Expr, Span
from formula.syntax import (
    Binary,
    Comparison,
    Either,
    Invoke,
    Literal,
    Logical,
    Unary,
    children,
    with_children,
)

NOWHERE = Span(0, 0)

_INSTANTS = ("%m/%d/%Y %H:%M", "%m/%d/%y %H:%M", "%m/%d/%y %I:%M %p")
_DAYS = (
    "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%Y/%m/%d", "%Y-%m-%d", "%d-%b-%Y", "%d-%b-%y", "%d-%B-%Y",
    "%B %d, %Y", "%A, %B %d, %Y", *_INSTANTS,
)  # fmt: skip

Arguments = tuple[Expr, ...]
Rule = Callable[[Arguments], Expr]


class Untranslatable(Exception):
    """A form of a function that has no spelling of ours; the message says which."""


def number(value: int | str | Decimal) -> Literal:
    """Return a number written out."""
    return Literal(Decimal(value), "number", NOWHERE)


def text(value: str) -> Literal:
    """Return a text written out."""
    return Literal(value, "text", NOWHERE)


def invoke(name: str, *arguments: Expr) -> Invoke:
    """Return a call."""
    return Invoke(name, arguments, NOWHERE)


def day(value: date) -> Invoke:
    """Return a day written out."""
    return invoke("DATE", number(value.year), number(value.month), number(value.day))


def as_text(formula: str) -> str:
    """Return a spreadsheet formula with its quotes and powers as our parser reads them."""
    parts = re.split(r'("(?:[^"]|"")*")', formula)
    quoted = [
        '"' + part[1:-1].replace("\\", "\\\\").replace('""', '\\"') + '"'
        if index % 2
        else part.replace("^", "**")
        for index, part in enumerate(parts)
    ]
    return "".join(quoted)


def translated(expr: Expr, rules: Mapping[str, Rule]) -> Expr:
    """Return a tree with every call spelled our way; raise `Untranslatable` for one without."""
    inner = with_children(expr, tuple(translated(child, rules) for child in children(expr)))
    if isinstance(inner, Logical):
        return replace(inner, operands=tuple(_condition(each) for each in inner.operands))
    if isinstance(inner, Either):
        return replace(inner, condition=_condition(inner.condition))
    if isinstance(inner, Unary) and inner.operator == "not":
        return replace(inner, operand=_condition(inner.operand))
    if not isinstance(inner, Invoke):
        return inner
    rule = rules.get(inner.function)
    if rule is None:
        raise Untranslatable(inner.function)
    return rule(inner.arguments)


def same(name: str, *, dates: tuple[int, ...] = ()) -> Rule:
    """Return the rule of a function with our name; the arguments at `dates` become days."""

    def rule(given: Arguments) -> Expr:
        return invoke(name, *(_date(a) if i in dates else a for i, a in enumerate(given)))

    return rule


def _date(expr: Expr) -> Expr:
    """Return a spreadsheet's spelling of a day as ours: a serial number, or m/d/yyyy in quotes."""
    if isinstance(expr, Literal) and isinstance(expr.value, Decimal):
        serial = int(expr.value)
        if serial == expr.value and 60 < serial < 2_958_466:  # noqa: PLR2004
            return day(date(1899, 12, 30) + timedelta(days=serial))
    if isinstance(expr, Literal) and isinstance(expr.value, str):
        for form in _DAYS:
            with suppress(ValueError):
                return day(datetime.strptime(expr.value, form).date())  # noqa: DTZ007
    return expr


def _clock(expr: Expr) -> Expr:
    """Return a spreadsheet's spelling of a time as ours: a part of a day, or a time in quotes."""
    if isinstance(expr, Literal) and isinstance(expr.value, str):
        for form in ("%H:%M", "%H:%M:%S", "%I:%M:%S %p", "%I:%M %p", "%I %p", *_INSTANTS):
            with suppress(ValueError):
                found = datetime.strptime(expr.value, form)  # noqa: DTZ007
                return invoke("TIME", number(found.hour), number(found.minute))
    if isinstance(expr, Literal) and isinstance(expr.value, Decimal) and 0 <= expr.value < 1:
        minutes = int(expr.value * 1440)
        return invoke("TIME", number(minutes // 60), number(minutes % 60))
    return expr


def _sum(given: Arguments) -> Expr:
    if not given:
        raise Untranslatable("SUM of nothing")
    return reduce(lambda left, right: Binary("+", left, right, NOWHERE), given)


def _compared(operator: str) -> Rule:
    def rule(given: Arguments) -> Expr:
        first, second = _pair(given)
        return Comparison(first, ((operator, second),), NOWHERE)  # type: ignore[arg-type]

    return rule


def _binary(operator: str) -> Rule:
    def rule(given: Arguments) -> Expr:
        first, second = _pair(given)
        return Binary(operator, first, second, NOWHERE)  # type: ignore[arg-type]

    return rule


def _pair(given: Arguments) -> tuple[Expr, Expr]:
    if len(given) != 2:  # noqa: PLR2004
        raise Untranslatable("another number of arguments")
    return given[0], given[1]


_UNITS = {"Y": "year", "M": "month", "D": "day"}


def _date_difference(given: Arguments) -> Expr:
    start, end, unit = given
    spelled = unit.value if isinstance(unit, Literal) else None
    if not isinstance(spelled, str) or spelled.upper() not in _UNITS:
        raise Untranslatable("DATEDIF with a unit of its own")
    return invoke("DATEDIFF", _date(start), _date(end), text(_UNITS[spelled.upper()]))


def _days(given: Arguments) -> Expr:
    end, start = _pair(given)
    return Binary("-", _date(end), _date(start), NOWHERE)


def _months_later(given: Arguments) -> Expr:
    start, months = _pair(given)
    return invoke("DATEADD", _date(start), months, text("month"))


def _weekday(given: Arguments) -> Expr:
    """Return the weekday; 2 counts from Monday as we do, 1 (or nothing) from Sunday."""
    kind = given[1].value if len(given) > 1 and isinstance(given[1], Literal) else Decimal(1)
    found = invoke("WEEKDAY", _date(given[0]))
    if kind == 2:  # noqa: PLR2004
        return found
    if kind != 1:
        raise Untranslatable("WEEKDAY that counts another way")
    return Binary("+", Binary("%", found, number(7), NOWHERE), number(1), NOWHERE)


def _week(given: Arguments) -> Expr:
    kind = given[1].value if len(given) > 1 and isinstance(given[1], Literal) else Decimal(1)
    if kind != 21:  # noqa: PLR2004
        raise Untranslatable("WEEKNUM that is not by ISO 8601")
    return invoke("WEEK", _date(given[0]))


def _truncated(given: Arguments) -> Expr:
    return invoke("ROUNDDOWN", given[0], *given[1:] or (number(0),))


def _quotient(given: Arguments) -> Expr:
    first, second = _pair(given)
    return invoke("ROUNDDOWN", Binary("/", first, second, NOWHERE), number(0))


def _joined(given: Arguments) -> Expr:
    if len(given) < 3 or not isinstance(given[1], Literal) or given[1].value is False:  # noqa: PLR2004
        raise Untranslatable("TEXTJOIN that keeps blanks")
    return invoke("JOIN", given[0], *given[2:])


def _truth(value: bool) -> Rule:  # noqa: FBT001
    return lambda given: Literal(value, "boolean", NOWHERE)


def _negated(given: Arguments) -> Expr:
    return Unary("not", _condition(given[0]), NOWHERE)


def _logical(word: str) -> Rule:
    def rule(given: Arguments) -> Expr:
        conditions = tuple(_condition(each) for each in given)
        if len(conditions) < 2:  # noqa: PLR2004
            return conditions[0] if conditions else invoke(word.upper())
        return Logical(word, conditions, NOWHERE)  # type: ignore[arg-type]

    return rule


def _if(given: Arguments) -> Expr:
    if not 2 <= len(given) <= 3:  # noqa: PLR2004
        return invoke("IF", *given)
    otherwise = given[2] if len(given) > 2 else None  # noqa: PLR2004
    return Either(_condition(given[0]), given[1], otherwise, NOWHERE)


def _condition(expr: Expr) -> Expr:
    """Return a number as the condition that it is in a spreadsheet: true unless 0."""
    if isinstance(expr, Literal) and isinstance(expr.value, Decimal):
        return Comparison(expr, (("!=", number(0)),), NOWHERE)
    return expr


def _time(given: Arguments) -> Expr:
    """Return a time of day; its seconds are not ours."""
    if len(given) > 2 and given[2] != number(0):  # noqa: PLR2004
        raise Untranslatable("TIME with seconds")
    return invoke("TIME", *given[:2])


def _last_of_month(given: Arguments) -> Expr:
    start, months = _pair(given)
    return invoke("EOMONTH", _date(start), months)


def _one(name: str, count: int) -> Rule:
    """Return the rule of a function of which only the form with so many arguments is ours."""

    def rule(given: Arguments) -> Expr:
        if len(given) != count:
            raise Untranslatable(f"{name} with other arguments")
        return invoke(name, *given)

    return rule


SPREADSHEET: Mapping[str, Rule] = {
    **{
        name: same(name)
        for name in (
            "IFS", "SWITCH", "ISBLANK", "ABS", "CEILING", "FLOOR", "MOD", "POWER", "ROUND",
            "ROUNDUP", "ROUNDDOWN", "SIGN", "SQRT", "MIN", "MAX", "CONCAT", "LEFT", "RIGHT", "MID",
            "LEN", "LOWER", "UPPER", "PROPER", "TRIM", "REPLACE", "TEXT", "DATE", "TODAY", "NOW",
        )
    },
    **{name: same(name, dates=(0,)) for name in ("YEAR", "MONTH", "DAY")},
    "HOUR": lambda given: invoke("HOUR", _clock(given[0])),
    "MINUTE": lambda given: invoke("MINUTE", _clock(given[0])),
    "IF": _if,
    "AND": _logical("and"),
    "OR": _logical("or"),
    "TIME": _time,
    "SUM": _sum,
    "NOT": _negated,
    "TRUE": _truth(True),  # noqa: FBT003
    "FALSE": _truth(False),  # noqa: FBT003
    "EXACT": _compared("=="),
    "EQ": _compared("=="),
    "NE": _compared("!="),
    "GT": _compared(">"),
    "GTE": _compared(">="),
    "LT": _compared("<"),
    "LTE": _compared("<="),
    "ADD": _binary("+"),
    "MINUS": _binary("-"),
    "MULTIPLY": _binary("*"),
    "DIVIDE": _binary("/"),
    "POW": same("POWER"),
    "INT": lambda given: invoke("FLOOR", given[0], number(1)),
    "TRUNC": _truncated,
    "QUOTIENT": _quotient,
    "CONCATENATE": same("CONCAT"),
    "TEXTJOIN": _joined,
    "SUBSTITUTE": _one("SUBSTITUTE", 3),
    "FIND": _one("FIND", 2),
    "VALUE": same("NUMBER"),
    "NUMBERVALUE": _one("NUMBER", 1),
    "DATEVALUE": lambda given: _date(given[0]),
    "DATEDIF": _date_difference,
    "DAYS": _days,
    "EDATE": _months_later,
    "EOMONTH": _last_of_month,
    "ISOWEEKNUM": same("WEEK", dates=(0,)),
    "WEEKNUM": _week,
    "WEEKDAY": _weekday,
    "NETWORKDAYS": same("WORKDAYS", dates=(0, 1)),
    "WORKDAY": same("ADDWORKDAYS", dates=(0,)),
}  # fmt: skip
"""The functions of spreadsheets that are ours, and how they are spelled here."""

__all__ = ["SPREADSHEET", "Untranslatable", "as_text", "day", "number", "text"]
