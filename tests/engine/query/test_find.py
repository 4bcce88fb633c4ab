"""Lists: what they find, in which order, page by page, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Cursor

from engine.context import Context
from engine.errors import NotFound, QueryInvalid
from engine.query.find import can_ask
from engine.query.parse import parse_filter, parse_path, parse_paths, parse_sort
from engine.query.spec import LinkValue, ListQuery
from engine.values.searchkeys import sort_key
from tests.budget import examples
from tests.engine.house import House

Row = dict[str, Any]

ATOMS: dict[str, Callable[[Row], bool]] = {
    "credit > 100": lambda row: row["credit"] is not None and row["credit"] > 100,
    "credit <= 50.5": lambda row: row["credit"] is not None and row["credit"] <= Decimal("50.5"),
    "credit + 1 > 0": lambda row: (row["credit"] or 0) + 1 > 0,
    'level == "key"': lambda row: row["level"] == "key",
    'level != "key"': lambda row: row["level"] != "key",
    'level in ["plain", null]': lambda row: row["level"] in ("plain", None),
    "vip": lambda row: row["vip"],
    "owner == null": lambda row: row["owner"] is None,
    "since < DATE(2025, 1, 15)": lambda row: (
        row["since"] is not None and row["since"] < date(2025, 1, 15)
    ),
    "ISBLANK(since)": lambda row: row["since"] is None,
    "credit > setting.floor": lambda row: row["credit"] is not None and row["credit"] > 100,
    "worth > 200": lambda row: (row["credit"] or 0) - 10 > 200,
}

Condition = tuple[str, Callable[[Row], bool]]


def _all(one: Condition, other: Condition) -> Condition:
    return f"({one[0]}) and ({other[0]})", lambda row: one[1](row) and other[1](row)


def _any(one: Condition, other: Condition) -> Condition:
    return f"({one[0]}) or ({other[0]})", lambda row: one[1](row) or other[1](row)


def _not(one: Condition) -> Condition:
    return f"not ({one[0]})", lambda row: not one[1](row)


conditions = st.recursive(
    st.sampled_from(list(ATOMS.items())),
    lambda inner: st.one_of(
        st.builds(_all, inner, inner), st.builds(_any, inner, inner), st.builds(_not, inner)
    ),
    max_leaves=4,
)

SORTS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: sort_key(row["name"]),
    "credit": lambda row: row["credit"],
    "since": lambda row: row["since"],
    "level": lambda row: None if row["level"] is None else "key plain new".index(row["level"]),
    "vip": lambda row: row["vip"],
}


def live(house: House, entity: str) -> dict[UUID, Row]:
    rows = house.rows[entity].items()
    return {key: row for key, row in rows if not row.get("sys_trashed_at")}


def ids_of(house: House, ctx: Context, query: ListQuery) -> list[UUID]:
    """Return the ids of every page, in order."""
    found: list[UUID] = []
    while True:
        page = house.reader.find(ctx, query)
        found += [row.id for row in page.rows]
        if page.next is None:
            return found
        query = replace(query, cursor=page.next)


@settings(max_examples=examples(60), deadline=None)
@given(condition=conditions)
def test_a_filter_finds_what_python_finds(house: House, condition: Condition) -> None:
    text, holds = condition
    ctx = house.ctx()
    query = ListQuery("customer", filter=parse_filter(ctx, "customer", text), limit=500)

    found = set(ids_of(house, ctx, query))

    assert found == {key for key, row in live(house, "customer").items() if holds(row)}


@settings(max_examples=examples(40), deadline=None)
@given(
    names=st.lists(st.sampled_from(list(SORTS)), max_size=3, unique=True),
    directions=st.lists(st.booleans(), min_size=3, max_size=3),
    limit=st.integers(1, 25),
)
def test_pages_visit_every_row_once_in_any_order(
    house: House, names: list[str], directions: list[bool], limit: int
) -> None:
    ctx = house.ctx()
    keys = list(zip(names, directions, strict=False))
    text = ",".join(("-" if down else "") + name for name, down in keys)
    query = ListQuery("customer", sort=parse_sort(ctx, "customer", text), limit=limit)

    found = ids_of(house, ctx, query)

    assert found == in_order(live(house, "customer"), keys)


def in_order(rows: dict[UUID, Row], keys: list[tuple[str, bool]]) -> list[UUID]:
    """Sort by each key, blank last both ways, ids last in the direction of the last key."""
    ordered = sorted(rows, reverse=bool(keys) and keys[-1][1])
    for name, down in reversed(keys):
        value = SORTS[name]
        filled = [key for key in ordered if value(rows[key]) is not None]
        blank = [key for key in ordered if value(rows[key]) is None]
        # reverse=True keeps equal rows in their order, as Python's sort is stable both ways.
        ordered = sorted(filled, key=lambda key: value(rows[key]), reverse=down) + blank
    return ordered


def test_a_list_sorts_by_the_title_of_a_link(house: House) -> None:
    ctx = house.ctx()
    query = ListQuery("quote", sort=parse_sort(ctx, "quote", "customer"), limit=500)

    titles = [row.values["customer"] for row in house.reader.find(ctx, query).rows]

    shown = [
        sort_key(link.title) if isinstance(link, LinkValue) and not link.trashed else None
        for link in titles
    ]
    filled = [title for title in shown if title is not None]
    assert filled == sorted(filled)
    assert shown == filled + [None] * (len(shown) - len(filled))


def test_a_row_has_values_through_links_and_formulas(house: House) -> None:
    ctx = house.ctx()
    paths = parse_paths(ctx, "quote", "code,total,double,customer,customer.name,level")
    key, row = next(
        (key, row)
        for key, row in house.rows["quote"].items()
        if row["customer"] in live(house, "customer")
    )

    query = ListQuery("quote", parse_filter(ctx, "quote", f'code == "{row["code"]}"'), paths=paths)
    [found] = house.reader.find(ctx, query).rows

    customer = house.rows["customer"][row["customer"]]
    link = LinkValue("customer", row["customer"], customer["name"])
    assert found.id == key
    assert found.title == row["code"]
    assert found.values == {
        "code": row["code"],
        "total": row["total"],
        "double": row["total"] * 2,
        "customer": link,
        "customer.name": customer["name"],
        "level": f"{customer['level'] or ''}!",
    }


def test_a_link_to_the_trash_shows_its_title_and_reads_as_blank(house: House) -> None:
    ctx = house.ctx()
    trashed = {key for key, row in house.rows["customer"].items() if row.get("sys_trashed_at")}
    code = next(r["code"] for r in house.rows["quote"].values() if r["customer"] in trashed)
    paths = parse_paths(ctx, "quote", "customer,customer.name")

    query = ListQuery("quote", parse_filter(ctx, "quote", f'code == "{code}"'), paths=paths)
    [row] = house.reader.find(ctx, query).rows

    link = row.values["customer"]
    assert isinstance(link, LinkValue)
    assert link.trashed and link.title
    assert row.values["customer.name"] is None


def test_a_link_to_several_entities_says_which(house: House) -> None:
    rows = house.reader.find(house.ctx(), ListQuery("activity")).rows

    for row in rows:
        target, key = house.rows["activity"][row.id]["about"]
        link = row.values["about"]
        assert isinstance(link, LinkValue)
        assert (link.entity, link.id) == (target, key)


def test_the_trash_is_a_list_of_its_own(house: House) -> None:
    found = house.reader.find(house.ctx(), ListQuery("customer", trashed=True, limit=500)).rows

    trashed = {key for key, row in house.rows["customer"].items() if row.get("sys_trashed_at")}
    assert {row.id for row in found} == trashed


def test_counts_are_capped_unless_asked_exactly(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = house.ctx()
    everything = len(live(house, "customer"))
    monkeypatch.setattr("engine.query.find.CAP", 5)

    capped = house.reader.find(ctx, ListQuery("customer", count="capped"))
    exact = house.reader.find(ctx, ListQuery("customer", count="exact"))

    assert (capped.total, capped.capped) == (5, True)
    assert (exact.total, exact.capped) == (everything, False)


@contextmanager
def statements() -> Any:
    """Collect the statements that read rows."""
    seen: list[str] = []
    execute = Cursor.execute

    def note(cursor: Any, query: Any, *given: Any, **options: Any) -> Any:
        seen.append(query.decode() if isinstance(query, bytes) else query)
        return execute(cursor, query, *given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cursor, "execute", note)
        yield seen


@pytest.mark.parametrize(("count", "queries"), [("none", 1), ("capped", 2)])
def test_a_page_is_one_statement_and_its_count_another(
    house: House, count: Any, queries: int
) -> None:
    ctx = house.ctx("masked")
    query = ListQuery("quote", count=count, limit=50)

    with statements() as seen:
        page = house.reader.find(ctx, query)

    assert len(page.rows) == 50
    assert len([text for text in seen if "quote" in text]) == queries


def test_an_unknown_name_in_a_filter_is_refused_with_its_place(house: House) -> None:
    with pytest.raises(QueryInvalid) as refused:
        parse_filter(house.ctx(), "customer", "vip and credt > 3 and nmae == 1")

    problems = refused.value.problems
    assert [(p.code, p.span.start, p.span.end) for p in problems] == [
        ("unknown_name", 8, 13),
        ("unknown_name", 22, 26),
    ]
    assert "credit" in problems[0].hint


def test_a_sort_names_every_wrong_key_with_its_place(house: House) -> None:
    with pytest.raises(QueryInvalid) as refused:
        parse_sort(house.ctx(), "customer", "name, -credt,lines")

    assert [problem.span.start for problem in refused.value.problems] == [7, 13]


@pytest.mark.parametrize("field", ["credit", "phone", "worth"])
def test_what_somebody_may_not_read_is_as_unknown_as_what_is_not_there(
    house: House, field: str
) -> None:
    whole, ctx = house.ctx(), house.ctx("masked")
    query = ListQuery("customer", filter=parse_filter(whole, "customer", f"{field} != null"))

    for ask in (
        lambda: parse_filter(ctx, "customer", f"{field} != null"),
        lambda: parse_filter(ctx, "quote", f"customer.{field} != null"),
        lambda: parse_filter(ctx, "customer", f"COUNT(quotes, customer.{field} != null) > 0"),
        lambda: parse_sort(ctx, "customer", field),
        lambda: parse_path(ctx, "customer", field),
        lambda: house.reader.find(ctx, query),
    ):
        with pytest.raises(QueryInvalid) as refused:
            ask()
        assert refused.value.problems[0].code == "unknown_name"


def test_a_masked_value_shows_its_ends_and_a_hidden_one_nothing(house: House) -> None:
    rows = house.reader.find(house.ctx("masked"), ListQuery("customer")).rows

    for row in rows:
        phone = house.rows["customer"][row.id]["phone"]
        assert row.values["phone"] == f"{phone[:3]}****{phone[-4:]}"
        assert "credit" not in row.values
        assert "worth" not in row.values


def test_a_record_that_somebody_may_not_read_is_a_link_without_a_title(house: House) -> None:
    ctx = house.ctx("quotes_only")
    paths = parse_paths(house.ctx(), "quote", "customer,customer.name")

    rows = house.reader.find(ctx, ListQuery("quote", paths=paths, limit=500)).rows

    links = [row.values["customer"] for row in rows if row.values["customer"] is not None]
    assert links
    assert all(link.restricted and link.title is None for link in links)  # type: ignore[attr-defined]
    assert not any("customer.name" in row.values for row in rows)


def test_values_behind_a_link_hide_with_its_record(house: House) -> None:
    person = list(house.rows["user"])[4]
    ctx = house.person(person, "own", "quotes_only")
    paths = parse_paths(ctx, "quote", "customer,customer.name")
    query = ListQuery("quote", paths=paths, limit=500)

    rows = house.reader.find(ctx, query).rows
    named = parse_filter(ctx, "quote", "customer.name != null")
    found = set(ids_of(house, ctx, replace(query, filter=named)))

    mine = {k for k, r in live(house, "customer").items() if r["owner"] == person}
    shown = {row.id for row in rows if row.values["customer.name"] is not None}
    assert shown == {k for k, r in house.rows["quote"].items() if r["customer"] in mine}
    assert shown == found


def test_somebody_who_sees_no_row_gets_an_empty_list_whatever_they_ask(house: House) -> None:
    ctx = house.ctx("quotes_only")
    query = ListQuery(
        "customer",
        filter=parse_filter(house.ctx(), "customer", "credit > 1"),
        sort=parse_sort(house.ctx(), "customer", "phone"),
        count="exact",
    )

    page = house.reader.find(ctx, query)

    assert (page.rows, page.next, page.total) == ((), None, 0)


def test_a_view_over_hidden_fields_is_not_for_everybody(house: House) -> None:
    view = ListQuery("customer", sort=parse_sort(house.ctx(), "customer", "credit"))

    assert can_ask(house.ctx(), house.policy, view)
    assert not can_ask(house.ctx("masked"), house.policy, view)


def test_an_entity_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.reader.find(house.ctx(), ListQuery("unicorn"))


def test_a_page_asks_for_at_most_what_is_allowed(house: House) -> None:
    dice = Random(3)
    for limit in (0, -5, 10_000, dice.randrange(1, 500)):
        page = house.reader.find(house.ctx(), ListQuery("customer", limit=limit))
        assert 1 <= len(page.rows) <= 500
