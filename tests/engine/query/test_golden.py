"""The SQL of typical questions, kept as files: a change in it is seen before it is felt.

JOINERY_REWRITE_GOLDEN=1 writes the files anew; read the difference before it is kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from engine.query.find import page_statement
from engine.query.parse import parse_filter, parse_paths, parse_sort
from engine.query.spec import ListQuery
from tests.engine.house import House

GOLDEN = Path(__file__).parent / "golden"

CASES = {
    "own_rows": ("own", "customer", "", "", "name", None),
    "tree_filtered_by_a_link": ("tree", "quote", 'customer.level == "key"', "", "code", None),
    "next_page_by_money": ("administrator", "customer", "vip", "-credit", "name,credit", 0),
    "blank_money_last": ("administrator", "customer", "", "credit", "name", 1),
    "two_ways": ("administrator", "customer", "", "-since,name", "name", 0),
    "by_the_id": ("administrator", "customer", "", "", "name", 0),
    "titles_after_the_cut": ("masked", "quote", "total > 50", "code", "customer,owner", None),
    "related_rows": ("team", "customer", "COUNT(quotes, total > 9) > 1", "", "name,owing", None),
    "ordered_by_a_sum": ("administrator", "customer", "owing > 5", "-owing", "name,owing", None),
}


@pytest.mark.parametrize("case", CASES)
def test_questions_become_the_statements_in_their_files(house: House, case: str) -> None:
    role, entity, condition, sort, paths, segment = CASES[case]
    ctx = house.ctx(role)
    query = ListQuery(
        entity,
        filter=parse_filter(ctx, entity, condition) if condition else None,
        sort=parse_sort(ctx, entity, sort),
        paths=parse_paths(ctx, entity, paths),
    )

    statement = page_statement(ctx, house.policy, query, segment)

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    sql = re.sub(r" +\n", "\n", str(statement.compile(dialect=dialect))) + "\n"
    golden = GOLDEN / f"{case}.sql"
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        golden.write_text(sql, "utf-8")
    assert sql == golden.read_text("utf-8")
