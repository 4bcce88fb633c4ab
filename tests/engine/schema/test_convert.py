"""Every pair of field types is converted or refused as the table says, and as an oracle reads it.

Requirement P-30: conversions are total, and what does not convert is told apart.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb
from psycopg.types.range import DateRange

from engine.database import driver_of
from engine.schema.columns import column_type
from engine.schema.convert import conversion
from engine.schema.ddl import DIALECT
from engine.schema.ground import Ground
from metamodel import load, read_text
from metamodel.conversions import FAMILIES, verdict
from metamodel.fieldtypes import FIELD_TYPES
from metamodel.model import Field
from tests.budget import examples

MORE = {
    "choice": "options: {a: {label: {en: Key, zh: 重点}}, b: {label: Other}}",
    "multi_choice": "options: {a: {label: {en: Key, zh: 重点}}, b: {label: Other}, c: {label: C}}",
    "autonumber": 'pattern: "Q-{0000}"',
    "decimal": "scale: 2, max: 999999",
}

KEPT_IN_COLUMNS = [
    name for name, kind in FIELD_TYPES.items() if FAMILIES[name] not in ("link", "links", "file")
]

GROUND = Ground(zone="Asia/Shanghai", language="en")

SAMPLES: dict[str, list[object]] = {
    "text": [
        "plain", "1,200.50", "13%", "2026-03-01", "2026-03-01 09:30", "9:30", "2h 30m", "重点",
        "no",
        "2026-03-01/2026-03-31", "x, y", "31.2304, 121.4737", "ada@example.org", "#0a7ea4",
        "https://example.org", "01890a5d-ac96-774b-bcce-b302099a8057", "a", "", " ",
    ],
    "integer": [Decimal(1), Decimal(0), Decimal(-5), Decimal("1234567890")],
    "percent": [Decimal("0.130000"), Decimal("-2")],
    "duration": [timedelta(hours=2, minutes=30), timedelta(days=-40), timedelta(days=300)],
    "date": [date(2026, 3, 1), date(2, 1, 1)],
    "datetime": [datetime(2026, 3, 1, 17, 0, tzinfo=UTC), datetime(2, 1, 1, tzinfo=UTC)],
    "time": [time(9, 30), time(23, 59, 59)],
    "period": [
        DateRange(date(2026, 3, 1), date(2026, 3, 2)), DateRange(date(2026, 3, 1), None),
        DateRange(date(2026, 3, 1), date(2026, 4, 1)), DateRange(None, date(2026, 3, 1)),
    ],
    "choice": ["a", "b"],
    "multi_choice": [["a"], ["b", "a"], []],
    "tags": [["x"], ["重点", "Other"], ["a,b"], []],
    "boolean": [True, False],
    "address": [Jsonb({"city": "Jena", "street": "Weg 1"}), Jsonb({})],
    "location": [Jsonb({"lat": 31.2, "lon": 121.5})],
    "json": [
        Jsonb(each)
        for each in (
            1, "2026-03-01", True, None, ["a", "b"], [1], {"lat": 1, "lon": 2}, {"city": "Jena"},
            {"lat": "x"}, {"city": 3}, "重点", "9:30", [], {},
        )
    ],
    "uuid": [UUID("01890a5d-ac96-774b-bcce-b302099a8057")],
}  # fmt: skip
"""Values of each type as the driver sends them; a type that is not named has its family's."""


def fields() -> dict[str, Field]:
    """Return a field of every type, each of the name of its type."""
    written = "".join(
        f"      f_{name}: {{type: {name}{', ' + MORE[name] if name in MORE else ''}}}\n"
        for name in KEPT_IN_COLUMNS
    )
    app = "format: 1\napp: {name: x, label: X, version: '1'}\nentities:\n  thing:\n    label: T\n"
    entity = load([read_text(f"{app}    fields:\n{written}", "x")]).entities["thing"]
    return {name: entity.fields[f"f_{name}"] for name in KEPT_IN_COLUMNS}


FIELDS = fields()


def column_of(name: str) -> str:
    """Return how a type's column is declared."""
    return column_type(FIELDS[name]).compile(dialect=DIALECT).replace(' COLLATE "C"', "")


def samples(name: str) -> list[object]:
    """Return values of a type."""
    if name in SAMPLES:
        return SAMPLES[name]
    if name == "rating":
        return [Decimal(3)]
    family = "text" if FAMILIES[name] in ("checked", "rich") else FAMILIES[name]
    return next(values for each, values in SAMPLES.items() if FAMILIES[each] == family)


