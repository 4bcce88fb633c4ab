"""The SQL of formulas: filters that indexes can serve, measures, values that fit their fields."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql

from formula import check, compile_filter, compile_js, compile_python, compile_sql, parse
from formula.types import NumberType
from tests.formula.everywhere import fill
from tests.formula.world import DEAL, TABLES, MemoryValues, TableColumns, World

GOLDEN = Path(__file__).with_name("golden") / "filters.yaml"
COLUMNS = TableColumns("deal", TABLES["deal"], World({}))


def _filter(text: str) -> str:
    compiled = compile_filter(check(parse(text), DEAL), COLUMNS).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return " ".join(str(compiled).replace("formula_deal.", "").split())


def test_filters_have_no_guard_that_keeps_an_index_away() -> None:
    golden = yaml.safe_load(GOLDEN.read_text("utf-8"))

    found = {text: _filter(text) for text in golden}

    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(yaml.safe_dump(found, allow_unicode=True, width=1000), "utf-8")
    assert found == golden


@pytest.fixture
def deals(database: Connection) -> World:
    amounts = [Decimal("10.50"), Decimal(20), None]
    stages = ["won", "lost", "won"]
    rows = [
        {"id": UUID(int=place + 1), "amount": amount, "stage": stage}
        for place, (amount, stage) in enumerate(zip(amounts, stages, strict=True))
    ]
    world = World({"deal": rows})
    fill(database, world)
    return world


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SUM(amount)", Decimal("30.5")),
        ('SUM(amount, stage == "won")', Decimal("10.5")),
        ("COUNT()", Decimal(3)),
        ('COUNT(stage == "won") / COUNT()', Decimal("0.666666666667")),
        ("AVG(amount)", Decimal("15.25")),
        ('AVG(amount, stage == "won")', Decimal("10.5")),
        ('MAX(amount, stage == "lost")', Decimal(20)),
        ("SUM(amount, amount > 1000)", Decimal(0)),
        ('ANY(stage == "lost")', True),
        ("COUNTDISTINCT(stage)", Decimal(2)),
        ("FIRST(stage, amount)", "won"),
        ('LAST(amount, amount, stage == "won")', Decimal("10.5")),
    ],
)
def test_a_measure_aggregates_the_rows_of_its_query(
    database: Connection, deals: World, text: str, value: object
) -> None:
    typed = check(parse(text), DEAL, measure=True)

    assert database.scalar(select(compile_sql(typed, COLUMNS)).select_from(TABLES["deal"])) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 / 3", Decimal("0.67")),
        ("-2 / 3", Decimal("-0.67")),
        ("999.994", Decimal("999.99")),
        ("999.995", None),
        ("1000", None),
        ("null", None),
    ],
)
def test_a_value_is_rounded_to_its_field_and_blank_beyond_it(
    database: Connection, deals: World, text: str, value: object
) -> None:
    typed = check(parse(text), DEAL, expect=NumberType(3, 2))

    record = MemoryValues(deals, "deal", deals.rows["deal"][0])
    stored = database.execute(select(compile_sql(typed, COLUMNS))).scalars().first()

    assert (compile_python(typed).evaluate(record), stored) == (value, value)


@pytest.mark.parametrize(
    "text",
    [
        " & ".join(["name"] * 39),
        "TRIM(" * 38 + "name" + ")" * 38,
        "IF(active, 1, " * 38 + "2" + ")" * 38,
        "not (active or " * 19 + "active" + ")" * 19,
        "ROUND(" * 38 + "amount" + ")" * 38,
    ],
    ids=["joined", "called", "chosen", "negated", "rounded"],
)
def test_the_deepest_formulas_run(database: Connection, deals: World, text: str) -> None:
    typed = check(parse(text), DEAL)
    record = MemoryValues(deals, "deal", {"active": False, **deals.rows["deal"][0]})

    stored = database.execute(select(compile_sql(typed, COLUMNS))).scalars().first()

    assert compile_python(typed).evaluate(record) == stored
    assert compile_js(typed)
