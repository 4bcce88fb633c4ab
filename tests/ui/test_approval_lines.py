"""What waits for a decision shows the key figures of its record, so that many are decided there."""

from __future__ import annotations

import re

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, visits

APP = """
format: 1
app: {name: desk, label: Desk, version: "1", languages: [en, zh], currency: CNY}
roles:
  boss: {label: Boss, rights: {paper: {read: all, update: all}}}
  clerk:
    label: Clerk
    rights: {paper: {read: all, update: all}}
    fields: {paper: {cost: none}}
entities:
  paper:
    label: Paper
    title: name
    fields:
      name: {type: text, required: true}
      amount: {type: money, label: {en: Amount, zh: 金额}}
      cost: {type: money, label: {en: Cost, zh: 成本}}
      paid: {type: money, label: {en: Paid, zh: 已付}}
    forms:
      default:
        header: {figures: {amount: {}, cost: {}, paid: {}}}
        tabs: {main: {label: Main, sections: {all: {label: All, items: {name: {}, amount: {}}}}}}
  note:
    label: Note
    title: name
    fields: {name: {type: text, required: true}}
approvals:
  one: {label: One, entity: paper, locks: [name], steps: {each: {label: First, role: boss}}}
  more: {label: More, entity: paper, locks: [name], steps: {each: {label: First, role: clerk}}}
  two: {label: Two, entity: note, steps: {each: {label: First, role: administrator}}}
"""

FACT = re.compile(r"<span>([^<]+) <b>([^<]+)</b></span>")


@pytest.fixture(scope="module")
def visiting(serving: House, tenant_of: TenantMaker) -> Visiting:
    return visits(serving, tenant_of(APP))


def test_approvals_show_figures_that_say_something_and_that_may_be_read(visiting: Visiting) -> None:
    """Requirement A-07: a figure that is nothing, or is not theirs to see, is left out."""
    boss, clerk = visiting("boss"), visiting("clerk")
    services, ctx = boss.house.services, boss.ctx
    values = [
        {"name": "Dear", "amount": "180000", "cost": "90000", "paid": "0"},
        {"name": "Cheap", "amount": "5"},
    ]
    system = services.contexts.system(ctx.tenant.name, cause=ctx.cause)
    for id_ in services.writer.create(system, "paper", values).ids:
        for each in ("one", "more"):
            services.approvals.submit(system, ctx.model.entities["paper"], id_, each)

    mine, theirs = (who.get("/inbox?show=approve", language="zh").text for who in (boss, clerk))

    amounts = [("金额", "¥180,000.00"), ("金额", "¥5.00")]
    assert sorted(FACT.findall(mine)) == sorted([*amounts, ("成本", "¥90,000.00")])
    assert sorted(FACT.findall(theirs)) == sorted(amounts)


def test_an_approval_of_what_has_no_figures_is_listed_without(visiting: Visiting) -> None:
    admin = visiting("administrator")
    services, ctx = admin.house.services, admin.ctx
    note = services.writer.create(ctx, "note", [{"name": "Plain"}]).ids[0]
    services.approvals.submit(ctx, ctx.model.entities["note"], note, "two")

    page = admin.get("/inbox?show=approve").text

    assert "Plain" in page
    assert FACT.findall(page) == []
