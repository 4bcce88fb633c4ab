"""Every refusal has a sentence in both languages, and its entry in the reference."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.errors import (
    CursorStale,
    FieldError,
    NotFound,
    QueryInvalid,
    RecordRefused,
)
from engine.messages import LANGUAGES, formula_sentence, phrase, sentence, title
from engine.phrases import BARE, FIELDS, FORMULAS, REFUSALS
from engine.titles import TITLES
from formula.errors import FormulaProblem, Span

ROOT = Path(engine.__file__).parents[1]
CARRIERS = ("FieldError", "Refused", "Issue", "CellInvalid", "SourceInvalid")
HAN = re.compile("[\u4e00-\u9fff]")


def codes_written() -> Iterator[tuple[str, str]]:
    """Yield the code of every field error and refusal that the engine's source names."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in CARRIERS and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value, str(path.relative_to(ROOT))


def codes_of_classes() -> Iterator[str]:
    """Yield the `code` of every class of the engine that has one."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for line in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                    yield ast.literal_eval(line.value)


@pytest.mark.parametrize(
    "table", [FIELDS, REFUSALS, TITLES, BARE], ids=["fields", "refusals", "titles", "bare"]
)
def test_sentences_are_whole_in_both_languages(table: dict[str, tuple[str, str]]) -> None:
    for code, (english, chinese) in table.items():
        assert english and not HAN.search(english), code
        assert HAN.search(chinese) or chinese == english == "{message}", code
        names = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
        assert names[0] == names[1], code


def test_every_field_error_that_the_engine_raises_has_a_sentence() -> None:
    missing = {(code, path) for code, path in codes_written() if code not in {**FIELDS, **REFUSALS}}

    assert not missing


def test_every_refusal_has_a_sentence() -> None:
    assert {code for code in codes_of_classes() if code not in REFUSALS} == set()


def test_every_code_stands_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")

    missing = [code for code in (*FIELDS, *REFUSALS, *FORMULAS) if f"`{code}`" not in reference]

    assert not missing


def test_a_sentence_names_what_was_found_and_how_to_mend_it() -> None:
    error = FieldError("too_long", ("name",), {"length": 130, "max": 120})

    assert sentence(error, "en") == "This has 130 characters, at most 120 fit. Shorten it."
    assert sentence(error, "zh") == "共 130 个字符，最多 120 个，请缩短。"


def test_a_list_of_choices_is_written_out() -> None:
    error = FieldError("unknown_choice", ("level",), {"value": "x", "known": ["a", "b"]})

    assert sentence(error, "zh").endswith("a、b。")


def test_a_refusal_counts_what_needs_mending() -> None:
    refused = RecordRefused([FieldError("required"), FieldError("unique")])

    assert "2" in sentence(refused, "en")
    assert "2" in sentence(refused, "zh")


def test_a_problem_of_a_filter_is_told_in_the_readers_language() -> None:
    problem = FormulaProblem(
        "unknown_name", "`amout` is not known here", Span(0, 5), "did you mean `amount`?"
    )
    error = QueryInvalid([problem])

    assert "did you mean `amount`?" in sentence(error, "en")
    assert "“amout”" in sentence(error, "zh")
    assert "“amount”" in formula_sentence(problem, "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_carries_no_parameters_still_reads_whole(language: str) -> None:
    for code in REFUSALS:
        assert "{" not in phrase(code, language)
        assert title(code, language)
    assert "{" not in sentence(CursorStale(), language)
    assert "{" not in sentence(NotFound(), language)


def test_a_sentence_has_no_hole_where_a_parameter_is_empty() -> None:
    for language in LANGUAGES:
        for code in BARE:
            said = sentence(FieldError(code, ("f",), {"near": "", "value": None}), language)
            assert "“”" not in said, code
    assert sentence(FieldError("unknown_field", ("x",), {"near": "name"}), "en").endswith("“name”?")


def test_every_shorter_sentence_stands_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")

    assert [
        code for code, said in BARE.items() if f"| {said[0]} | {said[1]} |" not in reference
    ] == []
