"""The cases of Salesforce's own tests of formulas, read and brought into our spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from formula import Expr, FormulaError, parse
from formula.syntax import (
    Binary,
    Comparison,
    ListOf,
    Literal,
    Name,
    Unary,
    children,
    with_children,
)
from formula.types import (
    BooleanType,
    DateTimeType,
    DateType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from tests.formula.oracles.spelling import (
    NOWHERE,
    SPREADSHEET,
    Rule,
    Untranslatable,
    as_text,
    invoke,
    number,
    text,
    translated,
)

KINDS: Mapping[str, ValueType] = {
    "Double": NumberType(18, 0),
    "Currency": NumberType(18, 0),
    "Percent": PercentType(18, 0),
    "DateOnly": DateType(),
    "DateTime": DateTimeType(),
    "Boolean": BooleanType(),
}

PATHS = ("formula", "formulaNullAsNull")
"""The engine's two readings of blanks: as 0, and as themselves. Our law takes one or the other."""


@dataclass(frozen=True, slots=True)
class Story:
    """One formula with all its rows; `spelled` is None where there is no spelling of ours."""

    name: str
    kind: str
    kinds: Mapping[str, ValueType]
    rows: tuple[Mapping[str, Any], ...]
    expected: tuple[tuple[Any, ...], ...]
    spelled: Expr | None
    why: str = ""


def stories(folder: Path) -> Iterator[Story]:
    """Yield every formula of the oracle."""
    file = folder / "formula-salesforce-a" / "salesforce-formula-a.jsonl"
    for line in file.read_text("utf-8").splitlines():
        yield _story(json.loads(line))


def _story(told: Mapping[str, Any]) -> Story:
    fields = [leaf for each in told["referenceFields"] for leaf in _leaves(each)]
    rows = tuple(_row(fields, each["input"]) for each in told["data"])
    kinds = {name: _kind(kind, [row[name] for row in rows]) for name, kind in fields}
    expected = tuple(
        tuple(
            _expected(each["expected"][path], told["dataType"])
            for path in PATHS
            if path in each["expected"]
        )
        for each in told["data"]
    )
    spelled, why = _spelled(told, kinds)
    return Story(told["testName"], told["dataType"], kinds, rows, expected, spelled, why)


def _kind(name: str, values: list[Any]) -> ValueType:
    """Return the type of a field; a number is as precise as the oracle's rows need."""
    kind = KINDS.get(name, TextType())
    if not isinstance(kind, NumberType | PercentType):
        return kind
    scales = [-int(value.as_tuple().exponent) for value in values if value is not None]
    return replace(kind, scale=max((0, *scales)))


