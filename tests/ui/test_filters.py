"""The filter builder reads back what it writes, and says it in plain words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.budget import examples
from ui.viewmodels.comparisons import COMPARISONS
from ui.viewmodels.filter_tree import (
    DEEPEST,
    Condition,
    FilterField,
    Group,
    formula_of,
    read_tree,
    said,
)
from ui.widgets import FilterKind
from ui.words import words_of

KINDS: dict[str, FilterKind] = {
    "name": "text",
    "amount": "number",
    "discount": "percent",
    "close_date": "date",
    "created_at": "instant",
    "owner": "record",
    "customer": "record",
    "customer.region": "choice",
    "customer.since": "date",
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
        name.capitalize(),
        tuple(
            each.about(field=name, path=f"{name}.name", title="name") for each in COMPARISONS[kind]
        ),
        (("won", "Won"), ("lost", "Lost")) if kind == "choice" else (),
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

    read = read_tree(comparison.formula.format(value=written), FIELDS)

    assert read == Group("and", (Condition(field, operator, entered),))


def test_a_comparison_that_is_two_in_itself_stands_among_others() -> None:
    running = "(term.start <= TODAY() and term.end >= TODAY())"

    read = read_tree(f"{running} or urgent", FIELDS)

    assert read == Group("or", (Condition("term", "running"), Condition("urgent", "true")))


def test_groups_in_groups_are_read_as_they_were_written() -> None:
    read = read_tree('urgent and (name == "a" or (amount < 3 and amount > 1))', FIELDS)

    inner = Group("and", (Condition("amount", "<", "3"), Condition("amount", ">", "1")))
    either = Group("or", (Condition("name", "==", "a"), inner))
    assert read == Group("and", (Condition("urgent", "true"), either))


@pytest.mark.parametrize("text", ["amount + 1 > 3", "unknown == 1", "SUM(lines.amount) > 3", "("])
def test_what_is_not_simple_stays_a_formula(text: str) -> None:
    assert read_tree(text, FIELDS) is None


def conditions() -> st.SearchStrategy[Condition]:
    offered = [(name, each) for name, field in FIELDS.items() for each in field.comparisons]
    return st.sampled_from(offered).map(
        lambda chosen: Condition(chosen[0], chosen[1].code, VALUES[chosen[1].takes][1])
    )


def groups(depth: int) -> st.SearchStrategy[Group]:
    item: st.SearchStrategy[Any] = conditions()
    if depth:
        item = item | groups(depth - 1)
    items = st.lists(item, min_size=2, max_size=3).map(tuple)
    return st.builds(Group, st.sampled_from(("and", "or")), items)


def flat(group: Group) -> Group:
    """A group as a formula has it: one inside another that is joined alike is the same group."""
    items: list[Condition | Group] = []
    for item in group.items:
        inner = flat(item) if isinstance(item, Group) else item
        alike = isinstance(inner, Group) and inner.joined == group.joined
        items.extend(inner.items if alike and isinstance(inner, Group) else (inner,))
    return Group(group.joined, tuple(items))


@settings(max_examples=examples(60), deadline=None)
@given(tree=groups(DEEPEST - 2))
def test_any_tree_is_written_as_a_formula_and_read_back(tree: Group) -> None:
    """P-18: the builder and the formula language are two ways to say one thing."""
    text = formula_of(tree, FIELDS)

    read = read_tree(text, FIELDS)

    assert read is not None
    assert formula_of(read, FIELDS) == text or flat(read) == flat(tree)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Amount > 10 and (Stage is any of Won, Lost or Close_date in the last 30 days)"),
        ("zh", "Amount > 10 且 (Stage 是其中之一 Won、Lost 或 Close_date 最近 30 天内)"),
    ],
)
def test_a_filter_is_said_in_plain_words(language: str, sentence: str) -> None:
    words = words_of(language)
    fields = {
        name: FilterField(
            field.name,
            field.label,
            tuple(
                type(each)(each.code, words.say(each.word), each.formula, each.takes)
                for each in field.comparisons
            ),
            field.options,
        )
        for name, field in FIELDS.items()
    }
    inner = Group(
        "or", (Condition("stage", "in", "won\nlost"), Condition("close_date", "last_days", "30"))
    )

    found = said(Group("and", (Condition("amount", ">", "10"), inner)), fields, words)

    assert found == sentence
