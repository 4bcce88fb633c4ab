"""Text to tree: habits of spreadsheets, full-width punctuation, and what cannot be read."""

from __future__ import annotations

import pytest

from formula import FormulaError, Path, parse, print_formula, rename


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("=a+1", "a + 1"),
        ("a<>1", "a != 1"),
        ("a = 1", "a == 1"),
        ("IF（a＞1，“x”，‘y’）", 'IF(a > 1, "x", "y")'),
        ("sum(lines.amount)", "SUM(lines.amount)"),
        ("AND(a, Or(b, c), NOT(d))", "a and (b or c) and not d"),
        ("x if a else y", "IF(a, x, y)"),
        ("a ≤ 3 ≠ b", "a <= 3 != b"),
        ("３０％ × ２", "30% * 2"),
        ("10 % 3", "10 % 3"),
        ("10%3", "10 % 3"),
        ("10% + 3", "10% + 3"),
        ("-2 ** 2", "-2 ** 2"),
        ("(-2) ** 2", "(-2) ** 2"),
        ("a - (b - c)", "a - (b - c)"),
        ("a & b + 1 == c", "a & b + 1 == c"),
        ("TRUE and Null == a", "true and null == a"),
        ("「客户.行业」 == '零售'", '客户.行业 == "零售"'),
        ("「客户 名称」", "「客户 名称」"),
        ("a not in [1, 2]", "a not in [1, 2]"),
        ('"say \\"hi\\""', '"say \\"hi\\""'),
    ],
)
def test_habits_are_read_and_printed_in_one_spelling(written: str, canonical: str) -> None:
    assert print_formula(parse(written)) == canonical


@pytest.mark.parametrize(
    ("written", "code", "start", "end"),
    [
        ("", "empty", 0, 0),
        ("a +", "unexpected", 3, 3),
        ("(a + 1", "unclosed", 0, 1),
        ('"abc', "unclosed_text", 0, 4),
        ("a && b", "foreign_operator", 2, 4),
        ("a ^ 2", "foreign_operator", 2, 3),
        ("IF(a; 1; 2)", "foreign_operator", 4, 5),
        ("a b", "unexpected", 2, 3),
        ("3x", "bad_number", 0, 2),
        ("a @ b", "bad_character", 2, 3),
        ("「金额", "unclosed_label", 0, 3),
        ("a.", "unexpected", 2, 2),
        ('"\\q"', "bad_escape", 1, 3),
        ("(" * 300 + "1" + ")" * 300, "too_deep", 40, 41),
        ("+".join(["1"] * 200), "too_deep", 0, 399),
        ("1" * 10_001, "too_long", 10_000, 10_001),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    written: str, code: str, start: int, end: int
) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(written)

    (problem,) = refused.value.problems
    assert (problem.code, problem.span.start, problem.span.end) == (code, start, end)
    assert problem.message


def test_names_are_renamed_by_where_they_stand() -> None:
    def change(path: Path, inside: tuple[Path, ...]) -> Path:
        if inside and path == ("kind",):
            return ("sort",)
        return ("sum",) if path == ("amount",) else path

    found = rename(parse('amount + SUM(lines.amount, kind == "a") + COUNT(x, this.kind)'), change)

    assert print_formula(found) == 'sum + SUM(lines.amount, sort == "a") + COUNT(x, this.kind)'


def test_a_formula_can_be_shown_with_labels() -> None:
    labels = {("amount",): ("金额",), ("customer", "name"): ("客户", "名称")}

    shown = print_formula(parse('customer.name & amount & "x"'), lambda path: labels[path])

    assert shown == '「客户.名称」 & 「金额」 & "x"'
