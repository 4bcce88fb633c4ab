"""The three back ends agree to the last digit on random formulas and records."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from formula import CATALOG, FormulaError, Typed, check, parse, print_formula
from tests.budget import examples
from tests.formula import strategies
from tests.formula.everywhere import Browser, evaluate_everywhere, fill
from tests.formula.strategies import formulas, worlds
from tests.formula.world import DEAL, World


# The message names one formula and one record, so nothing needs shrinking.
@settings(
    max_examples=examples(25),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds(), texts=st.lists(formulas, min_size=15, max_size=15))
def test_python_postgresql_and_javascript_agree(
    _world_tables: Connection, browser: Browser, world: World, texts: list[str]
) -> None:
    typed = [found for text in texts if (found := _checked(text)) is not None]
    fill(_world_tables, world)

    answers = evaluate_everywhere(_world_tables, browser, world, typed)

    for formula, row in zip(typed, answers, strict=True):
        for deal, answer in zip(world.rows["deal"], row, strict=True):
            told = (formula.text, deal, answer)
            assert answer.python == answer.sql == answer.js, told
    _world_tables.rollback()


def test_random_formulas_call_every_function() -> None:
    written = Path(strategies.__file__).read_text("utf-8")

    assert [name for name in CATALOG if not re.search(rf"\b{name}\b", written)] == []


@settings(max_examples=examples(150), deadline=None)
@given(text=formulas)
def test_what_is_printed_parses_to_the_same_tree(text: str) -> None:
    tree = parse(text)

    assert parse(print_formula(tree)) == tree


def _checked(text: str) -> Typed | None:
    """Return a formula, or None where its numbers are too wide for any back end."""
    try:
        return check(parse(text), DEAL)
    except FormulaError as refused:
        assert {problem.code for problem in refused.problems} <= {
            "too_wide",
            "too_complex",
            "not_whole",
        }
        return None
