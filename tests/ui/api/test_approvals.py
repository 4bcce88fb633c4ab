"""Approvals over the API: submitted, decided, listed, with no more than the caller may read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.context import Context
from tests.conftest import TenantMaker
from tests.ui.api.calling import Api, Calling
from tests.ui.api.conftest import STORE

APPROVALS = """
roles:
  clerk:
    label: Clerk
    rights: {order: {read: own, create: own, update: own}, customer: {read: all}}
  chief: {label: Chief, rights: {order: {read: all}, customer: {read: all}}}
approvals:
  check:
    label: {en: Check, zh: 核对}
    entity: order
    steps:
      one: {role: chief, allow: [transfer, return]}
      two: {role: chief, when: rate > 10%, label: {en: Again, zh: 复核}}
    skip: [repeated]
  rate:
    label: {en: Rate, zh: 税率}
    entity: order
    changes: [rate]
    steps: {one: {role: chief}}
"""


@pytest.fixture(scope="module")
def shop(tenant_of: TenantMaker) -> Context:
    return tenant_of(STORE.partition("roles:")[0] + APPROVALS)


@pytest.fixture(scope="module")
def clerk(calling: Calling, shop: Context) -> Api:
    return calling("clerk", ctx=shop)


@pytest.fixture(scope="module")
def chief(calling: Calling, shop: Context) -> Api:
    return calling("chief", ctx=shop)


def submitted(clerk: Api, calling: Calling, shop: Context) -> tuple[str, Any]:
    """Return an order's path and its approval, submitted by the clerk."""
    boss = calling(ctx=shop)
    customer = boss.create("customer", name=f"Acme {uuid4().hex}")
    order = clerk.create("order", customer=customer["id"])
    path = f"/records/order/{order['id']}/approvals"
    answer = clerk.call("POST", f"{path}/check", {"comment": "please"})
    assert answer.status_code == 201, answer.text
    return path, answer.json


def test_an_approval_is_seen_before_submitted_and_decided(
    clerk: Api, chief: Api, calling: Calling, shop: Context
) -> None:
    """Requirement A-07."""
    boss = calling(ctx=shop)
    customer = boss.create("customer", name="Acme seen before")
    order = clerk.create("order", customer=customer["id"])
    path = f"/records/order/{order['id']}/approvals"
    offered = clerk.get(path)["offered"]
    planned = clerk.get(f"{path}/check")["steps"]
    case = clerk.call("POST", f"{path}/check", {}).json

    assert [each["name"] for each in offered] == ["check", "rate"]
    assert [(each["label"], each["state"]) for each in planned] == [
        ("Chief", "ahead" if at else "now") for at in range(1)
    ] + [("Again", "ahead")]
    (line,) = [each for each in chief.get("/approvals")["data"] if each["id"] == case["id"]]
    assert (line["label"], line["step"], line["state"]) == ("Check", "Chief", "running")
    done = chief.call("POST", f"/approvals/{case['id']}/approve", {"comment": "fine"}).json
    assert (done["state"], [each["state"] for each in done["steps"]]) == (
        "approved", ["passed", "skipped"],
    )  # fmt: skip
    assert done["values"]["rate"] == "0.13"
    assert [each["what"] for each in done["log"]] == ["submitted", "approved"]
    assert case["id"] in [each["id"] for each in clerk.get("/approvals", box="mine")["data"]]
    assert case["id"] in [each["id"] for each in chief.get("/approvals", box="decided")["data"]]


def test_a_change_waits_and_is_not_written_before(
    clerk: Api, chief: Api, calling: Calling, shop: Context
) -> None:
    boss = calling(ctx=shop)
    customer = boss.create("customer", name="Acme that waits")
    order = clerk.create("order", customer=customer["id"])
    here = f"/records/order/{order['id']}"

    refused = clerk.call("PATCH", here, {"rate": "0.06"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "needs_approval")
    case = clerk.call("POST", f"{here}/approvals/rate", {"changes": {"rate": "0.06"}}).json
    assert (case["changes"], clerk.get(here)["rate"]) == ({"rate": "0.06"}, "0.13")
    chief.call("POST", f"/approvals/{case['id']}/approve", {})
    assert clerk.get(here)["rate"] == "0.06"


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("transfer", {}, "required"),
        ("transfer", {"to": ["0199f0c3-5a1b-7c2d-8e3f-00000000beef"]}, "link_missing"),
        ("return", {"step": "nowhere"}, "approval_step_unknown"),
        ("urge", {}, "approval_not_yours"),
        ("comment", {}, "approval_nothing_said"),
        ("approve", {"input": {"x": 1}}, ""),
        ("approve", {"mood": "good"}, "unknown_argument"),
    ],
)
def test_what_cannot_be_done_is_said(
    act: str, body: object, code: str, clerk: Api, chief: Api, calling: Calling, shop: Context
) -> None:
    _, case = submitted(clerk, calling, shop)

    answer = chief.call("POST", f"/approvals/{case['id']}/{act}", body)

    if code:
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code), answer.text
    else:
        assert answer.status_code == 200, answer.text


def test_acts_that_are_none_and_approvals_of_others_are_not_there(
    clerk: Api, chief: Api, calling: Calling, shop: Context
) -> None:
    _, case = submitted(clerk, calling, shop)
    other = calling("clerk", ctx=shop)

    assert chief.call("POST", f"/approvals/{case['id']}/burn", {}).status_code == 404
    assert other.call("GET", f"/approvals/{case['id']}").status_code == 404
    assert other.call("POST", f"/approvals/{case['id']}/approve", {}).status_code == 404
    narrow = calling("administrator", "customer:read", ctx=shop)
    assert narrow.call("GET", "/approvals").status_code == 403
    assert narrow.call("GET", f"/approvals/{case['id']}").status_code == 404
