"""Administrators see where people are signed in to their tenant, and end it there alone (A-01)."""

from __future__ import annotations

import re

import pytest

from boot.wiring import House
from engine.audit.asked import Question
from engine.tenants.members import enrol
from engine.tenants.visits import network_of
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

APP = """
format: 1
app: {name: lodge, label: {zh: 门房, en: Lodge}, version: "1", languages: [zh, en]}
entities:
  key: {label: {zh: 钥匙, en: Key}, title: name, fields: {name: {type: text}}}
roles:
  porter: {label: {zh: 门卫, en: Porter}, rights: {key: {read: all}}}
"""


@pytest.fixture(scope="module")
def lodge(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


@pytest.fixture(scope="module")
def admin(lodge: Visiting) -> Visitor:
    return lodge("administrator")


def signed_in(admin: Visitor, person: Visitor) -> str:
    """Return what the person's page says of where they are signed in."""
    page = admin.get(f"/admin/people/{person.user}").text
    found = re.search(r"Signed in here(.*?)</section>", page, re.S)
    assert found is not None
    return found[1]


def test_only_what_was_used_here_is_shown(
    admin: Visitor, lodge: Visiting, serving: House, tenant_of: TenantMaker
) -> None:
    porter = lodge("porter")
    before = signed_in(admin, porter)

    porter.get("/records/key")

    assert "not signed in here now" in before
    after = signed_in(admin, porter)
    assert "127.0.*.*" in after
    assert "127.0.0.1" not in after
    assert "End all sign-ins" in after


def test_what_is_ended_here_is_proved_anew_and_holds_elsewhere(
    admin: Visitor, lodge: Visiting, serving: House, tenant_of: TenantMaker
) -> None:
    porter, elsewhere = lodge("porter"), tenant_of(APP)
    account = serving.accounts.works_as(porter.ctx.tenant.name, porter.user)
    assert account is not None
    enrol(serving.accounts, serving.writer, elsewhere, account, roles=("porter",))
    porter.get("/records/key")

    ended = admin.send(f"/admin/people/{porter.user}/sessions/end", {})

    assert ended.status_code == 200
    turned = porter.get("/records/key")
    assert turned.location == f"/account/confirm?next={porter.path('/records/key')}"
    assert porter.client.get(f"/api/v1{porter.path('/records/key')}").status_code == 403
    assert porter.client.get(f"/{elsewhere.tenant.name}/records/key").status_code == 200
    assert "not signed in here now" in signed_in(admin, porter)
    asked = Question(kinds=("people_changed",), person=porter.user)
    told = serving.services.audit_reader.page(admin.ctx, asked).entries[0]
    assert (told.record, told.detail) == (porter.user, {"sign_ins": "ended"})
    form = {"csrf_token": porter.csrf, "given": "four words are enough", "next": "/account"}
    assert porter.client.post("/account/confirm", data=form).status_code == 303
    assert porter.get("/records/key").status_code == 200


def test_nobody_else_sees_or_ends_them(admin: Visitor, lodge: Visiting) -> None:
    porter = lodge("porter")

    answer = porter.send(f"/admin/people/{admin.user}/sessions/end", {})

    assert answer.status_code == 403
    assert admin.get("/records/key").status_code == 200


def test_somebody_of_another_tenant_is_not_found(admin: Visitor, visitor: Visitor) -> None:
    answer = admin.send(f"/admin/people/{visitor.user}/sessions/end", {})

    assert answer.status_code == 404
    assert visitor.get("/records/customer").status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.*.*"),
        ("2001:db8:1:2::9", "2001:0db8:0001:*"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_of_an_address_its_network_is_told(address: str, network: str) -> None:
    assert network_of(address) == network
