"""A firm in which people agree to contracts: who works there, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

import pytest

from engine.context import Context
from engine.tenants.people import actor_of, actor_sentence
from engine.values.sending import Request, send
from tests.workflow.conftest import APP, Yard, Yards
from workflow.approvals.keeping import Case
from workflow.approvals.lapsing import Lapses
from workflow.approvals.service import Approvals, Deed

FIRM = """
roles:
  seller:
    label: Seller
    rights: {contract: {read: own, create: own, update: own, delete: own}, user: {read: all}}
  chief: {label: Chief, rights: {contract: {read: department_tree}}}
  narrow:
    label: Narrow
    rights: {contract: {read: department_tree}}
    fields: {contract: {credit: none}}
  finance: {label: Finance, rights: {contract: {read: own, update: own}}}
entities:
  contract:
    label: Contract
    owned: true
    title: name
    fields:
      name: {type: text, required: true}
      amount: {type: money}
      terms: {type: text}
      credit: {type: money}
      remark: {type: text}
      checked: {type: text}
    pipelines:
      way:
        field: stage
        stages:
          draft: {label: Draft}
          review: {label: Review}
          signing: {label: Signing}
          refused: {label: Refused, ends: lost}
  contract_line:
    label: Line
    child_of: {entity: contract, collection: lines}
    title: item
    fields:
      item: {type: text}
      price: {type: money}
documents:
  sheet: {label: Sheet, entity: contract, format: html, template: {en: "<h1>{{ name }}</h1>"}}
"""

TERMS = """
approvals:
  terms:
    label: {en: Terms, zh: 合同审批}
    entity: contract
    submit_when: 'stage == "draft" and amount > 0'
    thresholds:
      small: {when: amount < 1000, steps: [boss]}
      large: {steps: [boss, money]}
    steps:
      boss:
        manager: 1
        allow: [return, transfer, add_before, add_after, urge, copy]
        edits: [terms]
      money:
        role: finance
        allow: [return, transfer]
        input: {note: {type: text, required: true}}
        time_out: {after: 2d, then: escalate, to: owner.manager}
    locks: [amount, terms, lines]
    document: sheet
    on_submitted: {asked: {set: {stage: '"review"'}}}
    on_approved: {cleared: {set: {stage: '"signing"', checked: input.note}}}
    on_rejected: {back: {set: {stage: '"refused"'}}}
"""


@dataclass(frozen=True, slots=True)
class Firm:
    """A yard in which people agree to contracts."""

    yard: Yard

    @property
    def approvals(self) -> Approvals:
        house = self.yard.house
        return Approvals(house.database, house.reader, house.runner)

    def hire(self, name: str, role: str, **values: Any) -> UUID:
        given = {"name": name, "email": f"{name}@firm.example", "roles": [role], **values}
        return self.yard.create("user", given)

    def ctx(self, person: UUID) -> Context:
        """Return what somebody does things by, as their rights are now."""
        ctx = self.yard.ctx
        with self.yard.house.database.reading(ctx) as connection:
            asked = Request(actor_sentence(ctx.compiled), ({"who": person},))
            actor = actor_of(person, send(connection, ctx, asked))
        assert actor is not None
        return replace(ctx, actor=actor)

    def contract(self, owner: UUID, amount: int = 5000, **values: Any) -> UUID:
        given = {"name": "Deal", "amount": str(amount), "owner": str(owner), **values}
        return self.yard.create("contract", given)

    def submit(self, who: UUID, record: UUID, name: str = "terms", **rest: Any) -> Case:
        entity = self.yard.ctx.model.entities["contract"]
        return self.approvals.submit(self.ctx(who), entity, record, name, **rest)

    def act(self, who: UUID, case: Case, act: Any, **rest: Any) -> Case:
        return self.approvals.act(self.ctx(who), case.id, Deed(act, **rest))

    def held(self, record: UUID) -> dict[str, Any]:
        return self.yard.get("contract", record)

    def look(self) -> int:
        """Look at the time, as a worker does each minute."""
        house = self.yard.house
        return Lapses(house.database, house.runner, list, lambda name: self.yard.ctx).look(
            self.yard.ctx
        )


@dataclass(frozen=True, slots=True)
class Staff:
    """A firm with a seller, the seller's superior, two in finance."""

    firm: Firm
    seller: UUID
    boss: UUID
    money: UUID
    purse: UUID


class Staffed(Protocol):
    """Makes a firm with people, with approvals of its own in YAML."""

    def __call__(self, approvals: str = TERMS) -> Staff: ...


@pytest.fixture
def staffed(yard_with: Yards) -> Staffed:
    """Return what makes a firm with people."""

    def make(approvals: str = TERMS) -> Staff:
        firm = Firm(yard_with(approvals, app_of()))
        boss = firm.hire("boss", "chief")
        seller = firm.hire("seller", "seller", manager=str(boss))
        money, purse = firm.hire("money", "finance"), firm.hire("purse", "finance")
        return Staff(firm, seller, boss, money, purse)

    return make


def app_of() -> str:
    """Return the yard with the firm's entities beside its own."""
    roles, _, entities = FIRM.partition("entities:\n")
    body, _, documents = entities.partition("documents:\n")
    return APP.rstrip() + "\n" + body.rstrip() + "\n" + roles.strip() + "\ndocuments:\n" + documents
