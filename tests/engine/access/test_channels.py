"""One set of rights behind every door: lists, records, figures, search, pickers, explanations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.context import Context
from engine.errors import NotFound
from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery, ListQuery
from tests.budget import examples
from tests.engine.house import House

Row = dict[str, Any]

ROLES = ("own", "team", "department", "tree", "everything", "keys", "no_plain", "masked")

people = st.integers(0, 5)
roles = st.lists(st.sampled_from(ROLES), max_size=3, unique=True)


def person(house: House, number: int, names: list[str]) -> Context:
    return house.person(list(house.rows["user"])[number], *(names or ["nobody"]))


def allowed(house: House, ctx: Context, entity: str, row: Row) -> bool:
    """Say naively whether somebody may read a row: roles add up, a deny wins."""
    granted = any(grants(house, ctx, role, entity, row) for role in ctx.actor.roles)
    denied = "no_plain" in ctx.actor.roles and entity == "customer" and row["level"] == "plain"
    return granted and not denied


def grants(house: House, ctx: Context, role: str, entity: str, row: Row) -> bool:
    actor = ctx.actor
    mine = row["owner"] == actor.user
    match role:
        case "everything" | "masked":
            return True
        case "own":
            return mine
        case "team":
            members = house.rows["team_member"].values()
            owners = {each["member"] for each in members if each["team"] in actor.teams}
            return mine or row["owner"] in owners
        case "department":
            return mine or (actor.department is not None and row["department"] == actor.department)
        case "tree":
            return mine or row["department"] in actor.departments
        case "keys" if entity == "customer":
            return row["level"] == "key" or row["vip"]
        case "keys":
            lines = house.rows["quote_line"].values()
            return any(x["quote"] == row["id"] and x["amount"] > 50 for x in lines)
    return False


def readable(house: House, ctx: Context, entity: str) -> set[UUID]:
    rows = house.rows[entity].items()
    return {
        key
        for key, row in rows
        if not row.get("sys_trashed_at") and allowed(house, ctx, entity, row)
    }


def found(house: House, ctx: Context, entity: str, text: str = "") -> set[UUID]:
    condition = parse_filter(ctx, entity, text) if text else None
    page = house.reader.find(ctx, ListQuery(entity, filter=condition, limit=500))
    return {row.id for row in page.rows}


@settings(max_examples=examples(50), deadline=None)
@given(number=people, names=roles)
def test_every_door_shows_the_same_records(house: House, number: int, names: list[str]) -> None:
    ctx = person(house, number, names)
    expected = readable(house, ctx, "customer")

    listed = found(house, ctx, "customer")
    picked = house.reader.pick(ctx, "quote", "customer", "", this={}, limit=100)

    assert listed == expected
    assert {hit.id for hit in picked} == expected
    assert counted(house, ctx, "customer") == len(expected)
    assert {hit.id for hit in house.reader.search(ctx, "138", limit=100)} == (
        set() if only_masked(ctx) else expected
    )
    for key in house.rows["customer"]:
        assert can_get(house, ctx, "customer", key) == (key in expected)


def only_masked(ctx: Context) -> bool:
    """Say whether the phone is masked for somebody: then they cannot find by it either."""
    reaching = set(ctx.actor.roles) - {"no_plain", "nobody"}
    return not reaching or reaching == {"masked"}


def counted(house: House, ctx: Context, entity: str) -> int:
    if not house.policy.readable(ctx, entity):
        return 0
    measure = parse_measure(ctx, entity, "COUNT()")
    result = house.reader.aggregate(ctx, AggregateQuery(entity, measures={"n": measure}))
    return int(str(result.rows[0]["n"]))


def can_get(house: House, ctx: Context, entity: str, key: UUID) -> bool:
    try:
        return bool(house.reader.get(ctx, entity, [key]))
    except NotFound:
        return False


@settings(max_examples=examples(25), deadline=None)
@given(number=people, names=roles)
def test_lines_are_read_with_their_parent(house: House, number: int, names: list[str]) -> None:
    ctx = person(house, number, names)
    quotes = readable(house, ctx, "quote")
    lines = {k for k, r in house.rows["quote_line"].items() if r["quote"] in quotes}

    assert found(house, ctx, "quote") == quotes
    assert found(house, ctx, "quote_line") == lines
    assert counted(house, ctx, "quote_line") == len(lines)


@settings(max_examples=examples(25), deadline=None)
@given(number=people, names=roles)
def test_a_figure_over_related_records_counts_what_the_person_sees(
    house: House, number: int, names: list[str]
) -> None:
    ctx = person(house, number, names)
    customers, quotes = readable(house, ctx, "customer"), readable(house, ctx, "quote")
    if not customers or not house.policy.readable(ctx, "quote"):
        return

    with_quotes = found(house, ctx, "customer", "COUNT(quotes) > 0")

    owners = {house.rows["quote"][quote]["customer"] for quote in quotes}
    assert with_quotes == customers & owners


@settings(max_examples=examples(25), deadline=None)
@given(number=people, names=roles, data=st.data())
def test_an_explanation_agrees_with_the_list(
    house: House, number: int, names: list[str], data: st.DataObject
) -> None:
    ctx = person(house, number, names)
    key = data.draw(st.sampled_from(sorted(house.rows["customer"])))
    row = house.rows["customer"][key]

    decision = house.policy.decide(ctx, "read", entity="customer", record=key)

    assert decision.allowed == allowed(house, ctx, "customer", row)
    if decision.allowed:
        assert decision.rule.partition(".")[0] in ctx.actor.roles
    if decision.reason == "denied":
        assert decision.rule.startswith("no_plain.")


@settings(max_examples=examples(25), deadline=None)
@given(number=people, names=roles)
def test_groups_add_up_to_what_is_seen(house: House, number: int, names: list[str]) -> None:
    ctx = person(house, number, names)
    if not house.policy.readable(ctx, "quote"):
        return
    query = AggregateQuery(
        "quote",
        group_by={"owner": parse_group(ctx, "quote", "owner")},
        measures={
            "total": parse_measure(ctx, "quote", "SUM(total)"),
            "open": parse_measure(ctx, "quote", "SUM(total, open)"),
        },
    )

    rows = house.reader.aggregate(ctx, query).rows

    seen = [house.rows["quote"][key] for key in readable(house, ctx, "quote")]
    assert sum((row["total"] for row in rows), Decimal()) == sum(
        (row["total"] for row in seen), Decimal()
    )
    assert sum((row["open"] for row in rows), Decimal()) == sum(
        (row["total"] for row in seen if row["open"]), Decimal()
    )


def test_what_somebody_may_change_is_what_they_may_see_and_own(house: House) -> None:
    ctx = person(house, 3, ["tree"])
    with house.database.reading(ctx) as connection:
        changeable = house.policy.permitted(
            ctx, connection, list(house.rows["customer"]), entity="customer", action="update"
        )

    mine = {k for k, r in house.rows["customer"].items() if r["owner"] == ctx.actor.user}
    assert changeable == mine


@pytest.mark.parametrize(
    ("scopes", "action", "reason"),
    [
        ({"all"}, "update", "granted"),
        ({"read"}, "read", "granted"),
        ({"read"}, "update", "token_scope"),
        ({"customer:update"}, "update", "granted"),
        ({"customer:read"}, "update", "token_scope"),
        ({"quote:update"}, "read", "token_scope"),
        (set(), "read", "token_scope"),
    ],
)
def test_a_token_reaches_no_further_than_its_scopes(
    house: House, scopes: set[str], action: str, reason: str
) -> None:
    ctx = house.ctx("everything", scopes=frozenset(scopes))

    decision = house.policy.decide(ctx, action, entity="customer", record=None)

    assert decision.reason == reason
    listed = found(house, ctx, "customer") if reason == "token_scope" and not scopes else {uuid4()}
    assert bool(listed) == bool(scopes) or reason != "token_scope"


def test_the_administrator_and_the_system_hold_every_right(house: House) -> None:
    for ctx in (house.ctx("administrator"), house.ctx("nobody", kind="system")):
        for action in ("create", "read", "update", "delete", "export", "import"):
            assert house.policy.row_filter(ctx, "customer", action) is None
        assert house.policy.masked(ctx, "customer") == frozenset()


def test_colleagues_are_known_to_everybody(house: House) -> None:
    assert found(house, house.ctx("own"), "user") >= set(house.rows["user"])


def test_computed_fields_hide_with_what_they_are_made_of(house: House) -> None:
    masked, quotes = house.ctx("masked"), house.ctx("quotes_only")

    assert {"credit", "worth"} & house.policy.readable(masked, "customer") == set()
    assert house.policy.masked(masked, "customer") == {"phone"}
    assert "level" not in house.policy.readable(quotes, "quote")
    assert "total" in house.policy.readable(quotes, "quote")


def test_nobody_enters_what_is_computed_or_what_the_engine_keeps(house: House) -> None:
    writable = house.policy.writable(house.ctx("everything"), "customer")

    assert {"name", "owner", "phone"} <= writable
    assert not {"owing", "worth", "created_at", "id"} & writable
    assert house.policy.writable(house.ctx("masked"), "customer") == frozenset()
