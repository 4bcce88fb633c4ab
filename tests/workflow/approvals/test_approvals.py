"""Records submitted, decided on, locked meanwhile; what follows from it, and who is told."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from engine.doors import Edit
from engine.errors import Forbidden, NotFound, RecordRefused
from engine.personal.deeds import clear_approvals
from engine.personal.subject import Subject
from engine.values.sealed import MARK
from tests.workflow.approvals.conftest import TERMS, Staff, Staffed
from workflow.approvals.boxes import Boxes
from workflow.approvals.course import waiting


@pytest.fixture
def staff(staffed: Staffed) -> Staff:
    return staffed()


def codes(refused: pytest.ExceptionInfo[RecordRefused]) -> list[str]:
    return [error.code for error in refused.value.errors]


def told(staff: Staff, person: UUID) -> list[str]:
    return [words["what"] for who, words in staff.firm.yard.told() if who == person]


def test_a_large_contract_goes_to_the_superior_and_then_to_finance(staff: Staff) -> None:
    """Requirement A-07."""
    firm = staff.firm
    contract = firm.contract(staff.seller)

    case = firm.submit(staff.seller, contract, comment="please")
    assert (waiting(case.course), firm.held(contract)["stage"]) == ((staff.boss,), "review")
    case = firm.act(staff.boss, case, "approve", comment="fine")
    assert set(waiting(case.course)) == {staff.money, staff.purse}
    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.money, case, "approve")
    assert codes(refused) == ["required"]
    case = firm.act(staff.money, case, "approve", input={"note": "paid in parts"})

    assert case.course.state == "approved"
    held = firm.held(contract)
    assert (held["stage"], held["checked"]) == ("signing", "paid in parts")
    assert case.snapshot["values"]["amount"] == "5000.00"
    assert "<h1>Deal</h1>" in case.snapshot["page"]
    assert told(staff, staff.boss) == ["asked"]
    assert told(staff, staff.seller) == ["approved"]


def test_a_small_one_needs_the_superior_alone_and_none_is_submitted_twice(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller, 10)
    entity = firm.yard.ctx.model.entities["contract"]
    ctx = firm.ctx(staff.seller)

    assert [each.name for each in firm.approvals.offered(ctx, entity, contract)] == ["terms"]
    planned = firm.approvals.preview(ctx, entity, contract, "terms")
    assert [each.key for each in planned.stages] == ["boss"]
    case = firm.submit(staff.seller, contract)
    assert firm.approvals.offered(ctx, entity, contract) == ()
    with pytest.raises(RecordRefused) as refused:
        firm.submit(staff.seller, contract)
    assert codes(refused) == ["approval_running"]
    assert firm.act(staff.boss, case, "reject").course.state == "rejected"
    assert firm.held(contract)["stage"] == "refused"
    with pytest.raises(RecordRefused) as refused:
        firm.submit(staff.seller, contract)
    assert codes(refused) == ["approval_not_now"]


def test_what_is_being_approved_is_locked_but_for_what_the_approver_may_edit(staff: Staff) -> None:
    """Requirement A-09."""
    firm = staff.firm
    contract = firm.contract(staff.seller, lines=[{"item": "a", "price": "1"}])
    writer, ctx = firm.yard.house.writer, firm.ctx(staff.seller)
    case = firm.submit(staff.seller, contract)

    for values in ({"amount": "1"}, {"lines": [{"item": "b"}]}, {"terms": "x", "remark": "y"}):
        with pytest.raises(RecordRefused) as refused:
            writer.update(ctx, "contract", [Edit(contract, values)])
        assert set(codes(refused)) == {"approval_locked"}
    with pytest.raises(RecordRefused):
        writer.delete(ctx, "contract", [contract])
    writer.update(ctx, "contract", [Edit(contract, {"remark": "not locked"})])
    firm.act(staff.seller, case, "withdraw")
    writer.update(ctx, "contract", [Edit(contract, {"amount": "7"})])
    assert firm.held(contract)["amount"] == Decimal(7)


@pytest.mark.parametrize("comment", ["a\x00b", "a\ud800b"])
def test_a_comment_that_cannot_be_kept_is_refused_and_nothing_is_done(
    staff: Staff, comment: str
) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)

    with pytest.raises(RecordRefused) as refused:
        firm.submit(staff.seller, contract, comment=comment)
    assert codes(refused) == ["invalid_characters"]
    case = firm.submit(staff.seller, contract)
    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.boss, case, "approve", comment=comment)
    assert codes(refused) == ["invalid_characters"]
    assert firm.act(staff.boss, case, "comment", comment="fine").course.state == "running"


def test_people_who_have_nothing_to_do_with_it_neither_see_nor_decide(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)
    other = firm.hire("other", "seller")
    case = firm.submit(staff.seller, contract)

    with pytest.raises(NotFound):
        firm.act(other, case, "approve")
    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.seller, case, "approve")
    assert codes(refused) == ["approval_not_yours"]
    with pytest.raises(NotFound):
        firm.submit(other, contract)
    with pytest.raises(Forbidden):
        firm.submit(staff.boss, contract)


def test_those_who_are_asked_are_let_in_to_read_and_others_are_not(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)
    reader = firm.yard.house.reader
    case = firm.submit(staff.seller, contract)

    with pytest.raises(NotFound):
        reader.get(firm.ctx(staff.money), "contract", [contract])
    firm.act(staff.boss, case, "approve")
    assert reader.get(firm.ctx(staff.money), "contract", [contract])


def test_what_is_returned_may_be_mended_and_submitted_again(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)
    case = firm.submit(staff.seller, contract)

    back = firm.act(staff.boss, case, "return", comment="which terms?")
    assert back.course.state == "returned"
    firm.yard.house.writer.update(
        firm.ctx(staff.seller), "contract", [Edit(contract, {"terms": "thirty days"})]
    )
    again = firm.submit(staff.seller, contract)

    assert (again.course.state, again.id != case.id) == ("running", True)
    entity = firm.yard.ctx.model.entities["contract"]
    cases = firm.approvals.of_record(firm.ctx(staff.seller), entity, contract)
    assert [each.id for each in cases] == [again.id, case.id]


def test_a_step_whose_time_is_up_goes_on_by_itself_and_once(staff: Staff) -> None:
    firm = staff.firm
    contract = firm.contract(staff.seller)
    case = firm.submit(staff.seller, contract)
    firm.act(staff.boss, case, "approve")

    assert firm.look() == 0
    late = type(firm)(firm.yard.later(days=2, minutes=1))
    assert (late.look(), late.look()) == (1, 0)
    found = firm.approvals.get(firm.yard.ctx, case.id)
    assert waiting(found.course) == (staff.boss,)


def test_where_an_approver_left_their_superior_decides(staff: Staff) -> None:
    firm = staff.firm
    top = firm.hire("top", "chief")
    firm.yard.update("user", staff.boss, manager=str(top))
    case = firm.submit(staff.seller, firm.contract(staff.seller, 10))

    firm.yard.update("user", staff.boss, active=False)
    assert (firm.look(), firm.look()) == (1, 0)

    found = firm.approvals.get(firm.yard.ctx, case.id)
    assert (waiting(found.course), found.course.log[-1].instead_of) == ((top,), staff.boss)
    assert firm.act(top, case, "approve").course.state == "approved"


def test_a_deputy_of_today_is_told_and_decides(staff: Staff) -> None:
    firm = staff.firm
    deputy = firm.hire("deputy", "chief")
    firm.yard.create("deputy", {"person": str(staff.boss), "deputy": str(deputy)})
    case = firm.submit(staff.seller, firm.contract(staff.seller, 10))

    assert told(staff, deputy) == ["asked"]
    done = firm.act(deputy, case, "approve")
    assert (done.course.state, done.course.log[-1].instead_of) == ("approved", staff.boss)
    house = firm.yard.house
    boxes = Boxes(house.database, house.runner.hands.policy)
    for each in (deputy, staff.boss):
        assert [line.case for line in boxes.page(firm.ctx(each), "decided")] == [case.id]


CREDIT = (
    TERMS.rstrip()
    + """
  credit:
    label: Credit
    entity: contract
    when: credit > 100
    changes: [credit]
    steps: {money: {role: finance, mode: all}}
