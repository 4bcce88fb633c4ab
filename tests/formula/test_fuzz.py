"""Whatever is typed, a formula is read or refused with a place; nothing else comes out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formula import CATALOG, FormulaError, check, compile_js, compile_python, compile_sql, parse
from tests.budget import examples
from tests.formula.strategies import formulas
from tests.formula.world import DEAL, TABLES, TableColumns, World

WORDS = [
    *CATALOG, "amount", "lines.amount", "lines", "customer.deals", "customer.name", "stage", "kind",
    "stage.probability", "due", "called_at", "opens", "spent", "tags", "user.roles", "this.amount",
    "previous.stage", "owner", "id", "「金额」", "「明细.金额」", "lead.entity", "nothing", "if",
    "else", "and", "or", "not", "in", "null", "true", "1", "0.5", "30%", "3", '"a"', '"2024-01-01"',
    "“中”",
    '"09:30"', '"office"', "(", ")", "（", "）", "[", "]", ",", "，", "+", "-", "*", "/", "//",
    "%", "**", "&", "=", "==", "<>", "<", "≤", ".", "😀", '"', "'", "\\", "^", "；", "\x00", "\n",
]  # fmt: skip
soup = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
calls = st.builds(
    "{}({})".format,
    st.sampled_from(list(CATALOG)),
    st.lists(st.one_of(formulas, st.sampled_from(WORDS)), max_size=4).map(", ".join),
)


def _try(text: str) -> None:
    """Read, check and compile a text; what is refused has its place in it."""
    try:
        typed = check(parse(text), DEAL)
    except FormulaError as refused:
        for problem in refused.problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
            assert problem.message
        return
    compile_python(typed)
    compile_js(typed)
    compile_sql(typed, TableColumns("deal", TABLES["deal"], World({})))
    assert check(parse(typed.text), DEAL).text == typed.text


@settings(max_examples=examples(200), deadline=None)
@given(text=st.one_of(st.text(max_size=60), soup))
def test_any_text_is_read_or_refused(text: str) -> None:
    _try(text)


@settings(max_examples=examples(200), deadline=None)
@given(text=calls)
def test_any_function_takes_or_refuses_any_arguments(text: str) -> None:
    _try(text)


@settings(max_examples=examples(100), deadline=None)
@given(text=formulas, at=st.integers(0, 10_000), put=st.sampled_from([*WORDS, ""]))
def test_a_formula_with_one_word_changed_is_read_or_refused(text: str, at: int, put: str) -> None:
    place = at % (len(text) + 1)

    _try(text[:place] + put + text[place + 1 :])


@pytest.mark.parametrize(
    "opening", ["(", "[", "-", "not ", "ABS(", "IF(a, ", "1 + (", "「", "1 if ", "a.", "a ** "]
)
def test_ten_thousand_levels_are_refused(opening: str) -> None:
    with pytest.raises(FormulaError):
        check(parse(opening * (10_000 // len(opening))), DEAL)


@pytest.mark.parametrize("more", ["+1", "&1", "*(1)", " and true", "<1", ",1", "**1", ".a", "--1"])
def test_thousands_of_operators_in_a_row_are_read_or_refused(more: str) -> None:
    text = "1" + more * (9_000 // len(more))

    for formula in (text, f"MAX({text})", f"[{text}]", f"name in [{text}]"):
        with suppress(FormulaError):
            check(parse(formula), DEAL)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("「金额」 + 未知", 7, 9),
        ('"😀😀" & nmae', 7, 11),
        ("IF（active，nmae，1）", 10, 14),
        ("“中文” == name and x", 17, 18),
        ("SUM(「明细.金额」, knd == 1)", 13, 16),
        ("1 +\n  foo", 6, 9),
    ],
)
def test_places_count_characters(text: str, start: int, end: int) -> None:
    with pytest.raises(FormulaError) as raised:
        check(parse(text), DEAL)

    span = raised.value.problems[0].span
    assert (span.start, span.end) == (start, end)
