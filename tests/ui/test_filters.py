"""The filter builder reads back what it writes."""

from __future__ import annotations

import pytest

from ui.viewmodels.filters import Condition, FilterField, read_conditions

FIELDS = {
    name: FilterField(name, name, "text", name, ())
    for name in ("name", "amount", "discount", "close_date", "owner", "urgent", "customer")
}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('CONTAINS(name, "pump")', Condition("name", "contains", "pump")),
        ('CONTAINS(customer.name, "pump")', Condition("customer", "contains", "pump")),
        ("amount >= 1000.5", Condition("amount", ">=", "1000.5")),
        ("discount > 12.5%", Condition("discount", ">", "12.5")),
        ("close_date <= DATE(2026, 3, 1)", Condition("close_date", "<=", "2026-03-01")),
        ("close_date < TODAY()", Condition("close_date", "past")),
        (
            'STARTOF(close_date, "month") == STARTOF(TODAY(), "month")',
            Condition("close_date", "this_month"),
        ),
        ("owner == user.id", Condition("owner", "me")),
        ("urgent", Condition("urgent", "true")),
        ("not urgent", Condition("urgent", "false")),
        ("ISBLANK(name)", Condition("name", "blank")),
        ("not ISBLANK(name)", Condition("name", "filled")),
    ],
)
def test_a_condition_is_read_back(text: str, condition: Condition) -> None:
    assert read_conditions(text, FIELDS) == ("and", (condition,))


def test_conditions_are_joined_as_they_were_written() -> None:
    joined, conditions = read_conditions('name == "a" or amount < 3', FIELDS) or ("and", ())

    assert joined == "or"
    assert conditions == (Condition("name", "==", "a"), Condition("amount", "<", "3"))


@pytest.mark.parametrize("text", ["amount + 1 > 3", "unknown == 1", "SUM(lines.amount) > 3", "("])
def test_what_is_not_simple_stays_a_formula(text: str) -> None:
    assert read_conditions(text, FIELDS) is None
