"""What bad metadata is told: golden reports, places to the character, and a reference of codes.

JOINERY_REWRITE_GOLDEN=1 writes the reports anew; read the difference before it is kept.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from metamodel import DefinitionInvalid, Layer, Place, Problem, load, read_text
from metamodel.chinese import CHINESE
from metamodel.telling import hint, sentence

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[2]
CASES = {
    "broken": ["broken.yaml"],
    "flows": ["flows.yaml"],
    "formulas": ["formulas.yaml"],
    "meaning": ["meaning.yaml"],
    "layer": ["layer_base.yaml", "layer.yaml"],
    "names": ["names.yaml"],
    "shapes": ["shapes.yaml"],
}


def _problems(files: list[str]) -> tuple[Problem, ...]:
    layers: list[Layer] = [read_text((GOLDEN / name).read_text("utf-8"), name) for name in files]
    with pytest.raises(DefinitionInvalid) as raised:
        load(layers)
    return raised.value.problems


def _report(problems: tuple[Problem, ...]) -> str:
    lines = []
    for problem in problems:
        place = problem.place
        lines.append(f"{place.file}:{place.line}:{place.column} {problem.code}")
        if problem.code.startswith("formula_") and problem.code != "formula_cycle":
            continue  # worded by the formula language, which has tests of its own
        lines.append(f"    {problem.sentence}")
        if problem.hint:
            lines.append(f"    {problem.hint}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_reported_at_once_with_place_and_hint(case: str) -> None:
    report = _report(_problems(CASES[case]))

    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("JOINERY_REWRITE_GOLDEN"):
        golden.write_text(report, "utf-8")
    assert report == golden.read_text("utf-8")


def test_a_problem_of_a_formula_points_at_the_word_itself() -> None:
    text = (GOLDEN / "formulas.yaml").read_text("utf-8").splitlines()
    found = [p for p in _problems(CASES["formulas"]) if p.code == "formula_unknown_name"]

    assert len(found) == 4
    for problem in found:
        (name,) = re.findall(r": `([^`]+)` is not known", problem.sentence)
        rest = text[problem.place.line - 1][problem.place.column - 1 :]
        assert rest.startswith(name), problem


REPORTERS = {
    "metamodel": ("report", "_report", "problem", "_problem", "Problem", "_at"),
    "formula": ("add", "refuse", "fail"),
}


def _codes(folder: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                texts = (a.value for a in node.args[:4] if isinstance(a, ast.Constant))
                if name in REPORTERS[folder]:
                    found = (
                        t
                        for t in texts
                        if isinstance(t, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", t)
                    )
                    yield from list(found)[:1]


def _documented(reference: str) -> Iterator[str]:
    """Yield the codes in the first column of each table; a row may hold several."""
    for cell in re.findall(r"^\| (`[^|]+`) \|", reference, re.MULTILINE):
        yield from re.findall(r"`(\w+)`", cell)


def test_every_code_has_its_entry_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/problems.md").read_text("utf-8")

    documented = set(_documented(reference))

    assert set(_codes("metamodel")) - documented == set()
    assert {f"formula_{code}" for code in _codes("formula")} - documented == set()


def test_every_code_is_reported_in_a_golden_file_or_in_a_test_of_its_own() -> None:
    reported = "".join(path.read_text("utf-8") for path in sorted(GOLDEN.glob("*.txt")))
    tested = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    silent = {
        code
        for code in _codes("metamodel")
        if not re.search(rf" {code}$", reported, re.MULTILINE) and f'"{code}"' not in tested
    }

    assert silent == set()


def test_every_code_speaks_chinese() -> None:
    codes = {*_codes("metamodel"), *(f"formula_{code}" for code in _codes("formula"))}

    assert codes - set(CHINESE) == set()
    for wrong, mend in CHINESE.values():
        assert re.search(r"[\u4e00-\u9fff]", wrong)
        assert re.search(r"[\u4e00-\u9fff]", mend)


def test_a_chinese_reader_is_told_what_and_how_to_mend_it() -> None:
    place = Place("a.yaml", 1, 1)
    problem = Problem(
        "unknown_field", place, "`deal` has no field `amunt`.", "Did you mean `amount`?"
    )
    other = Problem("too_deep", place, "The document is nested deeper than 60 levels.", "Check it.")

    assert sentence(problem, "zh") == "字段不存在或已停用：`deal`、`amunt`。"
    assert hint(problem, "zh-CN") == "是否想写 `amount`？"
    assert (sentence(other, "zh"), hint(other, "zh")) == ("嵌套过深。", "请检查缩进。")
    assert (sentence(problem, "en"), hint(problem, "en")) == (problem.sentence, problem.hint)


def test_every_problem_says_how_to_mend_it() -> None:
    for files in CASES.values():
        for problem in (p for p in _problems(files) if not p.code.startswith("formula_")):
            assert problem.sentence.endswith("."), problem
            assert problem.hint, problem
