"""Groups and measures: against Python, and as SQL that runs by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from engine.errors import QueryInvalid
from engine.query.parse import parse_filter, parse_group, parse_measure
from engine.query.spec import AggregateQuery, LinkValue
from tests.engine.house import House


def by_level(house: House, limit: int = 1000) -> AggregateQuery:
    ctx = house.ctx()
    return AggregateQuery(
        "customer",
        filter=parse_filter(ctx, "customer", "credit > 20"),
        group_by={"level": parse_group(ctx, "customer", "level")},
        measures={
            "total": parse_measure(ctx, "customer", "SUM(credit)"),
            "count": parse_measure(ctx, "customer", "COUNT()"),
            "share": parse_measure(ctx, "customer", "SUM(credit, vip) / COUNT()"),
            "most": parse_measure(ctx, "customer", "MAX(credit)"),
        },
        limit=limit,
    )


def test_groups_hold_what_python_sums(house: House) -> None:
    expected: dict[str | None, list[dict[str, object]]] = defaultdict(list)
    for row in house.rows["customer"].values():
        if not row["sys_trashed_at"] and row["credit"] is not None and row["credit"] > 20:
            expected[row["level"]].append(row)

    found = house.reader.aggregate(house.ctx(), by_level(house)).rows

    assert {row["level"] for row in found} == set(expected)
    for row in found:
        credits = [Decimal(str(each["credit"])) for each in expected[row["level"]]]  # type: ignore[index]
        vips = [each["credit"] for each in expected[row["level"]] if each["vip"]]  # type: ignore[index]
        assert row["total"] == sum(credits)
        assert row["count"] == len(credits)
        assert row["most"] == max(credits)
        share = sum(vips, Decimal()) / len(credits)  # type: ignore[arg-type]
        assert abs(Decimal(str(row["share"])) - share) < Decimal("1e-11")


def test_options_stand_in_their_own_order_and_blank_last(house: House) -> None:
    found = house.reader.aggregate(house.ctx(), by_level(house)).rows

    assert [row["level"] for row in found] == ["key", "plain", "new", None]


def test_groups_beyond_the_limit_are_told_of(house: House) -> None:
    some = house.reader.aggregate(house.ctx(), by_level(house, limit=2))
    every = house.reader.aggregate(house.ctx(), by_level(house))

    assert (len(some.rows), some.everything) == (2, False)
    assert every.everything


def test_the_statement_shown_gives_the_same_figures(house: House) -> None:
    ctx = house.ctx("tree", department=next(iter(house.rows["department"])))
    result = house.reader.aggregate(ctx, by_level(house))

    with house.database.reading(ctx) as connection:
        rows = connection.execute(text(result.sql.replace(":", r"\:"))).all()

    assert sorted(map(str, rows)) == sorted(
        str(tuple(row[name] for name in ("level", "total", "count", "share", "most")))
        for row in result.rows
    )


def test_the_statement_is_shown_to_those_who_may_see_it_and_ask(house: House) -> None:
    query = by_level(house)

    assert house.reader.aggregate(house.ctx(), query).sql.startswith("SELECT")
    assert house.reader.aggregate(house.ctx("everything"), query).sql == ""
    assert house.reader.aggregate(house.ctx(), replace(query, explain=False)).sql == ""


def test_a_group_of_records_has_their_titles(house: House) -> None:
    ctx = house.ctx()
    query = AggregateQuery(
        "quote",
        group_by={"customer": parse_group(ctx, "quote", "customer")},
        measures={"n": parse_measure(ctx, "quote", "COUNT()")},
    )

    for row in house.reader.aggregate(ctx, query).rows:
        link = row["customer"]
        if isinstance(link, LinkValue):
            assert link.title == house.rows["customer"][link.id]["name"]


def test_dates_are_put_in_buckets(house: House) -> None:
    ctx = house.ctx()
    month = parse_group(ctx, "customer", 'STARTOF(since, "month")')
    query = AggregateQuery(
        "customer",
        group_by={"month": month},
        measures={"n": parse_measure(ctx, "customer", "COUNT()")},
    )

    rows = house.reader.aggregate(ctx, query).rows

    assert [str(row["month"]) for row in rows] == ["2025-01-01", "None"]


@pytest.mark.parametrize(
    ("where", "formula"),
    [("measures", "SUM(credit)"), ("group_by", "credit"), ("group_by", "worth")],
)
def test_figures_over_what_one_may_not_read_are_refused(
    house: House, where: str, formula: str
) -> None:
    parse = parse_measure if where == "measures" else parse_group
    typed = parse(house.ctx(), "customer", formula)
    query = AggregateQuery("customer", **{where: {"x": typed}})  # type: ignore[arg-type]

    with pytest.raises(QueryInvalid) as refused:
        house.reader.aggregate(house.ctx("masked"), query)

    assert refused.value.params["where"] == where


def test_without_groups_there_is_one_row_even_of_nothing(house: House) -> None:
    ctx = house.ctx()
    query = AggregateQuery(
        "customer",
        filter=parse_filter(ctx, "customer", "credit > 1000000"),
        measures={
            "total": parse_measure(ctx, "customer", "SUM(credit)"),
            "mean": parse_measure(ctx, "customer", "AVG(credit)"),
        },
    )

    [row] = house.reader.aggregate(ctx, query).rows

    assert row == {"total": Decimal(0), "mean": None}
