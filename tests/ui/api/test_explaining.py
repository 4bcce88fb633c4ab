"""Asking over the API why somebody may or may not."""

from __future__ import annotations

from tests.ui.api.calling import Api, Calling


def test_a_record_says_what_its_reader_may_do_with_it(api: Api, name: str) -> None:
    made = api.create("customer", name=name)

    found = api.get(f"/records/customer/{made['id']}/access")

    assert found["actions"]["read"]["allowed"]
    assert found["actions"]["read"]["rules"][0]["kind"] == "everything"
    assert found["fields"]["name"]["writable"]
    assert name not in str(found)


def test_a_record_that_is_not_there_explains_nothing(api: Api) -> None:
    answer = api.call("GET", "/records/customer/00000000-0000-7000-8000-00000000ffff/access")

    assert answer.status_code == 404


def test_others_are_asked_about_by_who_may(api: Api, calling: Calling, name: str) -> None:
    me = api.get("/records/user")["data"][0]["id"]

    refused = calling("clerk").call("GET", "/access/customer", query={"user": me})
    fine = api.speaking("zh").get("/access/customer", user=me)

    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert set(fine["actions"]) == {"create", "read", "update", "delete", "export", "import"}
    assert all(each["sentence"] for each in fine["actions"].values())


def test_a_view_says_whether_it_shows_a_record(api: Api, name: str) -> None:
    made = api.create("customer", name=name)

    found = api.get(f"/records/customer/{made['id']}/access", view="all")

    assert found["listed"] == "shown"
