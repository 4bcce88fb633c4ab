"""What a record tells of its approvals: in whose place somebody decided, and the rounds before."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID, uuid4

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh]}
roles:
  clerk: {label: Clerk, rights: {paper: {create: all, read: all, update: all}}}
  boss: {label: Boss, rights: {paper: {read: all}}}
entities:
  paper: {label: Paper, title: name, fields: {name: {type: text, required: true}}}
approvals:
  terms:
    label: {en: Terms, zh: 条款}
    entity: paper
    steps:
      first: {label: {en: Superior, zh: 上级}, role: boss, allow: [return]}
      second: {label: {en: Finance, zh: 财务}, role: administrator, allow: [return]}
"""


@pytest.fixture(scope="module")
def visiting(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


def bar(who: Visitor, paper: str, language: str = "en") -> str:
    """Return what stands of approvals on a paper's page, without tags."""
    page = who.get(f"/records/paper/{paper}", language=language).text
    part = page[page.index('class="approval') : page.index("</section>", page.index("approval-mo"))]
    rounds = re.findall(r'<section class="approval-round".*?</section>', page, re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", part + "".join(rounds)).split()))


def submitted(who: Visitor, paper: str) -> str:
    """Submit a paper; return the approval."""
    answer = who.send(f"/records/paper/{paper}/approvals/terms/submit", {"values": {}})
    assert answer.status_code == 200, answer.text
    services, ctx = who.house.services, who.ctx
    entity = ctx.model.entities["paper"]
    return str(services.approvals.of_record(ctx, entity, UUID(paper))[0].id)


def test_a_record_tells_of_the_rounds_before_and_where_it_was_returned_to(
    visiting: Visiting,
) -> None:
    """Requirement A-07."""
    clerk, boss, chief = visiting("clerk"), visiting("boss"), visiting("administrator")
    paper = clerk.create("paper", name="Deed")
    first = submitted(clerk, paper)
    boss.send(f"/approvals/{first}/return", {"values": {"comment": "No stamp"}})
    second = submitted(clerk, paper)
    boss.send(f"/approvals/{second}/approve", {"values": {}})
    chief.send(
        f"/approvals/{second}/return", {"values": {"place": "first", "comment": "Look again"}}
    )

    told, said = bar(clerk, paper), bar(clerk, paper, "zh")
    assert "returned it to Superior" in told
    assert "退回至“上级”" in said
    assert "Round 1 Returned" in told
    assert told.index("Look again") < told.index("Round 1") < told.index("No stamp")


def test_a_record_tells_in_whose_place_somebody_decides_and_decided(visiting: Visiting) -> None:
    """Requirement A-07."""
    clerk, boss, other = visiting("clerk"), visiting("boss"), visiting("clerk")
    boss.house.writer.create(
        boss.house.contexts.system(boss.ctx.tenant.name, cause=boss.ctx.cause),
        "deputy", [{"person": str(boss.user), "deputy": str(other.user)}],
    )  # fmt: skip
    paper = clerk.create("paper", name=f"Deed {uuid4().hex[:4]}")
    case = submitted(clerk, paper)

    assert "Waits for you in the place of Lin Xiao" in bar(other, paper)
    assert "in the place" not in bar(clerk, paper)
    other.send(f"/approvals/{case}/return", {"values": {"comment": "Not so"}})
    assert "Lin Xiao · for Lin Xiao ·" in bar(clerk, paper)
