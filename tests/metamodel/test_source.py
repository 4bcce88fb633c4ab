"""Reading YAML: what scalars mean, where things stand, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from metamodel.source import MAX_DEPTH, read_file, read_source


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1.10", Decimal("1.10")),
        ("1e3", Decimal("1e3")),
        ("1.", Decimal("1.")),
        ("12:30", "12:30"),
        ("2026-03-01", "2026-03-01"),
        ("13%", "13%"),
        ('"12"', "12"),
        ("'true'", "true"),
        (".inf", ".inf"),
        ("客户", "客户"),
    ],
)
def test_scalars_follow_the_core_rules_of_yaml_1_2(written: str, read: object) -> None:
    value = read_source(f"a: {written}", "f.yaml").document["a"]

    assert value == read
    assert type(value) is type(read)


def test_a_decimal_keeps_its_last_zero() -> None:
    assert str(read_source("a: 1.10", "f").document["a"]) == "1.10"


def test_keys_are_text_even_where_they_look_like_values() -> None:
    assert list(read_source("on: 1\nno: 2\n2024: 3\n", "f").document) == ["on", "no", "2024"]


def test_positions_count_characters_in_chinese_text() -> None:
    source = read_source("名称: {值: 甲乙丙, 条件: '金额 > 1'}\n", "f.yaml")

    position = source.positions["名称", "条件"]

    assert (position.line, position.column) == (1, 14)
    assert (position.value_line, position.value_column, position.style) == (1, 18, "'")


def test_a_key_written_twice_is_refused_and_names_the_first() -> None:
    source = read_source("a: 1\nb: 2\na: 3\n", "f.yaml")

    (problem,) = source.problems
    assert (problem.code, problem.place.line, problem.place.column) == ("duplicate_key", 3, 1)
    assert "line 1" in problem.sentence


def test_an_alias_reads_like_what_it_stands_for() -> None:
    source = read_source("a: &x {k: [1, 2]}\nb: *x\n", "f.yaml")

    assert source.document == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}


def _bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{n}: &{n} [{', '.join(['*' + p] * 10)}]"
        for p, n in zip("abcdefg", "bcdefgh", strict=True)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_bomb(), "too_many_nodes"),
        ("[" * 10_000, "too_deep"),
        ("a: &a {b: *a}", "too_deep"),
        ("a: *nobody", "unknown_alias"),
        ("a:\n\tb: 1", "yaml_syntax"),
        ('a: "open', "yaml_syntax"),
        ("a: {b: 1", "yaml_syntax"),
        ("a: \x00", "yaml_syntax"),
        ("- a\n- b", "not_a_map"),
        ("? [a]\n: b", "key_not_text"),
        ("a: 1\n---\nb: 2", "several_documents"),
        ("x" * 8_000_001, "too_large"),
    ],
    ids=lambda value: value if len(value) < 30 else "long",
)
def test_what_cannot_be_read_is_one_problem_and_no_document(text: str, code: str) -> None:
    source = read_source(text, "f.yaml")

    assert [problem.code for problem in source.problems] == [code]
    assert source.document == {}
    assert source.problems[0].hint


def test_nesting_up_to_the_limit_is_read() -> None:
    deep = "a: " + "{a: " * (MAX_DEPTH - 1) + "1" + "}" * (MAX_DEPTH - 1)

    assert not read_source(deep, "f").problems


def test_an_empty_text_is_an_empty_document() -> None:
    assert read_source("# nothing yet\n", "f").document == {}


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: Müller".encode("latin-1"))

    assert read_file(latin, "latin.yaml").problems[0].code == "not_utf8"
    assert read_file(tmp_path / "none.yaml", "none.yaml").problems[0].code == "file_unreadable"