"""
)


def test_a_change_of_a_live_record_waits_until_all_have_agreed(staffed: Staffed) -> None:
    staff = staffed(CREDIT)
    firm = staff.firm
    contract = firm.contract(staff.seller)
    writer, ctx = firm.yard.house.writer, firm.ctx(staff.seller)

    writer.update(ctx, "contract", [Edit(contract, {"credit": "50"})])
    with pytest.raises(RecordRefused) as refused:
        writer.update(ctx, "contract", [Edit(contract, {"credit": "500"})])
    assert codes(refused) == ["needs_approval"]
    with pytest.raises(RecordRefused):
        firm.submit(staff.seller, contract, "credit", changes={"credit": "no number"})
    case = firm.submit(staff.seller, contract, "credit", changes={"credit": "500"})

    assert firm.held(contract)["credit"] == Decimal(50)
    firm.act(staff.money, case, "approve")
    assert firm.held(contract)["credit"] == Decimal(50)
    case = firm.act(staff.purse, case, "approve")
    assert firm.held(contract)["credit"] == Decimal(500)
    assert case.snapshot["values"]["credit"] == "500.00"


CHAIN = """
approvals:
  chain:
    label: Chain
    entity: contract
    steps:
      up: {chain: {of: owner, until: 'title == "Head"'}, mode: in_turn}
      job: {position: Counsel, when: amount > 100}
      who: {who: owner, mode: all, copy_to: owner.manager}
    skip: [author]
