"""The reference of formulas is what the catalogue and the law say."""

from __future__ import annotations

import os

import pytest

from formula import CATALOG, FormulaError, FunctionSpec, check, parse
from formula.foreign import FOREIGN
from tests.formula.reference import ROOT, reference, value_of
from tests.formula.world import DEAL

PAGE = ROOT / "docs" / "reference" / "formula.md"


def test_the_reference_is_made_from_the_catalogue() -> None:
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        PAGE.write_text(reference(), "utf-8")

    assert PAGE.read_text("utf-8") == reference()


@pytest.mark.parametrize("spec", CATALOG.values(), ids=lambda spec: spec.name)
def test_an_example_shows_a_value(spec: FunctionSpec) -> None:
    assert value_of(spec.example) != "blank"


@pytest.mark.parametrize("name", FOREIGN)
def test_a_function_of_another_language_is_refused_with_our_spelling(name: str) -> None:
    assert name not in CATALOG

    with pytest.raises(FormulaError) as raised:
        check(parse(f"{name}(amount)"), DEAL)

    assert raised.value.problems[0].hint == FOREIGN[name]
