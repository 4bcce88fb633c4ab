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
        ("".join(f"{' ' * depth}a:\n" for depth in range(2_000)), "too_deep"),
        ("- " * 10_000, "too_deep"),
        ("{a: " * 10_000, "too_deep"),
        ('a: "\\ud800"', "yaml_syntax"),
        ("%ODD x\n---\na: 1", "yaml_syntax"),
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


def test_a_tag_that_would_make_something_of_a_value_is_refused() -> None:
    source = read_source('a: !!python/object/apply:os.system ["id"]\nb: !!str 1\nc: !x y', "f")

    assert [(p.code, p.place.line) for p in source.problems] == [
        ("unknown_tag", 1),
        ("unknown_tag", 3),
    ]
    assert source.document["b"] == "1"


def test_a_character_that_no_database_keeps_is_refused() -> None:
    (problem,) = read_source('a: "x\\0y"', "f").problems

    assert (problem.code, problem.place.line, problem.place.column) == ("bad_character", 1, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa: 1\nb:\n  c: 2\n",
        b"a: 1\r\nb:\r\n  c: 2\r\n",
        b"a: 1\rb:\r  c: 2\r",
        b"%YAML 1.1\n---\na: 1\nb: {c: 2}\n...\n",
    ],
    ids=["byte order mark", "windows", "old mac", "directive"],
)
def test_files_of_every_editor_read_alike(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "app.yaml"
    file.write_bytes(content)

    source = read_file(file, "app.yaml")

    assert source.problems == ()
    assert source.document == {"a": 1, "b": {"c": 2}}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030"])
def test_a_file_in_another_encoding_says_so(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "app.yaml"
    file.write_bytes("label: 客户".encode(encoding))

    (problem,) = read_file(file, "app.yaml").problems

    assert problem.code == "not_utf8"


def test_a_file_far_too_large_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    with file.open("wb") as written:
        written.truncate(2_000_000_000)

    (problem,) = read_file(file, "app.yaml").problems

    assert problem.code == "too_large"
    assert "2,000,000,000 bytes" in problem.sentence
