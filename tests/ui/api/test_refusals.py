"""Whatever is wrong with a call is answered at once, with its place, in the caller's language."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling, codes
from ui.settings import UiSettings

HAN = re.compile("[\u4e00-\u9fff]")
JSON = {"content_type": "application/json"}
NOBODY = "/records/customer/0198a000-0000-7000-8000-000000000000"

LISTS = [
    pytest.param({"limit": "0"}, "limit", "out_of_range", id="none"),
    pytest.param({"limit": "501"}, "limit", "out_of_range", id="too many"),
    pytest.param({"limit": "ten"}, "limit", "invalid_integer", id="a word"),
    pytest.param({"count": "all"}, "count", "unknown_choice", id="count"),
    pytest.param({"page": "2"}, "page", "unknown_argument", id="pages"),
    pytest.param({"expand": "name"}, "expand", "not_a_link", id="no link"),
]

QUERIES = [
    pytest.param({"filter": "amout > 1"}, "filter", "unknown_name", id="name"),
    pytest.param({"filter": "staff +"}, "filter", "unexpected", id="unfinished"),
    pytest.param({"filter": "staff"}, "filter", "wrong_result", id="no condition"),
    pytest.param({"sort": "-nobody"}, "sort", "unknown_name", id="sort"),
    pytest.param({"fields": "name,nobody"}, "fields", "unknown_name", id="field"),
]


@pytest.mark.parametrize(("query", "path", "code"), LISTS)
def test_a_list_refuses_what_it_does_not_know(
    api: Api, query: dict[str, str], path: str, code: str
) -> None:
    answer = api.call("GET", "/records/customer", query=query)

    assert (answer.status_code, codes(answer)) == (422, {(path, code)})


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/notices", {"limit": "0"}, ["1", "500"]),
        ("/notices", {"state": "lost"}, ["lost", "open", "unread", "done"]),
        ("/approvals", {"box": "lost"}, ["lost", "waiting", "copies"]),
        ("/records/customer", {"count": "lost"}, ["lost", "capped", "exact"]),
    ],
)
def test_what_a_parameter_may_be_is_said_whatever_it_is_called(
    api: Api, path: str, query: dict[str, str], said: list[str]
) -> None:
    (told,) = api.call("GET", path, query=query).json["errors"]

    assert [each for each in said if each not in told["message"]] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("query", "where", "code"), QUERIES)
def test_a_question_that_cannot_be_read_is_told_with_its_place(
    api: Api, language: str, query: dict[str, str], where: str, code: str
) -> None:
    answer = api.speaking(language).call("GET", "/records/customer", query=query)

    [error] = answer.json["errors"]
    assert (answer.status_code, answer.json["where"]) == (422, where)
    assert (error["code"], error["start"] <= error["end"]) == (code, True)
    assert bool(HAN.search(error["message"])) == (language == "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_error_of_a_record_is_told_at_once(api: Api, name: str, language: str) -> None:
    customer = api.create("customer", name=name)
    body = {
        "customer": {"name": "nobody"},
        "rate": "7",
        "stagee": "draft",
        "lines": [{"quantity": "many"}, {"product": customer["id"], "amount": "1"}],
    }

    answer = api.speaking(language).call("POST", "/records/order", body)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert codes(answer) >= {
        ("stagee", "unknown_field"),
        ("rate", "out_of_range"),
        ("lines.0.product", "required"),
        ("lines.0.quantity", "invalid_number"),
    }
    for error in answer.json["errors"]:
        assert bool(HAN.search(error["message"])) == (language == "zh"), error
        assert "“”" not in error["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "invalid_json", id="nothing"),
        pytest.param(b'{"name": "a"', "invalid_json", id="unfinished"),
        pytest.param(b'{"name": "\xff"}', "invalid_json", id="no unicode"),
        pytest.param(b'{"limit": NaN}', "invalid_json", id="not a number"),
        pytest.param(b"[" * 100_000, "invalid_json", id="too deep"),
        pytest.param(b'{"staff": 1' + b"0" * 5000 + b"}", "invalid_json", id="endless number"),
        pytest.param(b'["a"]', "object_expected", id="a list"),
    ],
)
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes, code: str) -> None:
    answer = api.call("POST", "/records/customer", body, **JSON)

    assert (answer.status_code, codes(answer)) == (422, {("", code)})


@pytest.mark.parametrize("lines", [None, 7, "x", [7], [None], {"create": 7}, {"other": []}])
def test_lines_that_are_none_are_refused(api: Api, name: str, lines: object) -> None:
    api.create("customer", name=name)

    answer = api.call("POST", "/records/order", {"customer": {"name": name}, "lines": lines})

    assert answer.status_code == 422
    assert {path.split(".")[0] for path, _ in codes(answer)} == {"lines"}


@pytest.mark.parametrize("text", ["a\u0000b", "\ud800"], ids=["nul", "half a character"])
def test_characters_that_cannot_be_kept_are_refused_wherever_they_come(api: Api, text: str) -> None:
    values = {"name": text, "email": text, "labels": [text], "level": text, "parent": text}

    for field, value in values.items():
        answer = api.call("POST", "/records/customer", {"name": "x", field: value})

        assert answer.status_code == 422, (field, answer.text)


@pytest.mark.parametrize("where", ["filter", "q", "sort", "fields", "expand", "cursor"])
def test_no_character_in_a_question_breaks_it(api: Api, where: str) -> None:
    for text in ("\u0000", 'name == "\u0000"', "\ud83d", "𝕏", "'", "%"):
        query = {where: text.encode("utf-8", "surrogatepass").decode("latin-1")}

        answer = api.call("GET", "/records/customer", query=query)

        assert answer.status_code in (200, 410, 422), answer.text


def test_a_body_of_another_type_is_refused(api: Api) -> None:
    answer = api.call("POST", "/records/customer", b"name=a", content_type="text/plain")

    assert (answer.status_code, answer.json["code"]) == (415, "media_type")


def test_a_body_beyond_all_measure_is_refused(api: Api) -> None:
    answer = api.call("POST", "/records/customer", b" " * (UiSettings().max_body + 1), **JSON)

    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(NOBODY, id="no such record"),
        pytest.param("/records/customer/7", id="no id"),
        pytest.param("/records/nobody", id="no such entity"),
        pytest.param("/records/sys_change", id="the engine's own"),
        pytest.param("/metadata/entities/nobody", id="no such model"),
        pytest.param("/import/7", id="no such import"),
        pytest.param("/nowhere/at/all", id="no such call"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_there_is_not_found(api: Api, path: str, language: str) -> None:
    answer = api.speaking(language).call("GET", path)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert bool(HAN.search(answer.json["detail"])) == (language == "zh")


def test_another_tenant_is_as_if_it_were_not_there(
    calling: Calling, api: Api, tenant_of: TenantMaker, name: str
) -> None:
    other = calling(ctx=tenant_of("format: 1\napp: {name: other, label: Other, version: '1'}\n"))
    record = api.create("customer", name=name)["id"]
    headers = {"Authorization": f"Bearer {other.token}"}

    answers = [
        api.call("GET", "/records/customer", headers=headers),
        api.call("GET", f"/records/customer/{record}", headers=headers),
        other.call("GET", f"/records/customer/{record}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize("header", ["", "Bearer x", "Bearer ", "Basic YTpi", "Bearer jo_nery"])
def test_nobody_gets_in_without_a_live_token(api: Api, header: str) -> None:
    answer = api.call("GET", "/records/customer", headers={"Authorization": header})

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_token_reaches_as_far_as_its_scopes(calling: Calling, name: str) -> None:
    reading = calling("administrator", "read")
    making = calling("administrator", "customer:create")

    made = making.call("POST", "/records/customer", {"name": name})
    calls = [
        reading.call("GET", "/records/customer"),
        reading.call("POST", "/records/customer", {"name": name + "2"}),
        reading.call("POST", "/bulk/customer", {"delete": [made.json["id"]]}),
        reading.call("POST", "/import/customer", b"name\nA\n", content_type="text/csv"),
        making.call("POST", "/records/product", {"name": name}),
        making.call("GET", "/records/customer"),
    ]

    assert made.status_code == 201
    assert [call.status_code for call in calls] == [200, 403, 403, 403, 403, 403]
    assert calls[1].json["code"] == "forbidden"


def test_a_role_reaches_as_far_as_its_rights(calling: Calling, api: Api, name: str) -> None:
    clerk = calling("clerk")
    path = f"/records/customer/{api.create('customer', name=name, secret='s', limit='5')['id']}"

    seen = clerk.get(path)
    asked = clerk.call("GET", "/records/customer", query={"filter": 'secret == "s"'})
    written = clerk.call("PATCH", path, {"limit": "6"})

    assert seen["limit"] == "5.00"
    assert "secret" not in seen
    assert asked.json["errors"][0]["code"] == "unknown_name"
    assert written.status_code in (403, 422)
    assert clerk.call("DELETE", path).status_code == 403


def test_a_cursor_of_another_question_is_stale(api: Api, name: str) -> None:
    for index in range(2):
        api.create("product", name=f"{name} {index}")
    cursor = api.get("/records/product", limit="1", sort="name")["next"]

    other = api.call("GET", "/records/product", query={"cursor": cursor, "sort": "-name"})
    bent = api.call("GET", "/records/product", query={"cursor": cursor[:-2] + "xx", "sort": "name"})

    assert [other.status_code, bent.status_code] == [410, 410]
    assert other.json["code"] == "cursor_stale"


def test_an_address_that_takes_no_arguments_says_so(api: Api) -> None:
    """It offered those it knows, and named none."""
    answer = api.call("GET", "/pools", query={"mine": "1"})

    assert (answer.status_code, codes(answer)) == (422, {("mine", "no_argument")})


def test_a_method_that_an_address_does_not_take_names_those_it_takes(api: Api) -> None:
    answer = api.call("PUT", "/records/customer")

    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_session_needs_its_own_token_to_change_anything(api: Api) -> None:
    client = api.client.application.test_client()
    email = f"p-{uuid4().hex[:8]}@example.com"
    account = api.house.accounts.create(
        email, name="P", password="four words are enough", language=""
    )
    signed_in = api.house.accounts.sign_in(email, "four words are enough", address="127.0.0.1")
    assert signed_in is not None and account is not None
    client.set_cookie("joinery_session", signed_in.secret)

    answer = client.post(f"/api/v1/{api.ctx.tenant.name}/records/customer", json={"name": "a"})

    assert (answer.status_code, answer.json["code"]) == (403, "csrf")