"""


def test_chains_positions_and_formulas_say_who_decides(staffed: Staffed) -> None:
    staff = staffed(CHAIN)
    firm = staff.firm
    top = firm.hire("top", "chief", title="Owner")
    head = firm.hire("head", "chief", title="Head", manager=str(top))
    firm.yard.update("user", staff.boss, manager=str(head))
    counsel = firm.hire("counsel", "chief", title="Counsel")
    case = firm.submit(staff.seller, firm.contract(staff.seller), "chain")

    seats = [[seat.person for seat in stage.seats] for stage in case.course.stages]
    assert seats == [[staff.boss, head], [counsel], [staff.seller]]
    for person in (staff.boss, head, counsel):
        case = firm.act(person, case, "approve")
    assert case.course.state == "approved"
    assert sorted(told(staff, staff.boss)) == ["asked", "copied"]


def test_where_nobody_is_there_to_decide_administrators_are_asked(staffed: Staffed) -> None:
    staff = staffed(CHAIN)
    firm = staff.firm
    chief = firm.hire("admin", "administrator")
    loner = firm.hire("loner", "seller")
    case = firm.submit(loner, firm.contract(loner), "chain")

    assert (case.course.stages[0].vacant, chief in waiting(case.course)) == (True, True)


def test_what_approvals_hold_of_a_person_is_forgotten_with_them(staff: Staff) -> None:
    firm, yard = staff.firm, staff.firm.yard
    contract = firm.contract(staff.seller, 10)
    case = firm.submit(staff.seller, contract, comment="call Ms Li")
    firm.act(staff.boss, case, "approve", comment="she agreed")
    subject = Subject("contract", contract, {"contract": (contract,)}, {})

    yard.house.database.unit(
        yard.ctx, lambda connection: clear_approvals(yard.ctx, subject, connection)
    )

    found = firm.approvals.get(yard.ctx, case.id)
    assert found.snapshot == {}
    assert {entry.comment for entry in found.course.log} == {MARK}
    assert found.course.state == "approved"


def test_whoever_is_asked_may_change_what_their_step_lets_them_and_an_administrator_replaces(
    staff: Staff,
) -> None:
    firm = staff.firm
    writer = firm.yard.house.writer
    case = firm.submit(staff.seller, firm.contract(staff.seller))
    chief = firm.hire("admin", "administrator")
    terms, amount = {"terms": "thirty days"}, {"amount": "1"}

    with pytest.raises(RecordRefused) as refused:
        writer.update(firm.ctx(chief), "contract", [Edit(case.record, terms)])
    assert codes(refused) == ["approval_locked"]
    case = firm.act(chief, case, "hand_over", gone=staff.boss, to=(chief,))
    assert (waiting(case.course), case.course.log[-1].what) == ((chief,), "replaced")
    writer.update(firm.ctx(chief), "contract", [Edit(case.record, terms)])
    with pytest.raises(RecordRefused):
        writer.update(firm.ctx(chief), "contract", [Edit(case.record, amount)])
    assert firm.held(case.record)["terms"] == "thirty days"
