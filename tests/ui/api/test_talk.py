"""Comments stand beside changes and files in a record's line of time."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.ui.api.calling import Api, Calling, codes


@pytest.fixture
def customer(api: Api, name: str) -> str:
    return str(api.create("customer", name=name)["id"])


def test_what_became_of_a_record_stands_in_one_line(api: Api, customer: str) -> None:
    api.call("POST", f"/records/customer/{customer}/comments", {"body": "Called today"})
    api.call("POST", f"/records/customer/{customer}/files", b"plain words",
             query={"name": "notes.txt"})  # fmt: skip
    api.call("PATCH", f"/records/customer/{customer}", {"limit": "5"})

    found = api.get(f"/records/customer/{customer}/timeline")["data"]

    kinds = [each["kind"] for each in found]
    assert kinds == ["change", "file", "comment", "change"]
    assert found[1]["file"]["name"] == "notes.txt"
    assert found[2]["comment"]["body"] == "Called today"
    assert found[2]["by"]["title"] == "Lin Xiao"


def test_pages_follow_each_other_without_a_gap(api: Api, customer: str) -> None:
    for number in range(5):
        api.call("POST", f"/records/customer/{customer}/comments", {"body": f"No. {number}"})

    pages: list[str] = []
    before: dict[str, str] = {}
    while page := api.get(f"/records/customer/{customer}/timeline", limit="2", **before)["data"]:
        pages += [each["comment"]["body"] for each in page if each["kind"] == "comment"]
        before = {"before": page[-1]["id"]}

    assert pages == [f"No. {number}" for number in reversed(range(5))]


@pytest.mark.parametrize(
    ("body", "code"), [("", "required"), (" \n", "required"), ("x" * 10_001, "too_long")]
)
def test_a_comment_needs_words(api: Api, customer: str, body: str, code: str) -> None:
    answer = api.call("POST", f"/records/customer/{customer}/comments", {"body": body})

    assert answer.status_code == 422
    assert ("body", code) in codes(answer)


def test_people_who_are_not_there_cannot_be_spoken_to(api: Api, customer: str) -> None:
    sent = {"body": "Look", "mentions": [str(uuid4())]}

    answer = api.call("POST", f"/records/customer/{customer}/comments", sent)

    assert ("mentions", "link_missing") in codes(answer)


def test_a_record_that_is_not_theirs_is_not_talked_about(calling: Calling, api: Api) -> None:
    stranger = calling("clerk")
    product = api.create("product", name=f"P {uuid4().hex[:6]}", price="1")["id"]

    for method, path in (("POST", "comments"), ("GET", "timeline")):
        answer = stranger.call(method, f"/records/product/{product}/{path}", {"body": "Hm"})
        assert answer.status_code == 404, answer.text


def test_a_repeated_comment_is_said_once(api: Api, customer: str) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    path = f"/records/customer/{customer}/comments"

    first, again = (api.call("POST", path, {"body": "Once"}, headers=key) for _ in range(2))

    assert first.json == again.json
    found = api.get(f"/records/customer/{customer}/timeline")["data"]
    assert [each["kind"] for each in found].count("comment") == 1


def test_own_words_are_changed_and_taken_back_and_nobody_elses(api: Api, calling: Calling) -> None:
    customer = api.create("customer", name=f"Own {uuid4().hex[:6]}")["id"]
    path = f"/records/customer/{customer}/comments"
    said = api.call("POST", path, {"body": "Frist"}).json["id"]

    mended = api.call("PATCH", f"{path}/{said}", {"body": "First"})
    other = calling("clerk").call("PATCH", f"{path}/{said}", {"body": "Mine"})

    assert (mended.status_code, mended.json["body"]) == (200, "First")
    assert mended.json["edited_at"] is not None
    assert other.status_code == 404
    assert calling("clerk").call("DELETE", f"{path}/{said}").status_code == 404
    assert api.call("DELETE", f"{path}/{said}").status_code == 204
    kinds = [each["kind"] for each in api.get(f"/records/customer/{customer}/timeline")["data"]]
    assert "comment" not in kinds
