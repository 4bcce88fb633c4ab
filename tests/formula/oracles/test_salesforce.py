"""Salesforce's own tests of formulas hold for ours, but for what differs on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from formula import FormulaError, Typed, check
from tests.formula.everywhere import Answers, Browser
from tests.formula.oracles.cells import Cells, evaluate
from tests.formula.oracles.salesforce import Story, stories
from tests.formula.oracles.verdicts import agrees, differences, same_everywhere

pytestmark = pytest.mark.data


def _typed(story: Story) -> Typed | None:
    if story.spelled is None:
        return None
    try:
        return check(story.spelled, Cells(story.kinds))
    except FormulaError:
        return None


def test_what_differs_is_listed_with_its_reason_and_nothing_else_is(
    test_data: Path, _world_tables: Connection, browser: Browser
) -> None:
    table = differences("salesforce")
    told = [(story, _typed(story)) for story in stories(test_data)]
    ours = [(story, typed) for story, typed in told if typed is not None]

    answers = evaluate(_world_tables, browser, [(typed, story.rows) for story, typed in ours])

    assert all(same_everywhere(answer) for row in answers for answer in row)
    differing = {story.name for story, typed in told if typed is None}
    for (story, _), row in zip(ours, answers, strict=True):
        differing |= set(_differing(story, row))
    assert differing == set(table.differs)
    assert set(table.differs.values()) == set(table.reasons)


def _differing(story: Story, row: list[Answers]) -> Iterator[str]:
    """Yield the rows of a formula whose answer is none of those that the engine gives."""
    for place, (answer, expected) in enumerate(zip(row, story.expected, strict=True)):
        if not any(agrees(answer.python, each) for each in expected):
            yield f"{story.name}:{place}"
