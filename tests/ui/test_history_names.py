"""The history of a record names what changed it, on the page and over the API."""

from __future__ import annotations

from uuid import UUID

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
roles:
  chief: {label: Chief, rights: {paper: {read: all}}}
entities:
  paper:
    label: Paper
    title: name
    fields: {name: {type: text, required: true}, seen: {type: text}, said: {type: text}}
    buttons: {stamp: {label: {en: Stamp, zh: 盖章}, steps: {s: {set: {said: '"stamped"'}}}}}
automations:
  greet:
    label: {en: Greet, zh: 问候}
    trigger: {on: created, entity: paper}
    immediate: true
    steps: {s: {set: {seen: '"seen"'}}}
approvals:
  check:
    label: {en: Check, zh: 核对}
    entity: paper
    author_decides: true
    steps: {one: {role: administrator}}
    on_approved: {s: {set: {said: '"checked"'}}}
"""


@pytest.fixture
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


def changed(admin: Visitor) -> UUID:
    """Make a paper, which an automation, a button and an approval change; return its id."""
    ctx = admin.ctx
    paper = UUID(admin.create("paper", name="Terms"))
    admin.send(f"/records/paper/{paper}/press/stamp", {"values": {}})
    admin.send(f"/records/paper/{paper}/approvals/check/submit", {"values": {}})
    approvals = admin.house.services.approvals
    (case,) = approvals.of_record(ctx, ctx.model.entities["paper"], paper)
    done = admin.send(f"/approvals/{case.id}/approve", {"values": {}})
    assert done.status_code == 200, done.text
    return paper


NAMED = {
    "en": ("by the automation “Greet”", "by the button “Stamp”", "by the approval “Check”"),
    "zh": ("（由自动化“问候”执行）", "（由按钮“盖章”执行）", "（由审批“核对”执行）"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_change_by_an_automation_a_button_or_an_approval_names_it(
    admin: Visitor, language: str
) -> None:
    """Requirement P-05."""
    paper = changed(admin)

    page = admin.get(f"/records/paper/{paper}/history", language=language).text

    assert [name for name in NAMED[language] if name not in page] == []


def test_the_api_names_it_as_well(admin: Visitor) -> None:
    paper = changed(admin)

    answer = admin.client.get(f"/api/v1{admin.path(f'/records/paper/{paper}/history')}")

    through = [each["through"] for each in answer.json["data"] if each["through"]]
    assert {(each["kind"], each["name"], each["label"]["en"]) for each in through} == {
        ("approval", "check", "Check"),
        ("button", "stamp", "Stamp"),
        ("automation", "greet", "Greet"),
    }
