"""Who reads the audit log through the API, and what it tells (A-10, A-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engine.audit.event import PersonEvent
from engine.context import Origin
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from tests.ui.api.conftest import STORE


def kinds(events: Sequence[Any]) -> list[str]:
    return [each["kind"] for each in events]


def person_of(api: Api) -> str:
    """Return the row of the person who holds a token."""
    bearer = api.house.accounts.bearer(api.token)
    assert bearer is not None
    ctx = api.house.contexts.make(
        api.ctx.tenant.name, bearer.account.id, language="en", cause=api.ctx.cause
    )
    return str(ctx.actor.user)


@pytest.fixture
def api(calling: Calling) -> Api:
    """Somebody of whom the log tells nothing yet but that they were entered."""
    return calling()


def test_a_refusal_is_told_with_who_asked_for_what(api: Api, calling: Calling) -> None:
    customer = api.create("customer", name="Known")["id"]
    clerk = calling("clerk")
    refused = clerk.call("DELETE", f"/records/customer/{customer}")

    [event] = api.get("/audit", kind="refused", person=person_of(clerk))["data"]

    assert refused.status_code in (403, 404)
    assert (event["entity"], event["door"], event["name"]) == ("customer", "api", "Lin Xiao")
    assert event["detail"]["code"] in ("forbidden", "not_found")


def test_who_would_leave_nobody_to_administer_is_told_of(
    calling: Calling, tenant_of: TenantMaker
) -> None:
    last = calling(ctx=tenant_of(STORE))

    refused = last.call("PATCH", f"/records/user/{person_of(last)}", {"roles": ["clerk"]})

    assert refused.status_code == 422
    [event] = last.get("/audit", kind="refused")["data"]
    assert event["detail"]["code"] == "nobody_administers"


def test_an_export_is_told_with_how_much_went_out(api: Api) -> None:
    api.create("customer", name="Exported only")
    assert api.call("GET", "/export/customer", query={"filter": 'name = "Exported only"'}).data

    [event] = api.get("/audit", kind="exported", person=person_of(api))["data"]

    assert event["detail"]["rows"] == 1
    assert event["detail"]["whole"] is True
    assert "Exported only" in event["detail"]["filter"]


def test_a_person_who_is_given_roles_is_told_with_before_and_after(api: Api) -> None:
    user = person_of(api)
    api.call("PATCH", f"/records/user/{user}", {"roles": ["administrator", "clerk"]})

    event = api.get("/audit", kind="roles_changed", record=user)["data"][0]

    assert event["before"]["roles"] == ["administrator"]
    assert event["after"]["roles"] == ["administrator", "clerk"]


def test_sign_ins_of_members_stand_between_the_tenants_own_events(
    api: Api, calling: Calling
) -> None:
    bearer = api.house.accounts.bearer(api.token)
    assert bearer is not None
    email, origin = bearer.account.email, Origin("198.51.100.7", "Browser", "s")
    api.house.doors.note(PersonEvent("sign_in", bearer.account.id, email, origin=origin))
    api.house.doors.note(PersonEvent("sign_in_refused", None, email.upper(), origin=origin))
    api.house.doors.note(PersonEvent("sign_in", UUID(int=9), "x@example.org", origin=origin))

    events = api.get("/audit", address="198.51.100.7", person=person_of(api))["data"]

    assert sorted(kinds(events)) == ["sign_in", "sign_in_refused"]
    assert all(each["installation"] for each in events)
    assert {each["person"] for each in events} == {person_of(api)}


def test_who_tries_a_tenant_that_is_not_theirs_is_told_of_there(
    api: Api, calling: Calling, tenant_of: TenantMaker
) -> None:
    stranger = calling(ctx=tenant_of(STORE))
    trespassing = replace(stranger, ctx=api.ctx)

    refused = trespassing.call("GET", "/metadata", headers={"User-Agent": "Trespasser"})

    assert refused.status_code == 404
    [event] = api.get("/audit", kind="refused", q="trespasser")["data"]
    assert (event["installation"], event["person"]) == (True, None)


def test_pages_follow_each_other_without_a_gap(api: Api) -> None:
    for _ in range(7):
        api.call("GET", "/export/customer")
    wanted = {"kind": "exported", "person": person_of(api)}

    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        found = api.get("/audit", limit="3", cursor=cursor, **wanted)
        pages.append([each["id"] for each in found["data"]])
        cursor = found["next"]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({each for page in pages for each in page}) == 7


@pytest.mark.parametrize("format_", ["csv", "jsonl", "xlsx"])
def test_the_log_comes_as_a_file_and_that_is_told_too(api: Api, format_: str) -> None:
    answer = api.call("GET", "/audit/file", query={"format": format_})

    assert answer.status_code == 200
    assert len(answer.data) > 100
    told = api.get("/audit", kind="exported", person=person_of(api))["data"]
    assert [each["entity"] for each in told] == ["sys_audit"]


def test_words_are_found_however_they_are_cased(api: Api) -> None:
    api.call("GET", "/export/customer", query={"filter": 'name = "Needle in a stack"'})

    found = api.get("/audit", q="needle IN", person=person_of(api))["data"]

    assert kinds(found) == ["exported"]


@pytest.mark.parametrize(("role", "scopes"), [("clerk", ("all",)), ("administrator", ("read",))])
def test_others_are_refused(calling: Calling, role: str, scopes: tuple[str, ...]) -> None:
    answer = calling(role, *scopes).call("GET", "/audit")

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [({"since": "yesterday"}, 422), ({"cursor": "x"}, 410), ({"entity": "nobody"}, 404),
     ({"person": "me"}, 422), ({"format": "csv"}, 422)],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(api: Api, query: dict[str, str], status: int) -> None:
    assert api.call("GET", "/audit", query=query).status_code == status
