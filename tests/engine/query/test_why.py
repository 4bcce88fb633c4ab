"""What a figure is made of, and whether figures are over all records or one's own."""

from __future__ import annotations

import pytest

from engine.errors import NotFound
from engine.query.parse import parse_filter, parse_measure
from engine.query.spec import AggregateQuery, ListQuery
from engine.query.why import Figures
from tests.engine.house import House


@pytest.fixture(scope="module")
def figures(house: House) -> Figures:
    return Figures(house.database, house.policy)


def test_a_figure_lists_what_it_went_over(house: House, figures: Figures) -> None:
    ctx = house.ctx("everything")
    for key, row in house.rows["customer"].items():
        quotes = {k for k, q in house.rows["quote"].items() if q["customer"] == key and q["open"]}

        [part] = figures.why(ctx, "customer", key, "owing")

        assert {each.id for each in part.records} == quotes
        assert (part.function, part.others, part.more) == ("SUM", False, False)
        assert row["id"] == key


def test_others_are_told_of_and_neither_named_nor_counted(house: House, figures: Figures) -> None:
    people = list(house.rows["user"])
    ctx = house.person(people[0], "everything_but_quotes")
    told = set()
    for key in house.rows["customer"]:
        quotes = {k: q for k, q in house.rows["quote"].items() if q["customer"] == key}
        mine = {k for k, q in quotes.items() if q["open"] and q["owner"] == people[0]}
        any_open = any(q["open"] for k, q in quotes.items() if k not in mine)

        [part] = figures.why(ctx, "customer", key, "owing")

        assert ({each.id for each in part.records}, part.others) == (mine, any_open)
        told.add(part.others)
    assert told == {True, False}


def test_a_field_that_is_hidden_or_entered_has_no_parts(house: House, figures: Figures) -> None:
    key = next(iter(house.rows["customer"]))

    for role, field in (("masked", "credit"), ("everything", "credit"), ("quotes_only", "owing")):
        with pytest.raises(NotFound):
            figures.why(house.ctx(role), "customer", key, field)


@pytest.mark.parametrize(
    ("role", "filter_", "scope"),
    [
        ("everything", "", "all"),
        ("everything", "COUNT(quotes) > 1", "all"),
        ("own", "", "yours"),
        ("everything_but_quotes", "vip", "all"),
        ("everything_but_quotes", "COUNT(quotes) > 1", "yours"),
        ("everything_but_quotes", "owing > 1", "all"),
        ("administrator", "", "all"),
    ],
)
def test_a_figure_says_whether_it_is_over_all_records(
    house: House, role: str, filter_: str, scope: str
) -> None:
    ctx = house.ctx(role)
    condition = parse_filter(ctx, "customer", filter_) if filter_ else None
    measure = parse_measure(ctx, "customer", "COUNT()")

    query = AggregateQuery("customer", filter=condition, measures={"n": measure})

    assert house.reader.aggregate(ctx, query).scope == scope
    assert house.reader.find(ctx, ListQuery("customer", filter=condition)).scope == scope
