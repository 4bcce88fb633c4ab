"""Approvals under way while the app changes: the plan tells of them, they run on or are moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engine.errors import RecordRefused
from engine.publish import Proposal
from engine.schema.revisions import Author
from engine.tenants.reshape import with_layer
from tests.workflow.approvals.conftest import Firm, Staff, Staffed
from workflow.approvals.course import waiting
from workflow.approvals.renewing import Renewals
from workflow.approvals.standing import UnderWay

OTHER_MONEY = "approvals: {terms: {steps: {money: {role: chief}}}}"


@pytest.fixture
def staff(staffed: Staffed) -> Staff:
    return staffed()


def planned(staff: Staff, layer: str) -> Proposal:
    yard = staff.firm.yard
    publisher, tenant = yard.house.publisher, yard.ctx.tenant
    return publisher.propose(tenant, with_layer(publisher.documents(tenant), layer, "t"))


def published(staff: Staff, layer: str) -> tuple[Staff, dict[str, Any]]:
    """Publish a layer; return the firm as it is then, and what the plan told of approvals."""
    yard, proposal = staff.firm.yard, planned(staff, layer)
    done = yard.house.publisher.publish(
        yard.ctx.tenant, proposal, author=Author("T"), allow_loss=True
    )
    ctx = replace(yard.ctx, compiled=done.compiled, revision=done.revision)
    effects = {
        each.code: (each.verdict, each.rows, dict(each.params))
        for each in proposal.plan.effects
        if each.code.startswith("approvals_")
    }
    return replace(staff, firm=Firm(replace(yard, ctx=ctx))), effects


def standings(staff: Staff) -> UnderWay:
    house = staff.firm.yard.house
    return UnderWay(house.database, house.access)


def test_an_approval_under_way_keeps_the_course_it_began_with(staff: Staff) -> None:
    """Requirement P-04."""
    case = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller))

    after, told = published(staff, OTHER_MONEY)

    assert told == {"approvals_keep": ("notice", 1, {"approval": "terms"})}
    case = after.firm.act(staff.boss, case, "approve")
    assert set(waiting(case.course)) == {staff.money, staff.purse}


def test_administrators_move_it_to_the_new_course_after_a_rehearsal(staff: Staff) -> None:
    case = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller))
    case = staff.firm.act(staff.boss, case, "approve")
    other = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller))
    after, _ = published(staff, OTHER_MONEY)
    firm, chief = after.firm, after.firm.hire("admin", "administrator")
    ctx = firm.ctx(chief)
    renewals = Renewals(firm.approvals, standings(after))

    assert waiting(firm.approvals.rehearse(ctx, case.id)) == (staff.boss,)
    assert renewals.rehearsed(ctx, "terms") == {"asks": 1, "same": 1}
    assert set(waiting(firm.approvals.get(ctx, case.id).course)) == {staff.money, staff.purse}
    with pytest.raises(RecordRefused):
        firm.act(staff.boss, case, "replan")
    assert renewals.carried_out(ctx, "terms") == {"asks": 1, "same": 1}
    assert renewals.rehearsed(ctx, "terms") == {}

    moved = firm.approvals.get(ctx, case.id)
    assert (waiting(moved.course), moved.revision) == ((staff.boss,), ctx.revision)
    assert waiting(firm.approvals.get(ctx, other.id).course) == (staff.boss,)
    firm.act(staff.boss, moved, "approve", input={"note": "fine"})
    assert firm.held(case.record)["stage"] == "signing"


MERGED = """
entities:
  contract: {pipelines: {way: {stages: {review: {$retire: true, into: signing}}}}}
approvals: {terms: {on_submitted: {asked: {set: {stage: '"signing"'}}}}}
"""


def test_it_goes_with_its_record_when_stages_are_merged(staff: Staff) -> None:
    case = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller))
    staff.firm.contract(staff.seller)

    after, told = published(staff, MERGED)

    verdict, rows, params = told["approvals_move"]
    assert (verdict, rows, params["option"], params["into"]) == ("notice", 1, "review", "signing")
    firm = after.firm
    assert firm.held(case.record)["stage"] == "signing"
    entity = firm.yard.ctx.model.entities["contract"]
    (found,) = firm.approvals.of_record(firm.yard.ctx, entity, case.record)
    assert (found.course, waiting(found.course)) == (case.course, (staff.boss,))
    assert firm.act(staff.boss, found, "reject").course.state == "rejected"


CHANGES = """
approvals:
  credit:
    label: Credit
    entity: contract
    changes: [credit, remark]
    steps: {money: {role: finance}}
"""
WITHOUT_REMARK = """
entities: {contract: {fields: {remark: {$retire: true}}}}
approvals: {credit: {changes: [credit]}}
"""


def test_a_change_that_waits_is_written_without_the_field_that_went(staffed: Staffed) -> None:
    staff = staffed(CHANGES)
    changes = {"credit": "500", "remark": "by hand"}
    contract = staff.firm.contract(staff.seller, credit="20")
    case = staff.firm.submit(staff.seller, contract, "credit", changes=changes)
    assert (case.snapshot["before"], case.snapshot["after"]) == (
        {"credit": "20.00", "remark": None},
        {"credit": "500.00", "remark": "by hand"},
    )

    after, told = published(staff, WITHOUT_REMARK)

    assert told["approvals_drop"] == ("loses", 1, {"field": "remark"})
    done = after.firm.act(staff.money, case, "approve")
    assert (done.course.state, after.firm.held(contract)["credit"]) == ("approved", 500)


WITHOUT_FINANCE = OTHER_MONEY + "\nroles: {finance: {$retire: true}}"


def test_those_whose_role_goes_are_named_and_cannot_decide(staff: Staff) -> None:
    case = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller))
    staff.firm.act(staff.boss, case, "approve")

    after, told = published(staff, WITHOUT_FINANCE)

    assert told["approvals_role"] == ("notice", 1, {"role": "finance"})
    (line,) = standings(after).page(after.firm.yard.ctx)
    assert line.hindered == {staff.money: "blind", staff.purse: "blind"}


def test_what_an_approval_began_that_goes_out_of_use_is_decided_and_nothing_follows(
    staff: Staff,
) -> None:
    case = staff.firm.submit(staff.seller, staff.firm.contract(staff.seller, 10))

    after, told = published(staff, "approvals: {terms: {$retire: true}}")

    assert told["approvals_left"] == ("loses", 1, {"approval": "terms"})
    firm = after.firm
    entity = firm.yard.ctx.model.entities["contract"]
    (found,) = firm.approvals.of_record(firm.ctx(staff.boss), entity, case.record)
    assert firm.act(staff.boss, found, "approve").course.state == "approved"
    assert firm.held(case.record)["stage"] == "review"


def test_administrators_find_who_left_and_nobody_could_take_over(staff: Staff) -> None:
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller))

    firm.yard.update("user", staff.boss, active=False)

    (line,) = standings(staff).page(firm.yard.ctx, approval="terms")
    hindered: dict[UUID, str] = {staff.boss: "gone"}
    assert (line.case.id, line.hindered) == (case.id, hindered)
    assert standings(staff).counts(firm.yard.ctx) == {"terms": 1}
