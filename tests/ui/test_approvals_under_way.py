"""Approvals under way, for administrators: who is waited for, and moving them to a newer course."""

from __future__ import annotations

import pytest

from boot.wiring import House
from engine.schema.revisions import Author
from engine.tenants.reshape import with_layer
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

HERE = "/admin/automations/approvals"

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
roles:
  chief: {label: Chief, rights: {paper: {read: all}}}
entities:
  paper: {label: Paper, title: name, fields: {name: {type: text, required: true}}}
approvals:
  check:
    label: {en: Check, zh: 核对}
    entity: paper
    steps: {one: {label: First, role: administrator}}
"""
SECOND = "approvals: {check: {steps: {before: {label: Before, role: chief, $before: one}}}}"


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


def submitted(admin: Visitor) -> str:
    """Submit a paper; return the id of its approval."""
    house, ctx = admin.house, admin.ctx
    paper = house.writer.create(ctx, "paper", [{"name": "Terms of trade"}]).ids[0]
    services = house.services
    case = services.approvals.submit(ctx, ctx.model.entities["paper"], paper, "check")
    return str(case.id)


def test_approvals_under_way_are_listed_and_moved_after_a_look(admin: Visitor) -> None:
    """Requirement P-04."""
    chief = visits(admin.house, admin.ctx)("chief")
    case = submitted(admin)
    publisher, tenant = admin.house.publisher, admin.ctx.tenant
    layered = publisher.propose(tenant, with_layer(publisher.documents(tenant), SECOND, "t"))
    publisher.publish(tenant, layered, author=Author("T"))

    page = admin.get(HERE, language="zh").text
    narrow = admin.get(f"{HERE}?approval=check").text
    look = admin.get(f"/approvals/{case}/replan", language="zh").text
    all_of_them = admin.get(f"{HERE}/of/check/move").text
    moved = admin.send(f"{HERE}/of/check/move", {"values": {}})

    assert ("Terms of trade" in page, "版本 1" in page) == (True, True)
    assert f"{HERE}/of/check/move" in narrow
    assert ("改用后的流程" in look, "Before" in look) == (True, True)
    assert "ask other people from now on" in all_of_them
    assert moved.get_json()["message"] == "1 ask other people from now on"
    after = admin.get(HERE).text
    assert ("version 1" in after, "Before" in after) == (False, True)
    assert chief.get(HERE).status_code == 403
