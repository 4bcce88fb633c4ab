"""Values from the wire become what their field holds, or are refused with a code."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiled import CompiledModel, compile_model
from engine.values.parts import Period
from engine.values.payload import load_payload
from engine.values.wire import field_to_wire
from metamodel import load, read_text
from metamodel.fieldtypes import FIELD_TYPES

APP = """
format: 1
app: {name: all, label: All, version: "1.0", languages: [en]}
entities:
  thing:
    label: Thing
    title: text
    fields:
      text: {type: text, max_length: 5}
      long_text: {type: long_text}
      email: {type: email}
      phone: {type: phone}
      url: {type: url}
      code: {type: code, pattern: "[A-Z]{2}-[0-9]+"}
      integer: {type: integer, min: 0}
      decimal: {type: decimal, scale: 3}
      money: {type: money}
      percent: {type: percent}
      rating: {type: rating}
      progress: {type: progress}
      duration: {type: duration}
      date: {type: date}
      datetime: {type: datetime}
      time: {type: time}
      choice: {type: choice, options: {a: {label: A}, b: {label: B}}}
      multi_choice: {type: multi_choice, options: {a: {label: A}, b: {label: B}}}
      boolean: {type: boolean}
      tags: {type: tags}
      address: {type: address}
      color: {type: color}
      json: {type: json}
      rich_text: {type: rich_text}
      barcode: {type: barcode}
      period: {type: period}
      location: {type: location}
"""

GOOD = {
    "text": ("abc", "abc"),
    "long_text": ("two\nlines", "two\nlines"),
    "email": ("a@b.cn", "a@b.cn"),
    "phone": ("+86 21 5555", "+86 21 5555"),
    "url": ("https://a.cn/x", "https://a.cn/x"),
    "code": ("AB-12", "AB-12"),
    "integer": (7, Decimal(7)),
    "decimal": ("1.250", Decimal("1.25")),
    "money": ("1234.50", Decimal("1234.5")),
    "percent": ("13%", Decimal("0.13")),
    "rating": (4, Decimal(4)),
    "progress": (0, Decimal(0)),
    "duration": (90, timedelta(seconds=90)),
    "date": ("2026-02-28", date(2026, 2, 28)),
    "datetime": ("2026-02-28T08:00:00+08:00", datetime(2026, 2, 28, tzinfo=UTC)),
    "time": ("09:30:00", time(9, 30)),
    "choice": ("a", "a"),
    "multi_choice": (["b", "a"], ("b", "a")),
    "boolean": (True, True),
    "tags": (["x", "y"], ("x", "y")),
    "address": ({"city": "上海"}, {"city": "上海"}),
    "color": ("#3366ff", "#3366ff"),
    "json": ({"a": [1, None]}, {"a": [1, None]}),
    "rich_text": ("<p>a</p>", "<p>a</p>"),
    "barcode": ("X-1", "X-1"),
    "period": ({"from": "2026-02-28"}, Period(date(2026, 2, 28))),
    "location": ({"lat": 1, "lon": "2.5"}, {"lat": 1.0, "lon": 2.5}),
}

BAD = [
    ("text", "too long", "too_long"),
    ("text", "a\0b", "invalid_characters"),
    ("text", "\ud800", "invalid_characters"),
    ("text", 5, "invalid_text"),
    ("email", "nobody", "invalid_email"),
    ("url", "ftp:x", "invalid_url"),
    ("code", "ab", "pattern"),
    ("integer", "1.5", "invalid_integer"),
    ("integer", -1, "out_of_range"),
    ("integer", True, "invalid_number"),
    ("money", "12.345", "too_many_decimals"),
    ("money", "1e30", "too_many_digits"),
    ("money", "NaN", "invalid_number"),
    ("percent", "x%", "invalid_number"),
    ("duration", "1.5", "invalid_duration"),
    ("date", "2026-02-30", "invalid_date"),
    ("datetime", "2026-02-28T08:00:00", "invalid_datetime"),
    ("time", "25:00", "invalid_time"),
    ("choice", "c", "unknown_choice"),
    ("multi_choice", "a", "invalid_list"),
    ("boolean", "maybe", "invalid_boolean"),
    ("address", {"planet": "x"}, "invalid_address"),
    ("color", "#12", "invalid_color"),
    ("json", {"a": "\0"}, "invalid_characters"),
]


@pytest.fixture(scope="module")
def compiled() -> CompiledModel:
    return compile_model(load([read_text(APP, "all.yaml")]))


def loaded(compiled: CompiledModel, values: object) -> tuple[dict[str, object], list[str]]:
    found = load_payload(compiled, compiled.model.entities["thing"], values)
    return dict(found.values), [error.code for error in found.errors]


def test_every_type_that_can_be_entered_has_a_case() -> None:
    elsewhere = {"link", "user", "department", "team", "links", "users", "file", "image",
                 "signature", "autonumber", "uuid"}  # fmt: skip

    assert set(FIELD_TYPES) - elsewhere == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_a_value_is_read_as_its_type_and_goes_back_over_the_wire(
    compiled: CompiledModel, name: str
) -> None:
    sent, held = GOOD[name]

    values, errors = loaded(compiled, {name: sent})
    field = compiled.model.entities["thing"].fields[name]
    again, _ = loaded(compiled, {name: field_to_wire(field, values[name])})

    assert (values, errors) == ({name: held}, [])
    assert again == values


@pytest.mark.parametrize("name", GOOD)
def test_blank_is_blank_in_every_type(compiled: CompiledModel, name: str) -> None:
    values, errors = loaded(compiled, {name: None})

    assert (values, errors) == ({name: False if name == "boolean" else None}, [])


@pytest.mark.parametrize(("name", "sent", "code"), BAD)
def test_what_a_field_cannot_hold_is_refused(
    compiled: CompiledModel, name: str, sent: object, code: str
) -> None:
    assert loaded(compiled, {name: sent}) == ({}, [code])


def test_an_unknown_field_names_the_nearest(compiled: CompiledModel) -> None:
    found = load_payload(compiled, compiled.model.entities["thing"], {"mony": 1, "money": 2})

    assert [(e.code, e.path, e.params["near"]) for e in found.errors] == [
        ("unknown_field", ("mony",), "money")
    ]


@pytest.mark.parametrize("payload", [None, 5, "text", [], [{}]])
def test_what_is_no_record_is_refused(compiled: CompiledModel, payload: object) -> None:
    assert loaded(compiled, payload)[1] == ["invalid_record"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@given(payload=st.dictionaries(st.sampled_from([*GOOD, "other"]), anything))
def test_whatever_is_sent_gets_values_or_errors_and_never_fails(payload: dict[str, object]) -> None:
    values, errors = loaded(MODEL, payload)

    assert len(values) + len(errors) >= len(payload)


MODEL = compile_model(load([read_text(APP, "all.yaml")]))
