"""What is put to a decision: files, signatures; and who decides where somebody left."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest

from engine.context import Context
from engine.errors import NotFound, RecordRefused
from engine.leaving.journal import open_handover
from engine.leaving.order import Order, Rule, Whom
from tests.workflow.approvals.conftest import Staff, Staffed
from workflow.approvals.course import waiting
from workflow.approvals.disclosing import sides_shown

SIGNED = """
approvals:
  signed:
    label: Signed
    entity: contract
    steps:
      boss: {manager: 1, allow: [return], input: {sign: {type: signature, required: true}}}
    on_returned: {note: {set: {remark: 'input.comment'}}}
"""
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def staff(staffed: Staffed) -> Staff:
    return staffed(SIGNED)


def uploaded(staff: Staff, ctx: Context, name: str, content: bytes = b"why") -> UUID:
    return staff.firm.yard.house.files.upload(ctx, name, BytesIO(content)).id


def test_files_of_a_decision_lie_with_the_record_and_its_author_reads_them(staff: Staff) -> None:
    """Requirement A-07."""
    firm, files = staff.firm, staff.firm.yard.house.files
    case = firm.submit(staff.seller, firm.contract(staff.seller), "signed")
    why = uploaded(staff, firm.ctx(staff.boss), "why.txt")
    with pytest.raises(NotFound):
        files.open(firm.ctx(staff.seller), why)

    said = firm.act(staff.boss, case, "comment", files=(why,))

    assert said.course.log[-1].files == (why,)
    opened = files.open(firm.ctx(staff.seller), why)
    assert opened.content.read() == b"why"
    opened.content.close()
    attached = files.attached(firm.ctx(staff.seller), "contract", case.record)
    assert [each.id for each in attached] == [why]


def test_nobody_puts_files_of_others_to_a_decision(staff: Staff) -> None:
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller), "signed")
    theirs = uploaded(staff, firm.ctx(staff.money), "secret.txt")

    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.boss, case, "reject", files=(theirs,))

    assert [(e.code, e.path) for e in refused.value.errors] == [("link_missing", ("files",))]
    assert firm.approvals.get(firm.yard.ctx, case.id).course.state == "running"


def test_a_step_may_ask_for_a_signature(staff: Staff) -> None:
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller), "signed")
    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.boss, case, "approve", input={"sign": []})
    assert [(e.code, e.path) for e in refused.value.errors] == [("required", ("input", "sign"))]
    drawn = uploaded(staff, firm.ctx(staff.boss), "signature.png", PIXEL)

    done = firm.act(staff.boss, case, "approve", input={"sign": [str(drawn)]})

    assert (done.course.state, done.course.log[-1].files) == ("approved", (drawn,))


def test_steps_follow_where_it_is_returned_to_its_author(staff: Staff) -> None:
    firm = staff.firm
    case = firm.submit(staff.seller, firm.contract(staff.seller), "signed")

    firm.act(staff.boss, case, "return", comment="which terms?")

    assert firm.held(case.record)["remark"] == "which terms?"


def test_whoever_takes_over_from_somebody_decides_in_their_place(staff: Staff) -> None:
    firm, yard = staff.firm, staff.firm.yard
    heir, chief = firm.hire("heir", "chief"), firm.hire("admin", "administrator")
    case = firm.submit(staff.seller, firm.contract(staff.seller), "signed")
    order = Order(staff.boss, (Rule(Whom("people", (heir,))),))
    yard.house.database.unit(
        yard.ctx, lambda connection: open_handover(connection, yard.ctx, order, ("boss", 0, ()))
    )

    yard.update("user", staff.boss, active=False)
    firm.look()

    assert waiting(firm.approvals.get(yard.ctx, case.id).course) == (heir,)
    told = [words for who, words in yard.told() if who == chief]
    assert [(each["what"], each["count"]) for each in told] == [("replaced", 1)]


CLOSED = """
  credit:
    label: Credit
    entity: contract
    changes: [credit, remark]
    steps: {narrow: {role: narrow}}
"""


def test_a_change_keeps_to_what_differs_and_one_of_nothing_is_refused(staffed: Staffed) -> None:
    staff = staffed(SIGNED.rstrip() + CLOSED)
    firm = staff.firm
    firm.hire("clerk", "narrow")
    contract = firm.contract(staff.seller, credit="20", remark="a")

    with pytest.raises(RecordRefused) as refused:
        firm.submit(staff.seller, contract, "credit", changes={"credit": "20.00"})
    case = firm.submit(staff.seller, contract, "credit", changes={"credit": "20", "remark": "b"})

    assert [each.code for each in refused.value.errors] == ["approval_no_change"]
    assert case.changes == {"remark": "b"}


def test_an_approver_sees_of_a_change_what_they_may_read(staffed: Staffed) -> None:
    staff = staffed(SIGNED.rstrip() + CLOSED)
    firm, access = staff.firm, staff.firm.yard.house.access
    clerk = firm.hire("clerk", "narrow")
    contract = firm.contract(staff.seller)
    changes = {"credit": "500", "remark": "more"}
    case = firm.submit(staff.seller, contract, "credit", changes=changes)

    def shown(who: UUID) -> dict[str, tuple[object, object]]:
        found = sides_shown(firm.ctx(who), access, case)
        return {field.name: (before, after) for field, before, after in found}

    assert shown(staff.seller) == {"credit": (None, "500.00"), "remark": (None, "more")}
    assert shown(clerk) == {"remark": (None, "more")}
