"""Nobody decides on what they submitted themselves, unless the approval lets them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.errors import RecordRefused
from tests.workflow.approvals.conftest import Staff, Staffed
from workflow.approvals.course import Course, vote_of, waiting
from workflow.approvals.keeping import Case

OWN = """
approvals:
  own:
    label: Own
    entity: contract
    steps:
      holder: {who: owner, allow: [transfer, add_before, add_after]}
"""
BESIDE = OWN.replace("{who: owner,", "{role: seller, mode: all,")
PASSED = f"{OWN}    skip: [author]\n"
LETS = f"{OWN}    author_decides: true\n"


def submitted(staff: Staff, who: UUID) -> Case:
    return staff.firm.submit(who, staff.firm.contract(who), "own")


def votes(course: Course) -> list[tuple[UUID, str]]:
    return [(seat.person, vote_of(course, seat)) for seat in course.stages[0].seats]


def test_where_a_step_asks_nobody_but_its_author_their_superior_decides(staffed: Staffed) -> None:
    """Requirement A-07."""
    staff = staffed(OWN)
    firm, seller = staff.firm, staff.seller
    contract = firm.contract(seller)
    entity = firm.yard.ctx.model.entities["contract"]

    planned = firm.approvals.preview(firm.ctx(seller), entity, contract, "own")
    case = firm.submit(seller, contract, "own")

    assert votes(planned) == votes(case.course) == [(seller, "author"), (staff.boss, "")]
    with pytest.raises(RecordRefused):
        firm.act(seller, case, "approve")
    assert firm.act(staff.boss, case, "approve").course.state == "approved"


def test_without_a_superior_an_administrator_decides_and_without_one_it_is_refused(
    staffed: Staffed,
) -> None:
    staff = staffed(OWN)
    loner = staff.firm.hire("loner", "seller")
    with pytest.raises(RecordRefused) as refused:
        submitted(staff, loner)
    chief, other = (staff.firm.hire(name, "administrator") for name in ("chief", "other"))

    case = submitted(staff, loner)

    assert [each.code for each in refused.value.errors] == ["approval_only_author"]
    assert set(waiting(case.course)) == {chief, other}
    assert staff.firm.act(other, case, "approve").course.state == "approved"
    assert waiting(submitted(staff, chief).course) == (other,)


def test_an_author_beside_others_is_left_out(staffed: Staffed) -> None:
    staff = staffed(BESIDE)
    other = staff.firm.hire("other", "seller", manager=str(staff.boss))

    case = submitted(staff, staff.seller)

    assert waiting(case.course) == (other,)


def test_an_approval_may_pass_steps_of_its_author(staffed: Staffed) -> None:
    staff = staffed(PASSED)

    assert submitted(staff, staff.seller).course.state == "approved"


def test_an_approval_may_let_authors_decide(staffed: Staffed) -> None:
    staff = staffed(LETS)
    case = submitted(staff, staff.seller)

    assert waiting(case.course) == (staff.seller,)
    assert staff.firm.act(staff.seller, case, "approve").course.state == "approved"


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("transfer", {}),
    ("add_before", {}),
    ("add_after", {}),
    ("hand_over", {"gone": True}),
]


@pytest.mark.parametrize(("act", "rest"), ACTS, ids=[act for act, _ in ACTS])
def test_nobody_makes_an_author_decide(staffed: Staffed, act: str, rest: dict[str, Any]) -> None:
    staff = staffed(OWN)
    firm = staff.firm
    case = submitted(staff, staff.seller)
    who = firm.hire("chief", "administrator") if rest else staff.boss
    gone = staff.boss if rest else None

    with pytest.raises(RecordRefused) as refused:
        firm.act(who, case, act, to=(staff.seller,), gone=gone)

    assert [each.code for each in refused.value.errors] == ["approval_own"]


def test_a_deputy_does_not_decide_on_their_own_request(staffed: Staffed) -> None:
    staff = staffed(OWN)
    firm = staff.firm
    firm.yard.create("deputy", {"person": str(staff.boss), "deputy": str(staff.seller)})
    case = submitted(staff, staff.seller)

    with pytest.raises(RecordRefused) as refused:
        firm.act(staff.seller, case, "approve")

    assert [each.code for each in refused.value.errors] == ["approval_not_yours"]
    assert waiting(firm.approvals.get(firm.yard.ctx, case.id).course) == (staff.boss,)