def converted(connection: Any, value: object, source: str, *targets: str) -> list[Any]:
    """Return one value converted by PostgreSQL to each of the types."""
    old = FIELDS[source]
    found = [conversion(old, FIELDS[target], GROUND, "q") for target in targets]
    chosen = ", ".join(f"({each.value if each else 'NULL'})" for each in found)
    columns = [f'%s::{column_of(source)} AS "{old.column}"']
    if old.plain_column:
        columns.append(f'%s::text AS "{old.plain_column}"')
    query = f"SELECT {chosen.replace('%', '%%')} FROM (SELECT {', '.join(columns)}) q"
    return list(driver_of(connection).execute(query.encode(), (value,) * len(columns)).fetchone())


@pytest.mark.parametrize("source", KEPT_IN_COLUMNS)
def test_each_type_converts_to_every_other_as_the_table_says(
    installation: Any, source: str
) -> None:
    others = [name for name in KEPT_IN_COLUMNS if name != source]

    refused = {
        target
        for target in others
        if conversion(FIELDS[source], FIELDS[target], GROUND, "q") is None
    }
    assert refused == {name for name in others if verdict(source, name) == "refused"}
    with installation.database.registry() as connection:
        for value in samples(source):
            found = converted(connection, value, source, *others)
            lost = {name for name, each in zip(others, found, strict=True) if each is None}
            every = {name for name in others if verdict(source, name) == "every"}
            blank = value in ("", " ") or value == []
            assert not lost & every or blank, (value, lost & every)


likely = st.one_of(
    st.text(max_size=12).filter(lambda text: "\0" not in text),
    st.from_regex(r"[¥$]?[-+]?[0-9,]{1,9}([.][0-9]{1,4})?[%元]?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}日?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?",
        fullmatch=True,
    ),
    st.from_regex(
        r"-?[0-9]{1,5}:[0-9]{2}(:[0-9]{2})?|([0-9]{1,7}[dhms小时分秒天] ?){1,4}", fullmatch=True
    ),
    st.from_regex(r"-?[0-9]{1,3}([.][0-9]{1,8})?[,，] ?-?[0-9]{1,3}", fullmatch=True),
    st.sampled_from(["是", "no", " TRUE ", "重点", "key", "b", "0000-01-01", "2026-02-29", "，"]),
)


@settings(max_examples=examples(250), deadline=None)
@given(text=likely)
def test_no_text_makes_any_conversion_fail(installation: Any, text: str) -> None:
    targets = [name for name in KEPT_IN_COLUMNS if name != "text"]
    with installation.database.registry() as connection:
        converted(connection, text, "text", *targets)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | likely,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["lat", "lon", "city", "street", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=examples(100), deadline=None)
@given(value=json_values)
def test_no_json_makes_any_conversion_fail(installation: Any, value: object) -> None:
    targets = [name for name in KEPT_IN_COLUMNS if name != "json"]
    with installation.database.registry() as connection:
        converted(connection, Jsonb(value), "json", *targets)


@settings(max_examples=examples(150), deadline=None)
@given(text=likely)
def test_a_text_becomes_the_number_that_it_reads_as(installation: Any, text: str) -> None:
    with installation.database.registry() as connection:
        [found] = converted(connection, text, "text", "decimal")

    assert found == number_of(text)


