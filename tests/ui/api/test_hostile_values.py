"""Whatever is sent as a value gets a clear 422, and nothing of the request is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.context import Context
from tests.conformance.fields import CASES
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling

FIELDS = "\n".join(f"      f_{name}: {{type: {name}{case.more}}}" for name, case in CASES.items())

APP = f"""
format: 1
app: {{name: every, label: Every, languages: [en, zh]}}
entities:
  thing:
    label: Thing
    title: name
    fields:
      name: {{type: text, unique: true}}
      others: {{type: links, to: thing}}
      papers: {{type: file}}
      boss: {{type: user}}
{FIELDS}
"""


@pytest.fixture(scope="session")
def every(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


@pytest.fixture(scope="session")
def writer(calling: Calling, every: Context) -> Api:
    return calling(ctx=every)


def refused(api: Api, body: bytes | dict[str, Any]) -> list[str]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = api.call("POST", "/records/thing", sent, content_type="application/json")
    assert answer.status_code == 422, answer.text[:300]
    assert all(each["message"] for each in answer.json.get("errors", []))
    return [each["code"] for each in answer.json.get("errors", [])] or [answer.json["code"]]


@pytest.mark.parametrize("name", CASES)
def test_a_bad_value_beside_a_good_one_leaves_nothing(writer: Api, name: str) -> None:
    for at, (value, code) in enumerate(CASES[name].bad):
        try:
            body = json.dumps({"name": f"{name} {at}", f"f_{name}": value}, allow_nan=False)
        except ValueError:
            continue
        codes = refused(writer, body.encode())
        assert codes == [code], (value, codes)

    assert writer.get("/records/thing", filter=f'STARTSWITH(name, "{name} ")')["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "\xff\xfe"}',
        b'{"name": NaN}',
        b'{"f_integer": Infinity}',
        b'{"f_integer": ' + b"9" * 10_000 + b"}",
        b'{"f_json": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"f_json": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b'{"name": "a", "name": "b"',
        b"\x00",
    ],
    ids=["utf-8", "nan", "infinity", "digits", "deep list", "deep object", "cut off", "nul"],
)
def test_a_body_that_is_no_json_is_refused_whole(writer: Api, body: bytes) -> None:
    assert refused(writer, body) == ["invalid_json"]


def test_json_that_is_deep_but_readable_is_refused_at_its_field(writer: Api) -> None:
    body = b'{"f_json": ' + b"[" * 40 + b"]" * 40 + b"}"

    assert refused(writer, body) == ["json_too_large"]


def test_all_that_is_wrong_with_a_record_is_said_at_once(writer: Api) -> None:
    body = {f"f_{name}": case.bad[0][0] for name, case in CASES.items() if name != "boolean"}

    answer = writer.call("POST", "/records/thing", body)

    assert answer.status_code == 422
    assert {each["path"][0] for each in answer.json["errors"]} == set(body)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("others", ["\u0000"], "invalid_id"),
        ("others", [[]], "invalid_id"),
        ("others", [{"id": {"id": 1}}], "invalid_id"),
        ("others", {"add": 7}, "invalid_list"),
        ("papers", ["00000000-0000-0000-0000-000000000001"], "link_missing"),
        ("papers", [None], "link_missing"),
        ("boss", {"email": "\ud800"}, "invalid_characters"),
        ("boss", 10**30, "invalid_id"),
    ],
)
def test_what_is_no_record_is_not_linked(writer: Api, field: str, value: object, code: str) -> None:
    assert refused(writer, {"name": "linked", field: value}) == [code]
