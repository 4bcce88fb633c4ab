"""Automations that ask for an approval and go on with its outcome; two approvers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import RecordRefused
from tests.workflow.approvals.conftest import TERMS, Staff, Staffed
from workflow.approvals.course import waiting
from workflow.approvals.keeping import Case

WON = (
    TERMS
    + """
automations:
  won:
    label: Won
    trigger: {on: created, entity: customer}
    steps:
      deal: {create: contract, set: {name: name, amount: "5000"}}
  ask:
    label: Ask
    trigger: {on: updated, entity: contract, fields: [remark]}
    when: remark == "ask"
    steps:
      agreed: {approve: terms}
      note: {create: note, set: {about: 'name & " agreed"'}}
"""
)


@pytest.fixture
def staff(staffed: Staffed) -> Staff:
    return staffed(WON)


def asked(staff: Staff) -> Case:
    """Let an automation submit a new contract of the seller; return what is asked then."""
    firm = staff.firm
    contract = firm.contract(staff.seller)
    firm.yard.update("contract", contract, remark="ask")
    firm.yard.work()
    entity = firm.yard.ctx.model.entities["contract"]
    (case,) = firm.approvals.of_record(firm.yard.ctx, entity, contract)
    return case


def test_a_run_waits_for_those_who_are_asked_and_goes_on_when_all_agreed(staff: Staff) -> None:
    """Requirement P-05."""
    case = asked(staff)
    firm, yard = staff.firm, staff.firm.yard

    assert waiting(case.course) == (staff.boss,)
    assert [run.state for run in yard.runs("ask")] == ["parked"]
    assert yard.later(days=30).work() == 0
    case = firm.act(staff.boss, case, "approve")
    assert [run.state for run in yard.runs("ask")] == ["parked"]
    firm.act(staff.purse, case, "approve", input={"note": "ok"})
    yard.work()

    assert [run.state for run in yard.runs("ask")] == ["done"]
    assert yard.rows("note", "about") == [("Deal agreed",)]


def test_a_run_ends_where_they_do_not_agree_and_waits_on_where_it_is_returned(
    staff: Staff,
) -> None:
    firm, yard = staff.firm, staff.firm.yard
    case = asked(staff)

    firm.act(staff.boss, case, "return")
    yard.work()
    assert [run.state for run in yard.runs("ask")] == ["parked"]
    again = firm.submit(staff.seller, case.record)
    assert again.run == case.run
    firm.act(staff.boss, again, "reject")
    yard.work()

    (run,) = yard.runs("ask")
    assert (run.state, run.error) == ("stopped", {"code": "not_agreed", "outcome": "rejected"})
    assert yard.rows("note", "about") == []


def test_of_two_who_decide_at_the_same_instant_the_second_is_told(staff: Staff) -> None:
    firm = staff.firm
    case = firm.act(staff.boss, asked(staff), "approve")

    def decide(who: object) -> str:
        try:
            return firm.act(who, case, "approve", input={"note": "mine"}).course.state  # type: ignore[arg-type]
        except RecordRefused as refused:
            return refused.errors[0].code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(decide, (staff.money, staff.purse)))

    assert found == ["approval_over", "approved"]
