"""What an approval locks is not offered for a change: the record says why, and leads to it."""

from __future__ import annotations

import re

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
entities:
  paper:
    label: Paper
    title: name
    fields: {name: {type: text, required: true}, amount: {type: integer}}
    pipelines: {way: {field: stage, stages: {draft: {label: Draft}, done: {label: Done}}}}
  line:
    label: Line
    child_of: {entity: paper, collection: lines}
    fields: {words: {type: text}}
approvals:
  whole:
    label: {en: Whole, zh: 全部}
    entity: paper
    steps: {one: {label: First, role: administrator}}
  part:
    label: {en: Part, zh: 部分}
    entity: paper
    locks: [amount, stage, lines]
    steps: {one: {label: First, role: administrator, edits: [amount]}}
"""
EDIT = re.compile(r'<a class="btn( btn-primary)?" href="[^"]*/edit">')


@pytest.fixture(scope="module")
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


def under(admin: Visitor, approval: str) -> tuple[str, str]:
    """Return the page of a paper under an approval, and the approval's id."""
    services, ctx = admin.house.services, admin.ctx
    values = {"name": "Terms", "lines": [{"words": "first"}]}
    paper = services.writer.create(ctx, "paper", [values]).ids[0]
    case = services.approvals.submit(ctx, ctx.model.entities["paper"], paper, approval)
    return f"/records/paper/{paper}", str(case.id)


def test_a_locked_record_leads_to_its_approval_instead_of_a_form(admin: Visitor) -> None:
    """Requirement P-13."""
    here, case = under(admin, "whole")

    page, form = admin.get(here, language="zh").text, admin.get(f"{here}/edit").text

    assert EDIT.search(page) is None
    assert f'href="{admin.path(here)}#approval-{case}"' in page
    assert "“全部”进行中，已锁定" in page
    assert (f"{here}/delete" in page, f"{here}/move/" in page) == (False, False)
    assert "Locked while “Whole” is under way" in form
    assert ('name="amount"' in form, "data-add-row" in form) == (False, False)


def test_what_is_locked_is_only_read_and_the_rest_is_changed(admin: Visitor) -> None:
    here, case = under(admin, "part")
    other = visits(admin.house, admin.ctx)("administrator")

    page, form, asked = (
        who.get(f"{here}{end}").text
        for who, end in ((other, ""), (other, "/edit"), (admin, "/edit"))
    )

    edit = EDIT.search(page)
    assert edit is not None
    assert edit[1] is None
    assert (f"{here}/delete" in page, f"{here}/move/" in page) == (False, False)
    names = ("name", "amount")
    assert [f'name="{each}"' in form for each in names] == [True, False]
    # Who is asked may change what the step lets them.
    assert [f'name="{each}"' in asked for each in names] == [True, True]
    assert ("data-add-row" in form, "data-add-row" in asked) == (False, False)
    assert f"{here}#approval-{case}" in form


def test_a_record_is_changed_again_once_it_was_decided(admin: Visitor) -> None:
    here, case = under(admin, "whole")

    admin.send(f"/approvals/{case}/withdraw", {"values": {}})

    page = admin.get(here).text
    edit = EDIT.search(page)
    assert edit is not None
    assert edit[1] is not None
    assert f"{here}/delete" in page