@settings(max_examples=examples(150), deadline=None)
@given(text=likely)
def test_a_text_becomes_the_day_that_it_reads_as(installation: Any, text: str) -> None:
    with installation.database.registry() as connection:
        [found] = converted(connection, text, "text", "date")

    assert found == day_of(text)


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("decimal", st.decimals("-999999", "999999", places=2)),
        ("percent", st.decimals("-9", "9", places=6)),
        ("duration", st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(
            lambda each: timedelta(seconds=int(each.total_seconds())))),
        ("date", st.dates()),
        ("datetime", st.datetimes(datetime(2, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
            lambda each: each.replace(microsecond=0))),
        ("time", st.times().map(lambda each: each.replace(microsecond=0))),
        ("boolean", st.booleans()),
        ("choice", st.sampled_from("ab")),
        ("multi_choice", st.lists(st.sampled_from("abc"), min_size=1, unique=True)),
        ("period", st.tuples(st.dates(date(1, 1, 1), date(9999, 12, 30)), st.integers(0, 400)).map(
            lambda each: (each[0], min(each[0].toordinal() + each[1], 3652058)))),
    ],
)  # fmt: skip
def test_a_value_survives_the_way_to_text_and_back(
    installation: Any, source: str, values: Any, data: Any
) -> None:
    value = data.draw(values)
    if source == "period":
        value = DateRange(value[0], date.fromordinal(value[1] + 1))
    with installation.database.registry() as connection:
        [text] = converted(connection, value, source, "text")
        [back] = converted(connection, text, "text", source)

    assert back == value


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("13%", "text", "percent", Decimal("0.130000")),
        ("0.13", "text", "percent", Decimal("0.130000")),
        ("1,2", "text", "decimal", None),
        ("¥1,200.5元", "text", "money", Decimal("1200.50")),
        ("重点", "text", "choice", "a"),
        ("OTHER", "text", "choice", "b"),
        ("else", "text", "choice", None),
        ("Key；other, 重点", "text", "multi_choice", ["a", "b"]),
        ("Key, else", "text", "multi_choice", None),
        ("x, y；z, x", "text", "tags", ["x", "y", "z"]),
        (["x"], "tags", "text", "x"),
        (["x", "y"], "tags", "text", "x, y"),
        (["b", "a"], "multi_choice", "tags", ["Other", "Key"]),
        (["b"], "multi_choice", "choice", "b"),
        (["b", "a"], "multi_choice", "choice", None),
        ("a", "choice", "multi_choice", ["a"]),
        ("a", "choice", "text", "Key"),
        ("是", "text", "boolean", True),
        ("No", "text", "boolean", False),
        ("perhaps", "text", "boolean", None),
        (True, "boolean", "decimal", Decimal(1)),
        (True, "boolean", "text", "yes"),
        (Decimal("0.13"), "percent", "text", "13%"),
        ("2026-03-01T17:00:00Z", "datetime", "date", date(2026, 3, 2)),
        ("2026-03-01T17:00:00Z", "datetime", "time", time(1, 0)),
        ("2026-03-01 09:30", "text", "datetime", datetime(2026, 3, 1, 1, 30, tzinfo=UTC)),
        ("2026年3月1日", "text", "date", date(2026, 3, 1)),
        ("1.3.2026", "text", "date", date(2026, 3, 1)),
        ("20260301", "text", "date", date(2026, 3, 1)),
        ("9点30分", "text", "time", time(9, 30)),
        ("2小时30分", "text", "duration", timedelta(hours=2, minutes=30)),
        ("1:05:09", "text", "duration", timedelta(hours=1, minutes=5, seconds=9)),
        (timedelta(hours=2), "duration", "integer", Decimal(7200)),
        ("2026-03-01 至 2026-03-31", "text", "period",
         DateRange(date(2026, 3, 1), date(2026, 4, 1))),
        ("31.2304，121.4737", "text", "location", {"lat": 31.2304, "lon": 121.4737}),
        ("a < b", "text", "rich_text", "<p>a &lt; b</p>"),
        (Decimal("1234567"), "decimal", "rating", None),
        (Decimal(2), "decimal", "boolean", None),
        ("not a mail", "text", "email", None),
        (Jsonb(["a", "Other"]), "json", "multi_choice", ["a", "b"]),
        (Jsonb({"city": "Jena"}), "json", "address", {"city": "Jena"}),
        (Jsonb({"town": "Jena"}), "json", "address", None),
    ],
)  # fmt: skip
def test_a_value_converts_as_a_person_would_expect(
    installation: Any, value: object, source: str, target: str, expected: object
) -> None:
    with installation.database.registry() as connection:
        assert converted(connection, value, source, target) == [expected]


def number_of(text: str) -> Decimal | None:
    """Return what a text reads as: digits, in groups of three or not, within sixteen of them."""
    plain = text.strip(" ").removeprefix("¥").removeprefix("$").removeprefix(" ")
    plain = plain.removesuffix("元").removesuffix(" ") if plain.endswith("元") else plain
    bare = plain[1:] if plain[:1] in ("+", "-") else plain
    whole, point, rest = bare.partition(".")
    groups = whole.split(",")
    grouped = len(groups) == 1 or (
        1 <= len(groups[0]) <= 3 and all(len(each) == 3 for each in groups[1:])
    )
    digits = "".join(groups) + rest
    if not grouped or not (digits.isascii() and digits.isdigit()) or (point and not rest):
        return None
    if not whole:
        return None
    try:
        with localcontext(rounding=ROUND_HALF_UP, prec=60):
            value = Decimal(plain.replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return value if abs(value) < 10**16 else None


def day_of(text: str) -> date | None:
    """Return the day that a text reads as: year first, or all in one, or behind two dots."""
    bare = text.strip(" ")
    for midnight in ("00:00:00", "00:00"):
        for sign in ("T", " "):
            bare = bare.removesuffix(f"{sign}{midnight}")
    if len(bare) == 8 and bare.isascii() and bare.isdigit():
        parts = [bare[:4], bare[4:6], bare[6:]]
    else:
        parts = bare.translate(str.maketrans("年月/.", "----", "日")).split("-")
        if bare.count(".") == 2 and len(parts) == 3 and len(parts[2]) == 4 and len(parts[0]) <= 2:
            parts = parts[::-1]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if len(parts[0]) != 4 or not all(len(part) <= 2 for part in parts[1:]):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None
