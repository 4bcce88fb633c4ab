"""The app is reshaped over the API as on the screens: drafts, plans, versions (P-04, P-38)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling

STORE = (Path(__file__).parent / "store.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def admin(tenant_of: TenantMaker, calling: Calling) -> Api:
    return calling(ctx=tenant_of(STORE))


@pytest.fixture
def field() -> str:
    return f"f_{uuid4().hex[:8]}"


def _adding(field: str, **more: object) -> dict[str, object]:
    return {"entities": {"customer": {"fields": {field: {"type": "text", **more}}}}}


def _begun(admin: Api, layer: dict[str, object]) -> str:
    made = admin.call("POST", "/drafts", {"title": "More fields", "layer": layer})
    assert made.status_code == 201, made.text
    return str(made.json["name"])


def _sent(admin: Api, path: str, body: object = None) -> Any:
    answer = admin.call("POST", path, {} if body is None else body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_draft_is_planned_published_and_gone(admin: Api, field: str) -> None:
    name = _begun(admin, _adding(field))

    plan = _sent(admin, f"/drafts/{name}/plan")
    published = _sent(admin, f"/drafts/{name}/publish", {"expected": plan["over"]})

    assert [each["code"] for each in plan["steps"]] == ["add_column"]
    assert plan["changes"][0]["path"] == ["entities", "customer", "fields", field]
    assert published == {"revision": plan["over"] + 1}
    assert field in admin.create("customer", name=field, **{field: "x"})
    assert admin.call("GET", f"/drafts/{name}").status_code == 404


def test_going_back_takes_a_field_away_and_says_so_before(admin: Api, field: str) -> None:
    before = admin.get("/revisions")["data"][0]["number"]
    _sent(admin, f"/drafts/{_begun(admin, _adding(field))}/publish")
    admin.create("customer", name=field, **{field: "a value"})

    plan = _sent(admin, f"/revisions/{before}/restore", {"dry_run": True})
    refused = admin.call("POST", f"/revisions/{before}/restore", {"expected": before + 1})
    back = _sent(admin, f"/revisions/{before}/restore", {"allow_loss": True, "message": "No"})

    assert plan["risk"] == "loses"
    assert (refused.status_code, refused.json["code"]) == (409, "data_loss")
    assert back["revision"] == before + 2
    newest = admin.get("/revisions")["data"][0]
    assert newest["number"] == back["revision"]
    changes = admin.get(f"/revisions/{before + 1}/diff/{back['revision']}")["changes"]
    assert ("retired", field) in {(each["kind"], each["path"][-1]) for each in changes}


def test_a_layer_is_sent_as_yaml_and_read_back(admin: Api, field: str) -> None:
    name = _begun(admin, {})
    text = f"entities: {{customer: {{fields: {{{field}: {{type: date}}}}}}}}"

    put = admin.call("PUT", f"/drafts/{name}", text.encode(), content_type="application/yaml")
    merged = admin.call("PATCH", f"/drafts/{name}", _adding(f"{field}_too"))
    read = admin.call("GET", f"/drafts/{name}", headers={"Accept": "application/yaml"})

    assert put.json["layer"]["entities"]["customer"]["fields"] == {field: {"type": "date"}}
    assert (merged.status_code, merged.json["version"]) == (200, 3)
    assert f"{field}_too" in read.text and read.mimetype == "application/yaml"
    assert read.headers["ETag"] == '"3"'


def test_every_problem_of_a_layer_is_listed_with_its_place(admin: Api, field: str) -> None:
    name = _begun(admin, {})
    text = f"entities:\n  customer:\n    fields:\n      {field}: {{type: txt}}\n  nowhere: {{}}\n"

    answer = admin.call("PUT", f"/drafts/{name}", text.encode(), content_type="application/yaml")

    assert (answer.status_code, answer.json["code"]) == (422, "definition_invalid")
    found = {(each["code"], each["line"]) for each in answer.json["problems"]}
    assert ("unknown_value", 4) in found
    assert all(each["message"] and each["path"] for each in answer.json["problems"])


def test_a_draft_of_another_version_is_not_written_over(admin: Api, field: str) -> None:
    name = _begun(admin, {})
    admin.call("PATCH", f"/drafts/{name}", _adding(field))

    late = admin.call("PATCH", f"/drafts/{name}", _adding("b"), headers={"If-Match": '"1"'})

    assert (late.status_code, late.json["code"]) == (412, "draft_changed")


def test_what_others_published_is_asked_and_decided(admin: Api, field: str) -> None:
    mine = _begun(admin, _adding(field, label="Mine"))
    _sent(admin, f"/drafts/{_begun(admin, _adding(field, label='Theirs'))}/publish")

    refused = admin.call("POST", f"/drafts/{mine}/publish", {})
    (question,) = admin.get(f"/drafts/{mine}")["questions"]
    answers = {"answers": [{"path": question["path"], "answer": "theirs"}]}
    decided = _sent(admin, f"/drafts/{mine}/decide", answers)

    assert (refused.status_code, refused.json["code"]) == (409, "draft_undecided")
    assert (question["kind"], question["path"][-1]) == ("both_added", field)
    assert decided["questions"] == []
    _sent(admin, f"/drafts/{mine}/publish")


def test_a_repeated_request_begins_one_draft(admin: Api) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    first, again = (admin.call("POST", "/drafts", {"title": "Once"}, headers=key) for _ in range(2))

    assert first.json["name"] == again.json["name"]
    named = [each["name"] for each in admin.get("/drafts")["data"]]
    assert named.count(first.json["name"]) == 1


def test_decimals_of_a_layer_stay_numbers(admin: Api, field: str) -> None:
    layer = {"entities": {"customer": {"fields": {field: {"type": "decimal", "min": 0.5}}}}}

    name = _begun(admin, layer)
    admin.call("PATCH", f"/drafts/{name}", layer)

    text = admin.call("GET", f"/drafts/{name}", headers={"Accept": "application/yaml"}).text
    assert "min: 0.5" in text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/drafts", {"title": "a\0b"}),
        ("/drafts", {"title": "a\ud800b"}),
        ("/drafts/{name}/publish", {"message": "a\0b"}),
        ("/drafts/{name}/publish", {"message": "\ud800"}),
    ],
)
def test_what_no_text_can_hold_is_refused(
    admin: Api, field: str, path: str, body: dict[str, object]
) -> None:
    name = _begun(admin, _adding(field))

    answer = admin.call("POST", path.format(name=name), body)

    assert (answer.status_code, answer.json["code"]) == (422, "record_refused")
    assert [each["code"] for each in answer.json["errors"]] == ["invalid_characters"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_name_that_no_draft_can_have_is_not_there(admin: Api, method: str) -> None:
    assert admin.call(method, "/drafts/a%00b").status_code == 404


@pytest.mark.parametrize("deep", [100, 400, 900])
def test_a_layer_that_is_nested_too_deep_is_refused(admin: Api, deep: int) -> None:
    name = _begun(admin, {})
    layer = f'{{"entities": {"[" * deep + "]" * deep}}}'.encode()
    begun = b'{"title": "Deep", "layer": ' + layer + b"}"

    merged = admin.call("PATCH", f"/drafts/{name}", layer, content_type="application/json")
    made = admin.call("POST", "/drafts", begun, content_type="application/json")

    assert (merged.status_code, made.status_code) == (422, 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/drafts"),
        ("POST", "/drafts"),
        ("GET", "/revisions"),
        ("POST", "/revisions/1/restore"),
    ],
)
def test_only_administrators_with_a_whole_token_reshape(
    calling: Calling, method: str, path: str
) -> None:
    body = {"title": "x"} if path == "/drafts" else {}
    sent = None if method == "GET" else body

    for someone in (calling("clerk"), calling("administrator", "read")):
        assert someone.call(method, path, sent).status_code == 403


def test_a_token_that_names_what_is_renamed_reaches_it_under_both_names(
    tenant_of: TenantMaker, calling: Calling
) -> None:
    """Who takes the former name over is meant by it from then on; a plan names who loses by it."""
    ctx = tenant_of(STORE)
    admin = calling(ctx=ctx)
    narrow = calling("administrator", "customer:read", "shed:read", "shed:create", ctx=ctx)
    fields = {"title": "name", "fields": {"name": {"type": "text"}}}
    firm: dict[str, object] = {"firm": {"renamed_from": "customer"}}
    shed = {"shed": {"label": "Shed", **fields}}

    _sent(admin, f"/drafts/{_begun(admin, {'entities': firm | shed})}/publish")

    said = [narrow.call("GET", f"/records/{name}").status_code for name in ("firm", "customer")]
    assert said == [200, 200]
    assert narrow.call("GET", "/records/product").status_code == 403
    assert narrow.call("POST", "/records/firm", {"name": "A"}).status_code == 403

    gone: dict[str, object] = {"shed": {"label": "Shed", "$retire": True, **fields}}
    plan = _sent(admin, f"/drafts/{_begun(admin, {'entities': firm | gone})}/plan")
    [told] = [each for each in plan["effects"] if each["code"] == "tokens_lose"]
    assert (told["entity"], told["rows"], len(told["samples"])) == ("shed", 1, 1)
    assert narrow.token not in str(plan)
