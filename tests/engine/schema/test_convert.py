"""Conversions between field types are total, and agree with an oracle in Python."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import driver_of
from engine.schema.convert import conversion
from formula.types import (
    BooleanType,
    ChoiceType,
    DateTimeType,
    DateType,
    ListType,
    NumberType,
    PercentType,
    TextType,
    ValueType,
)
from metamodel.label import Label
from metamodel.model import Field, Option
from tests.budget import examples

TYPES: dict[str, ValueType] = {
    "text": TextType(),
    "decimal": NumberType(6, 2),
    "percent": PercentType(4, 6),
    "boolean": BooleanType(),
    "date": DateType(),
    "datetime": DateTimeType(),
    "choice": ChoiceType(("a", "b")),
    "tags": ListType(TextType()),
}

OPTIONS = {
    "a": Option("a", "a", Label({"en": "Key", "zh": "重点"})),
    "b": Option("b", "b", Label({"en": "Other"})),
}

SQL_TYPES = {
    "text": "text",
    "decimal": "numeric",
    "percent": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
    "choice": "text",
    "tags": "text[]",
}

likely = st.one_of(
    st.text(max_size=12).filter(lambda text: "\0" not in text),
    st.from_regex(r"[-+]?[0-9,]{1,9}([.][0-9]{1,4})?%?", fullmatch=True),
    st.from_regex(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}", fullmatch=True),
    st.sampled_from(["是", "no", " TRUE ", "重点", "Key", "b", "0000-01-01", "2026-02-29"]),
)


def converted(connection: Any, value: object, source: str, target: str) -> Any:
    """Return one value converted by PostgreSQL."""
    expression = conversion(field(source), field(target), zone="Asia/Shanghai")
    if expression is None:
        return None
    query = f'SELECT ({expression}) FROM (SELECT %s::{SQL_TYPES[source]} AS "it") q'
    return driver_of(connection).execute(query.replace("%", "%%").replace("%%s", "%s").encode(),
                                         (value,)).fetchone()[0]  # fmt: skip


def field(name: str) -> Field:
    """Return a field of a type, in the column `it`."""
    options = OPTIONS if name == "choice" else {}
    return Field("it", "it", "thing", name, Label(), TYPES[name], column="it", options=options)


@settings(max_examples=examples(150), deadline=None)
@given(text=likely)
@pytest.mark.parametrize("target", sorted(TYPES))
def test_no_text_makes_a_conversion_fail(installation: Any, target: str, text: str) -> None:
    with installation.database.registry() as connection:
        converted(connection, text, "text", target)


@settings(max_examples=examples(150), deadline=None)
@given(text=likely)
def test_a_text_becomes_the_number_that_it_reads_as(installation: Any, text: str) -> None:
    with installation.database.registry() as connection:
        found = converted(connection, text, "text", "decimal")

    assert found == number_of(text)


@settings(max_examples=examples(150), deadline=None)
@given(text=likely)
def test_a_text_becomes_the_day_that_it_reads_as(installation: Any, text: str) -> None:
    with installation.database.registry() as connection:
        found = converted(connection, text, "text", "date")

    assert found == day_of(text)


@settings(max_examples=examples(100), deadline=None)
@given(value=st.decimals("-999999", "999999", places=2))
def test_a_number_survives_the_way_to_text_and_back(installation: Any, value: Decimal) -> None:
    with installation.database.registry() as connection:
        text = converted(connection, value, "decimal", "text")

        assert converted(connection, text, "text", "decimal") == value


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("13%", "text", "percent", Decimal("0.130000")),
        ("0.13", "text", "percent", Decimal("0.130000")),
        ("重点", "text", "choice", "a"),
        ("Other", "text", "choice", "b"),
        ("else", "text", "choice", None),
        ("x, y；z", "text", "tags", ["x", "y", "z"]),
        (["x"], "tags", "text", "x"),
        (["x", "y"], "tags", "text", None),
        ("是", "text", "boolean", True),
        ("No", "text", "boolean", False),
        ("perhaps", "text", "boolean", None),
        (True, "boolean", "decimal", Decimal(1)),
        ("2026-03-01T17:00:00Z", "datetime", "date", date(2026, 3, 2)),
        (Decimal("1234567"), "decimal", "percent", None),
        (Decimal("1.5"), "decimal", "date", None),
    ],
)
def test_a_value_converts_as_a_person_would_expect(
    installation: Any, value: object, source: str, target: str, expected: object
) -> None:
    with installation.database.registry() as connection:
        assert converted(connection, value, source, target) == expected


def number_of(text: str) -> Decimal | None:
    """Return what a text reads as: digits, separated by commas or not, within six of them."""
    plain = text.strip(" ").replace(",", "")
    digits = plain.lstrip("+-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or plain.endswith(".") or plain[:1] == ".":
        return None
    if plain.lstrip("+-").startswith(".") or len(plain) - len(plain.lstrip("+-")) > 1:
        return None
    try:
        with localcontext(rounding=ROUND_HALF_UP, prec=60):
            value = Decimal(plain).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return value if abs(value) < 10**6 else None


def day_of(text: str) -> date | None:
    """Return the day that a text reads as: year, month, day between - / or ."""
    parts = text.strip(" ").replace("/", "-").replace(".", "-").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if len(parts[0]) != 4 or not all(len(part) <= 2 for part in parts[1:]):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None
