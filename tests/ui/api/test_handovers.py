"""Handing over through the API: plan, order, state, list (A-13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attending import work
from tests.ui.api.calling import Api, Calling
from tests.ui.api.test_audit import person_of

ANYBODY = {"rules": [{"to": {"manager": True}}]}


def to(person: str) -> dict[str, Any]:
    return {"rules": [{"to": {"people": [person]}}]}


def work_off(api: Api) -> None:
    work(api.house)


def test_a_hand_over_is_planned_ordered_done_and_listed(api: Api, calling: Calling) -> None:
    leaver = person_of(calling("clerk"))
    heir = person_of(calling("clerk"))
    customer = api.create("customer", name="Handed over", owner=leaver)["id"]
    address = f"/people/{leaver}/handover"

    plan = api.call("POST", address, to(heir), query={"dry_run": "1"})
    ordered = api.call("POST", address, to(heir))
    work_off(api)

    assert (plan.status_code, ordered.status_code) == (200, 202)
    assert plan.json["complete"] is True
    assert ("customer", "owner", 0, 1) in {
        (each["entity"], each["field"], each["rule"], each["records"])
        for each in plan.json["parts"]
    }
    done = api.get(f"/handovers/{ordered.json['id']}")
    assert (done["state"], done["done"], done["total"]) == ("done", 1, 1)
    assert api.get(f"/records/customer/{customer}")["owner"]["id"] == heir
    report = api.call("GET", f"/handovers/{done['id']}/report", query={"format": "csv"})
    assert "Handed over" in report.text
    assert [each["id"] for each in api.get(address)["data"]] == [done["id"]]


def test_the_token_of_who_leaves_opens_nothing_any_more(api: Api, calling: Calling) -> None:
    leaving, heir = calling("clerk"), person_of(calling("clerk"))
    leaver = person_of(leaving)

    api.call("POST", f"/people/{leaver}/handover", to(heir))

    assert leaving.call("GET", "/metadata").status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"rules": []}, "handover_no_rule"),
        ({"rules": [{"to": {}}]}, "handover_whom"),
        ({"rules": [{"to": {"people": []}}]}, "handover_whom"),
        ({"rules": [{"to": {"people": ["x"]}}]}, "invalid_id"),
        ({"rules": [{"filter": "name == 1", "to": {"manager": True}}]}, "handover_filter"),
        ({"rules": [{"whom": 1}]}, "handover_rule"),
        (ANYBODY, "handover_nobody"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_orders_that_cannot_be_followed_are_refused(
    api: Api, calling: Calling, body: dict[str, Any], code: str
) -> None:
    leaver = person_of(calling("clerk"))
    api.create("customer", name=f"Theirs {leaver}", owner=leaver)

    answer = api.call("POST", f"/people/{leaver}/handover", body)

    assert answer.status_code == 422, answer.text
    assert {each["code"] for each in answer.json["errors"]} == {code}


def test_nobody_but_an_administrator_hands_over(api: Api, calling: Calling) -> None:
    leaver, heir = person_of(calling("clerk")), person_of(calling("clerk"))

    answers = [
        calling("clerk").call("POST", f"/people/{leaver}/handover", to(heir)),
        calling("administrator", "read").call("GET", f"/people/{leaver}/handover"),
    ]

    assert [each.status_code for each in answers] == [403, 403]