def _leaves(field: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the fields whose values a row holds; a computed one holds those that it reads."""
    if "children" not in field:
        yield field["fieldName"].lower() + "__c", field["dataType"]
    for child in field.get("children", ()):
        yield from _leaves(child)


def _row(fields: list[tuple[str, str]], written: str | None) -> Mapping[str, Any]:
    values = re.split(",?␞|,", written or "", maxsplit=len(fields) - 1) if fields else []
    values += [""] * (len(fields) - len(values))
    return {name: _value(value, kind) for (name, kind), value in zip(fields, values, strict=True)}


def _value(written: str, kind: str) -> Any:
    if kind == "Boolean":
        return written.strip().lower() in ("true", "1")
    if not written.strip() or written.strip() == "null":
        return None
    match kind:
        case "Double" | "Currency":
            return Decimal(written.strip())
        case "Percent":
            return Decimal(written.strip()).scaleb(-2)
        case "DateOnly":
            year, month, day, *_ = _parts(written)
            # The oracle counts a day that a month does not have on into the next.
            return date(year, month, 1) + timedelta(days=day - 1)
        case "DateTime":
            year, month, day, hour, minute, second = _parts(written)
            zone = timezone(timedelta(hours=-8 if written.endswith("PST") else 0))
            clock = timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
            return (datetime(year, month, 1, tzinfo=zone) + clock).astimezone(UTC)
        case _:
            return written.strip() or None


def _parts(written: str) -> list[int]:
    return [int(part) for part in written.strip().split(":") if part.isdigit()]


def _expected(written: str | None, kind: str) -> Any:
    """Return what the engine says; its errors are our blank."""
    if written is None or written in ("null", "") or written.startswith("Error"):
        return None
    match kind:
        case "Double" | "Currency":
            return Decimal(written)
        case "Percent":
            return Decimal(written).scaleb(-2)
        case "Boolean":
            return written == "true"
        case "DateOnly":
            return _instant(written).date()
        case "DateTime":
            return _instant(written)
        case _:
            return written


def _instant(written: str) -> datetime:
    return datetime.strptime(written, "%a %b %d %H:%M:%S GMT %Y").replace(tzinfo=UTC)


def _spelled(told: Mapping[str, Any], kinds: Mapping[str, ValueType]) -> tuple[Expr | None, str]:
    computed = {
        f"{each['fieldName'].lower()}__c": each["formula"]
        for each in told["referenceFields"]
        if "formula" in each
    }
    try:
        tree = _whole(parse(as_text(told["formula"])), computed)
        return _timed(translated(tree, RULES), kinds), ""
    except FormulaError as error:
        return None, error.problems[0].code
    except Untranslatable as error:
        return None, str(error)


def _whole(expr: Expr, computed: Mapping[str, str]) -> Expr:
    """Return a tree with the formulas of computed fields in place of their names."""
    if isinstance(expr, Name):
        formula = computed.get(expr.path[0].lower())
        return expr if formula is None else _whole(parse(as_text(formula)), computed)
    return with_children(expr, tuple(_whole(child, computed) for child in children(expr)))


def _timed(expr: Expr, kinds: Mapping[str, ValueType]) -> Expr:
    """Return a tree in which an instant moved by days is moved by a length of time."""
    inner = with_children(expr, tuple(_timed(child, kinds) for child in children(expr)))
    if not isinstance(inner, Binary) or inner.operator not in ("+", "-"):
        return inner
    kind = kinds.get(inner.left.path[0].lower()) if isinstance(inner.left, Name) else None
    if not isinstance(kind, DateTimeType):
        return inner
    hours = Binary("*", inner.right, number(24), inner.span)
    return replace(inner, right=invoke("DURATION", hours))


def _remainder(given: tuple[Expr, ...]) -> Expr:
    """Return what is left over with the sign of the dividend, as this engine wants it."""
    left, right = given
    times = invoke("ROUNDDOWN", Binary("/", left, right, NOWHERE), number(0))
    return Binary("-", left, Binary("*", right, times, NOWHERE), NOWHERE)


def _member(given: tuple[Expr, ...]) -> Expr:
    subject, *items = given
    return Comparison(subject, (("in", ListOf(tuple(items), NOWHERE)),), NOWHERE)


def _plain(given: tuple[Expr, ...]) -> Expr:
    return Binary("&", given[0], text(""), NOWHERE)


def _padded(side: str) -> Rule:
    def rule(given: tuple[Expr, ...]) -> Expr:
        fill = given[2] if len(given) > 2 else text(" ")  # noqa: PLR2004
        return invoke("PAD", given[0], given[1], fill, text(side))

    return rule


def _date_value(given: tuple[Expr, ...]) -> Expr:
    (value,) = given
    if isinstance(value, Literal) and isinstance(value.value, str):
        try:
            date.fromisoformat(value.value)
        except ValueError:
            raise Untranslatable("a day in text") from None
    return invoke("DATE", value)


RULES: Mapping[str, Rule] = {
    **SPREADSHEET,
    "CONTAINS": lambda given: invoke("CONTAINS", *given),
    "BEGINS": lambda given: invoke("STARTSWITH", *given),
    "NULLVALUE": lambda given: invoke("COALESCE", *given),
    "BLANKVALUE": lambda given: invoke("COALESCE", *given),
    "ISNULL": lambda given: invoke("ISBLANK", *given),
    "CASE": lambda given: invoke("SWITCH", *given),
    "INITCAP": lambda given: invoke("PROPER", *given),
    "SUBSTR": lambda given: invoke("MID", *given),
    "ISOWEEK": lambda given: invoke("WEEK", *given),
    "ADDMONTHS": lambda given: invoke("DATEADD", *given, text("month")),
    "LPAD": _padded("left"),
    "RPAD": _padded("right"),
    "DATEVALUE": _date_value,
    "IN": _member,
    "IFERROR": lambda given: invoke("COALESCE", *given),
    "ISNUMBER": lambda given: Unary("not", invoke("ISBLANK", invoke("NUMBER", *given)), NOWHERE),
    "TEXT": _plain,
    "MOD": _remainder,
    "FLOOR": lambda given: invoke("ROUNDDOWN", *given, number(0)),
    "CEILING": lambda given: invoke("ROUNDUP", *given, number(0)),
    "MFLOOR": lambda given: invoke("FLOOR", *given),
    "MCEILING": lambda given: invoke("CEILING", *given),
}
