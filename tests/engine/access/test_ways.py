"""Lists under rights are looked for in several ways at once, and are the same list (A-04)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.access.shares import Gift
from engine.context import Context
from engine.query.parse import parse_filter, parse_measure, parse_sort
from engine.query.spec import AggregateQuery, ListQuery, Row
from engine.query.ways import MOST, shape_of
from tests.conftest import Installation, TenantMaker
from tests.engine.access.company import APP, Company

SORTS = ("-created_at", "created_at", "limit,-name", "-limit", "name", "level,-limit")

NARROWINGS = ("", "limit > 20", 'level == "key" or ISBLANK(limit)')


@pytest.fixture(scope="module")
def company(tenant_of: TenantMaker, installation: Installation) -> Company:
    """Five departments in a row below each other; clients of everybody, in every way twice."""
    company = Company(tenant_of(APP), installation.database)
    chief = company.hire("chief", "administrator")
    above: UUID | None = None
    for level in range(6):
        parent: dict[str, Any] = {"parent": str(above)} if above else {}
        above = company.make("department", name=f"D{level}", **parent)
        for place in range(2):
            who = company.hire(f"p{level}{place}", "tree", "own", department=str(above))
            for number in range(4):
                client = company.make(
                    "client",
                    name=f"C{level}{place}{number}",
                    owner=str(who),
                    limit=str(Decimal(number * 7 + level)) if number else None,
                    level=("key", "plain", None)[number % 3],
                )
                company.shares.share(company.acting(chief), "client", client, Gift("person", who))
    return company


def walked(company: Company, ctx: Context, query: ListQuery) -> Iterator[str]:
    """Yield the titles of all pages, three rows each."""
    cursor: str | None = None
    while True:
        page = company.reader().find(ctx, ListQuery(query.entity, query.filter, sort=query.sort,
                                                    limit=3, cursor=cursor))  # fmt: skip
        yield from (row.title for row in page.rows)
        cursor = page.next
        if cursor is None:
            return


@pytest.mark.parametrize("narrowing", NARROWINGS)
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("level", [0, 1, 2, 5])
def test_pages_of_somebody_are_those_of_the_whole_that_are_theirs(
    company: Company, sort: str, narrowing: str, level: int
) -> None:
    person = next(row.id for row in people(company) if row.title == f"p{level}0")
    ctx = company.acting(person)
    order = parse_sort(ctx, "client", sort)
    kept = parse_filter(ctx, "client", narrowing) if narrowing else None
    whole = list(walked(company, company.ctx, ListQuery("client", kept, sort=order)))
    query = ListQuery("client", kept, sort=order)

    found = list(walked(company, ctx, query))

    assert found == [title for title in whole if int(title[1]) >= level]
    assert found
    for count in ("exact", "capped"):
        counted = ListQuery("client", kept, sort=order, limit=1, count=count)
        assert company.reader().find(ctx, counted).total == len(found)


def test_whoever_has_few_departments_is_asked_for_in_ways_and_others_are_not(
    company: Company,
) -> None:
    def shape(name: str, narrowing: str = "") -> tuple[int, ...]:
        person = next(row.id for row in people(company) if row.title == name)
        kept = parse_filter(company.ctx, "client", narrowing) if narrowing else None
        return shape_of(company.acting(person), company.policy, ListQuery("client", kept))

    assert shape("p50") == (1, 1)
    assert shape("p20") == (1, 4)
    assert shape("p10") == ()
    assert shape("p10", "limit > 20") == (1, 16)
    assert shape("chief") == ()


def test_sums_of_somebody_are_over_their_own_and_what_is_shared_with_them(
    company: Company,
) -> None:
    seller = company.hire("seller", "own")
    chief = next(row.id for row in people(company) if row.title == "chief")
    for owner, shared in ((chief, True), (seller, False), (seller, True), (chief, False)):
        record = company.make("client", name="S", owner=str(owner), limit="5")
        if shared:
            company.shares.share(company.acting(chief), "client", record, Gift("person", seller))
    ctx = company.acting(seller)
    measures = {text: parse_measure(ctx, "client", text) for text in ("COUNT()", "SUM(limit)")}

    [row] = company.reader().aggregate(ctx, AggregateQuery("client", measures=measures)).rows

    assert row == {"COUNT()": Decimal(3), "SUM(limit)": Decimal(15)}
    assert shape_of(ctx, company.policy, ListQuery("client"), every=True) == (1,)


def test_a_right_of_very_many_alternatives_is_asked_as_one(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    """The alternatives of `and` multiply: they are never written out where they are many."""
    either = " and ".join(f'(level == "key" or limit > {n} or owner in user.acting_for)'
                          for n in range(30))  # fmt: skip
    app = APP.replace("read: own}}}\n  stranger", f"read: {{where: '{either}'}}}}}}}}\n  stranger")
    crowded = Company(tenant_of(app), installation.database)
    crowded.hire("chief", "administrator")
    me = crowded.hire("me", "reader")
    crowded.make("client", name="mine", owner=str(me))

    assert MOST < 3**30
    assert shape_of(crowded.acting(me), crowded.policy, ListQuery("client")) == ()
    assert crowded.seen(me) == {"mine"}


def people(company: Company) -> Sequence[Row]:
    return company.reader().find(company.ctx, ListQuery("user", limit=100)).rows
