"""What goes wrong around approvals: loops of deputies, nobody there, a server that was down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from engine.context import Context
from engine.errors import NotFound, RecordRefused
from engine.tenants.people import SYSTEM
from tests.workflow.approvals.conftest import TERMS, Firm, Staff, Staffed
from workflow.approvals.course import waiting


@pytest.fixture
def staff(staffed: Staffed) -> Staff:
    return staffed()


def later(firm: Firm, **how: int) -> Firm:
    return Firm(firm.yard.later(**how))


def test_a_loop_of_deputies_lets_each_decide_for_the_other_and_ends(staff: Staff) -> None:
    firm = staff.firm
    other = firm.hire("other", "chief")
    for person, deputy in ((staff.boss, other), (other, staff.boss)):
        firm.yard.create("deputy", {"person": str(person), "deputy": str(deputy)})
    case = firm.submit(staff.seller, firm.contract(staff.seller, 10))

    told = [who for who, words in firm.yard.told() if words["what"] == "asked"]
    done = firm.act(other, case, "approve")

    assert sorted(told) == sorted([staff.boss, other])
    assert (done.course.state, done.course.log[-1].instead_of) == ("approved", staff.boss)


def test_where_nobody_is_there_at_all_it_is_refused_and_nothing_begins(staffed: Staffed) -> None:
    staff = staffed(TERMS.replace("manager: 1", "position: Astronaut"))
    firm, contract = staff.firm, staff.firm.contract(staff.seller)

    with pytest.raises(RecordRefused) as refused:
        firm.submit(staff.seller, contract)

    assert [(each.code, refused.value.code) for each in refused.value.errors] == [
        ("approval_nobody", "submission_refused")
    ]
    assert firm.held(contract)["stage"] == "draft"


def test_a_time_out_that_passed_while_nothing_ran_is_done_once_and_counts_from_then(
    staffed: Staffed,
) -> None:
    staff = staffed(TERMS.replace("then: escalate, to: owner.manager", "then: remind"))
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller))
    case = firm.act(staff.boss, case, "approve")

    after = later(firm, days=30)
    looked = (after.look(), after.look(), later(firm, days=31).look(), later(firm, days=33).look())

    assert looked == (1, 0, 0, 1)
    log = firm.approvals.get(firm.yard.ctx, case.id).course.log
    assert [each.what for each in log].count("reminded") == 2


def test_an_approval_that_cannot_be_kept_holds_no_other_up(staffed: Staffed) -> None:
    staff = staffed(TERMS.replace("then: escalate, to: owner.manager", "then: remind"))
    firm = staff.firm
    cases = [firm.submit(staff.seller, firm.contract(staff.seller)) for _ in range(2)]
    broken, _ = (firm.act(staff.boss, case, "approve") for case in cases)
    table = firm.yard.ctx.compiled.tables.of("sys_approval").name
    refusing = f"ALTER TABLE {firm.yard.ctx.tenant.schema}.{table} ADD CHECK (id <> '{broken.id}')"
    with firm.yard.house.database.owner(firm.yard.ctx.tenant) as connection:
        connection.execute(text(f"{refusing} NOT VALID"))

    assert later(firm, days=30).look() == 1


def test_a_clock_that_is_set_back_does_nothing_twice_and_keeps_the_order(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)
    case = firm.submit(staff.seller, contract)
    case = firm.act(staff.boss, case, "approve")
    late = later(firm, days=3)
    assert (late.look(), firm.look(), late.look()) == (1, 0, 0)

    before = later(firm, days=-9)
    back = before.act(staff.boss, case, "return")
    again = before.submit(staff.seller, contract)

    assert again.at > case.at
    entity = firm.yard.ctx.model.entities["contract"]
    cases = firm.approvals.of_record(firm.yard.ctx, entity, contract)
    assert [each.id for each in cases] == [again.id, back.id]
    assert waiting(cases[0].course) == (staff.boss,)


def test_an_approver_whom_nobody_replaces_is_waited_for_until_they_come_back(staff: Staff) -> None:
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller, 10))
    firm.yard.update("user", staff.boss, active=False)

    assert firm.look() == 0
    assert waiting(firm.approvals.get(firm.yard.ctx, case.id).course) == (staff.boss,)
    firm.yard.update("user", staff.boss, active=True)
    assert firm.act(staff.boss, case, "approve").course.state == "approved"


def test_nobody_is_reminded_of_what_lies_in_the_trash(staffed: Staffed) -> None:
    staff = staffed(TERMS.replace("then: escalate, to: owner.manager", "then: remind"))
    firm, contract = staff.firm, staff.firm.contract(staff.seller)
    case = firm.submit(staff.seller, contract)
    firm.act(staff.boss, case, "approve")
    firm.yard.house.writer.delete(by_app(firm), "contract", [contract])
    told, late = len(firm.yard.told()), later(firm, days=9)

    assert (late.look(), len(firm.yard.told())) == (0, told)
    firm.yard.house.writer.restore(by_app(firm), "contract", [contract])
    assert late.look() == 1


def test_whoever_moves_to_another_department_still_sees_what_they_are_asked(staff: Staff) -> None:
    firm, yard = staff.firm, staff.firm.yard
    here, away = (yard.create("department", {"name": each}) for each in ("Here", "Away"))
    for person in (staff.seller, staff.boss):
        yard.update("user", person, department=str(here))
    case = firm.submit(staff.seller, firm.contract(staff.seller, 10))
    yard.update("user", staff.boss, department=str(away))
    with pytest.raises(NotFound):
        firm.act(staff.boss, case, "approve")

    Firm(yard.at("2030-05-06T10:01")).look()
    with pytest.raises(NotFound):
        firm.act(staff.boss, case, "approve")
    Firm(yard.at("2030-05-06T10:10")).look()

    assert firm.act(staff.boss, case, "approve").course.state == "approved"


def by_app(firm: Firm) -> Context:
    """Return what the app itself does things by."""
    return replace(firm.yard.ctx, actor=SYSTEM)
