"""What an approval locks is not offered for a change: the record says why, and leads to it."""

from __future__ import annotations

import re
from html import unescape

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
    fields:
      name: {type: text, required: true}
      amount: {type: integer}
      credit: {type: integer}
      term: {type: integer}
      rate: {type: integer}
    pipelines: {way: {field: stage, stages: {draft: {label: Draft}, done: {label: Done}}}}
    convert:
      settle: {label: Settle, move: done, steps: {copy: {create: paper, set: {name: name}}}}
      copy: {label: Copy, steps: {copy: {create: paper, set: {name: name}}}}
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
  credit:
    label: {en: Credit, zh: 信用}
    entity: paper
    changes: [credit]
    submit_when: 'stage == "draft"'
    steps: {one: {label: First, role: administrator}}
  term:
    label: {en: Term, zh: 账期}
    entity: paper
    changes: [term]
    when: 'stage == "done"'
    steps: {one: {label: First, role: administrator}}
  rate:
    label: {en: Rate, zh: 费率}
    entity: paper
    changes: [rate]
    when: 'rate > 10'
    steps: {one: {label: First, role: administrator}}
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
    # Stages that cannot be pressed are reached by the keyboard all the same.
    assert '<ol tabindex="0">' in page
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
    assert '<ol tabindex="0">' not in page


def test_a_conversion_that_would_change_what_is_locked_leads_there(admin: Visitor) -> None:
    """Requirement P-13."""
    here, case = under(admin, "part")

    page = admin.get(here, language="zh").text
    refused = admin.send(f"{here}/convert/settle", {})

    assert f"{here}/convert/settle" not in page
    link = re.search(r'<a class="btn" href="([^"]*)"[^>]*data-locked[^>]*>.*?Settle', page)
    assert link is not None
    assert link[1] == f"{admin.path(here)}#approval-{case}"
    assert f"{here}/convert/copy" in page
    assert refused.status_code == 422


def made(admin: Visitor, **values: object) -> str:
    """Make a paper; return its address."""
    paper = admin.house.services.writer.create(admin.ctx, "paper", [{"name": "Terms", **values}])
    return f"/records/paper/{paper.ids[0]}"


def guards(page: str) -> dict[str, tuple[bool, str, bool]]:
    """Return of each field that tells of an approval: whether it is entered, why, where to ask."""
    found = {}
    for name, rest in re.findall(r'data-field="(\w+)"(.*?)(?=data-field=|</form>)', page, re.S):
        said = re.search(r'class="field-guard">.*?<span>([^<]*)</span>(.*?)</p>', rest, re.S)
        if said is not None:
            asks = f"/approvals/{name}/submit" in said[2]
            found[name] = (f'name="{name}"' in rest, unescape(said[1]), asks)
    return found


def test_a_field_that_an_approval_changes_says_so_and_leads_to_it(admin: Visitor) -> None:
    """Requirement A-09."""
    draft, done = made(admin), made(admin, stage="done")

    at_first, later = (admin.get(f"{each}/edit").text for each in (draft, done))

    assert guards(at_first) == {
        "credit": (False, "Changed through “Credit” only", True),
        "rate": (True, "A change may need “Rate”", True),
    }
    # `credit` cannot be submitted any more, `term` waits for an approval only now.
    assert guards(later) == {
        "credit": (False, "Changed through “Credit” only", False),
        "term": (False, "Changed through “Term” only", True),
        "rate": (True, "A change may need “Rate”", True),
    }
    assert "须经“账期”批准后更改" in admin.get(f"{done}/edit", language="zh").text


def test_a_change_that_would_need_an_approval_is_offered_before_it_does(admin: Visitor) -> None:
    """It was refused in the form, and nowhere to be submitted: its condition did not hold yet."""
    here = made(admin, rate=5)

    refused = admin.send(here, {"values": {"rate": 20}, "version": 1})

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["code"] == "needs_approval"
    assert "/approvals/rate/submit" in admin.get(here).text


def test_a_new_record_tells_of_no_approval(admin: Visitor) -> None:
    assert guards(admin.get("/records/paper/new").text) == {}


def test_why_it_was_rejected_stands_on_the_record_without_a_look_at_the_course(
    admin: Visitor,
) -> None:
    other = visits(admin.house, admin.ctx)("administrator")
    here, case = under(admin, "whole")
    before = admin.get(here).text

    other.send(f"/approvals/{case}/reject", {"values": {"comment": "no basis"}})

    why = '<p class="approval-why"><q class="approval-asked">no basis</q></p>'
    assert (why in before, why in admin.get(here).text) == (False, True)
