"""Two spreadsheets' own test cases hold for our formulas, but for what differs on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from formula import FormulaError, Typed, check
from tests.formula.everywhere import Answers, Browser
from tests.formula.oracles.cells import Cells, evaluate
from tests.formula.oracles.sheets import Case, fast_parser, formulajs
from tests.formula.oracles.verdicts import agrees, differences, same_everywhere

pytestmark = pytest.mark.data


@pytest.fixture(scope="module", params=[fast_parser, formulajs], ids=lambda reader: reader.__name__)
def reader(request: pytest.FixtureRequest) -> Callable[[Path], Iterator[Case]]:
    found: Callable[[Path], Iterator[Case]] = request.param
    return found


def _typed(case: Case) -> Typed | None:
    if case.spelled is None:
        return None
    try:
        return check(case.spelled, Cells({}))
    except FormulaError:
        return None


def test_what_differs_is_listed_with_its_reason_and_nothing_else_is(
    reader: Callable[[Path], Iterator[Case]],
    test_data: Path,
    _world_tables: Connection,
    browser: Browser,
) -> None:
    table = differences(reader.__name__)
    cases = [case for case in reader(test_data) if case.why != "absent"]
    typed = {case.place: found for case in cases if (found := _typed(case)) is not None}

    answers: list[list[Answers]] = evaluate(
        _world_tables, browser, [(found, [{}]) for found in typed.values()]
    )

    said = {place: found for place, (found,) in zip(typed, answers, strict=True)}
    assert all(map(same_everywhere, said.values()))
    differing = {
        case.place
        for case in cases
        if case.place not in said or not agrees(said[case.place].python, case.expected)
    }
    assert differing == set(table.differs)


def test_a_function_that_is_not_ours_is_listed_with_its_reason(
    reader: Callable[[Path], Iterator[Case]], test_data: Path
) -> None:
    table = differences(reader.__name__)

    absent = {case.function for case in reader(test_data) if case.why == "absent"}

    assert absent == set(table.absent)
    assert {*table.absent.values(), *table.differs.values()} == set(table.reasons)
