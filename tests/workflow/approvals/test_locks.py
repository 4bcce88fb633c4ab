"""What an approval locks: lines wherever they are, and whatever their collection is called now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.doors import Edit
from engine.errors import RecordRefused
from tests.workflow.approvals.conftest import TERMS, Firm, Staff, app_of
from tests.workflow.approvals.test_reshaping import published
from tests.workflow.conftest import Yard, Yards

MOVABLE = "{entity: contract, collection: lines, movable: true}"

PARTS = """  contract_part:
    label: Part
    child_of: {entity: contract_line, collection: parts}
    title: what
    fields: {what: {type: text}}
roles:
"""

RENAMED = """
entities: {contract_line: {child_of: {entity: contract, collection: positions}}}
approvals: {terms: {locks: [amount, terms, positions]}}
"""


@pytest.fixture
def staff(yard_with: Yards) -> Staff:
    """Return a firm whose contracts have lines that may be moved, with parts of their own."""
    app = app_of().replace("{entity: contract, collection: lines}", MOVABLE)
    firm = Firm(yard_with(TERMS, app.replace("roles:\n", PARTS)))
    boss = firm.hire("boss", "chief")
    seller = firm.hire("seller", "seller", manager=str(boss))
    return Staff(firm, seller, boss, boss, boss)


def by_administrator(staff: Staff) -> Yard:
    """Return the yard as somebody acts in it whom nothing but locks holds back."""
    yard = staff.firm.yard
    return replace(yard, ctx=staff.firm.ctx(staff.firm.hire("admin", "administrator")))


def only(yard: Yard, entity: str) -> UUID:
    table = yard.ctx.compiled.tables.of(entity)
    with yard.house.database.reading(yard.ctx) as connection:
        return UUID(str(connection.execute(select(table.c.id)).scalar_one()))


def submitted(staff: Staff) -> UUID:
    lines = [{"item": "desk", "parts": [{"what": "leg"}]}]
    contract = staff.firm.contract(staff.seller, 10, lines=lines)
    staff.firm.submit(staff.seller, contract)
    return contract


def refused(yard: Yard, entity: str, id_: UUID, **values: Any) -> list[str]:
    with pytest.raises(RecordRefused) as found:
        yard.house.writer.update(yard.ctx, entity, [Edit(id_, values)])
    return [each.code for each in found.value.errors]


def test_lines_of_lines_are_locked_with_them(staff: Staff) -> None:
    submitted(staff)
    yard = by_administrator(staff)
    line, part = only(yard, "contract_line"), only(yard, "contract_part")

    assert refused(yard, "contract_part", part, what="wheel") == ["approval_locked"]
    assert refused(yard, "contract_line", line, parts=[{"what": "wheel"}])[0] == "approval_locked"


def test_a_line_is_not_moved_out_of_what_is_being_approved(staff: Staff) -> None:
    submitted(staff)
    other, yard = staff.firm.contract(staff.seller, 10), by_administrator(staff)
    line = only(yard, "contract_line")

    assert refused(yard, "contract_line", line, contract=str(other)) == ["approval_locked"]


def test_lines_stay_locked_when_their_collection_gets_another_name(staff: Staff) -> None:
    """Requirement P-04."""
    submitted(staff)

    after, _ = published(staff, RENAMED)

    yard = by_administrator(after)
    line = only(yard, "contract_line")
    assert refused(yard, "contract_line", line, item="chair") == ["approval_locked"]
