"""Every function of the catalogue is whole: words, example, and three back ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection

from formula import CATALOG, FunctionSpec, check, compile_python, parse
from formula.backends.python import PythonFormula
from formula.casing_table import LOWER, UPPER
from formula.functions import SPECS
from tests.formula.everywhere import Browser, evaluate_everywhere, fill
from tests.formula.test_vectors import _world
from tests.formula.world import DEAL, MemoryValues, World

ROOT = Path(__file__).parents[2]

each_function = pytest.mark.parametrize("spec", CATALOG.values(), ids=lambda spec: spec.name)


@each_function
def test_a_function_explains_itself_in_both_languages(spec: FunctionSpec) -> None:
    assert set(spec.help) == {"en", "zh"}
    assert all(text.strip() for text in spec.help.values())
    assert re.search(r"[\u4e00-\u9fff]", spec.help["zh"])
    assert spec.signature.startswith(f"{spec.name}(")
    assert spec.name in spec.example or spec.syntax


def test_the_examples_mean_the_same_everywhere(_world_tables: Connection, browser: Browser) -> None:
    world = _world()
    fill(_world_tables, world)
    few = World({**world.rows, "deal": world.rows["deal"][:40]}, world.outside)
    typed = [check(parse(spec.example), DEAL) for spec in CATALOG.values()]

    answers = evaluate_everywhere(_world_tables, browser, few, typed)

    for formula, row in zip(typed, answers, strict=True):
        assert all(answer.python == answer.sql == answer.js for answer in row), formula.text
    _world_tables.rollback()


def test_every_function_is_known_to_every_back_end() -> None:
    folder = ROOT / "formula" / "backends"
    files = [folder / "runtime.ts", *folder.glob("runtime/*.ts")]
    runtime = "\n".join(file.read_text("utf-8") for file in files)

    for spec in SPECS.values():
        if spec.result is None and spec.python is None:
            assert spec.lower or spec.aggregate or spec.syntax, spec.name
            continue
        assert spec.python is not None and spec.sql is not None, spec.name
        assert re.search(rf"\b{spec.js}\b", runtime), spec.name


def test_the_browser_has_the_same_table_of_capitals() -> None:
    script = (ROOT / "formula" / "backends" / "casing.ts").read_text("utf-8")
    upper, lower = script.split("export const LOWER")

    for runs, text in ((UPPER, upper), (LOWER, lower)):
        found = re.findall(r"\[(\d+),\s+(\d+),\s+(\d+),\s+(-?\d+)\]", text)
        assert tuple(tuple(map(int, run)) for run in found) == runs


@each_function
def test_the_law_has_a_row_for_every_function(spec: FunctionSpec) -> None:
    law = (ROOT / "formula" / "semantics.md").read_text("utf-8")

    assert f"`{spec.name}" in law


def test_evaluation_goes_through_simpleeval(monkeypatch: pytest.MonkeyPatch) -> None:
    formula: PythonFormula = compile_python(check(parse("1 + 2 * 3"), DEAL))
    walked: list[str] = []
    original = PythonFormula.evaluate.__globals__["SimpleEval"]._eval

    def watched(self: object, node: object) -> object:
        walked.append(type(node).__name__)
        return original(self, node)

    monkeypatch.setattr("simpleeval.SimpleEval._eval", watched)
    world = World({"deal": []})
    assert formula.evaluate(MemoryValues(world, "deal", {})) == 7
    assert walked == ["BinOp", "Constant", "BinOp", "Constant", "Constant"]
