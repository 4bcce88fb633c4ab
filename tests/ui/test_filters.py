"""The filter builder reads back what it writes."""

from __future__ import annotations

import pytest

from ui.viewmodels.comparisons import COMPARISONS
from ui.viewmodels.filters import Condition, FilterField, read_conditions
from ui.widgets import FilterKind

KINDS: dict[str, FilterKind] = {
    "name": "text",
    "amount": "number",
    "discount": "percent",
    "close_date": "date",
    "created_at": "instant",
    "owner": "record",
    "customer": "record",
    "urgent": "boolean",
    "stage": "choice",
    "tags": "words",
    "members": "records",
    "term": "period",
    "opens": "time",
    "spent": "duration",
    "home": "address",
    "place": "place",
}

FIELDS = {
    name: FilterField(
        name,
        name,
        tuple(
            each.about(field=name, path=f"{name}.name", title="name") for each in COMPARISONS[kind]
        ),
    )
    for name, kind in KINDS.items()
}

VALUES = {
    "nothing": ("", ""),
    "text": ('"a \\"b\\" %"', 'a "b" %'),
    "number": ("1000.5", "1000.5"),
    "percent": ("12.5%", "12.5"),
    "date": ("DATE(2026, 3, 1)", "2026-03-01"),
    "days": ("30", "30"),
    "time": ('"09:30"', "09:30"),
    "option": ('"won"', "won"),
    "options": ('["won", "lost"]', "won\nlost"),
}


@pytest.mark.parametrize(
    ("field", "operator"),
    [(name, each.code) for name, field in FIELDS.items() for each in field.comparisons],
)
def test_a_condition_is_read_back(field: str, operator: str) -> None:
    comparison = next(each for each in FIELDS[field].comparisons if each.code == operator)
    written, entered = VALUES[comparison.takes]

    read = read_conditions(comparison.formula.format(value=written), FIELDS)

    assert read == ("and", (Condition(field, operator, entered),))


def test_a_comparison_that_is_two_in_itself_stands_among_others() -> None:
    running = "(term.start <= TODAY() and term.end >= TODAY())"

    joined, conditions = read_conditions(f"{running} or urgent", FIELDS) or ("and", ())

    assert joined == "or"
    assert conditions == (Condition("term", "running"), Condition("urgent", "true"))


def test_conditions_are_joined_as_they_were_written() -> None:
    joined, conditions = read_conditions('name == "a" or amount < 3', FIELDS) or ("and", ())

    assert joined == "or"
    assert conditions == (Condition("name", "==", "a"), Condition("amount", "<", "3"))


@pytest.mark.parametrize("text", ["amount + 1 > 3", "unknown == 1", "SUM(lines.amount) > 3", "("])
def test_what_is_not_simple_stays_a_formula(text: str) -> None:
    assert read_conditions(text, FIELDS) is None
