"""Merging what two sides made of one app takes every change and guesses nothing (P-05, P-30)."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel import read_text
from metamodel.answering import answered, decided
from metamodel.editing.document import at
from metamodel.threeway import Answer, Merge3, three_way
from tests.budget import examples
from tests.metamodel.editing.documents import DOCUMENTS, NAMES, document

Document = dict[str, object]

FIELDS = ("entities", "e", "fields")

BASE = """
    a: {type: text, label: A}
    b: {type: integer, formula: "a + 1"}
    c: {type: choice, options: {x: {}, y: {}}}
"""


def _fields(text: str) -> Document:
    return document(dict(read_text(dedent(text), "f.yaml").document))


def _merge(theirs: str, ours: str, base: str = BASE) -> Merge3:
    return three_way(_fields(base), _fields(theirs), _fields(ours))


def _leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    if not isinstance(value, Mapping):
        return {path: value}
    return {p: v for name, each in value.items() for p, v in _leaves(each, (*path, name)).items()}


def _unordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _unordered(each) for name, each in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else value


@settings(max_examples=examples(60))
@given(DOCUMENTS, DOCUMENTS)
def test_a_side_that_changed_nothing_takes_the_other(base: Document, other: Document) -> None:
    for merged in (three_way(base, other, base), three_way(base, base, other)):
        assert merged == Merge3(other)
        assert list(at(merged.document, FIELDS) or ()) == list(at(other, FIELDS) or ())  # type: ignore[call-overload]


@settings(max_examples=examples(30))
@given(DOCUMENTS, DOCUMENTS)
def test_both_sides_doing_the_same_is_no_question(base: Document, both: Document) -> None:
    assert three_way(base, both, both) == Merge3(both)


@settings(max_examples=examples(80))
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_every_change_of_one_side_is_kept(base: Document, theirs: Document, ours: Document) -> None:
    merged = three_way(base, theirs, ours)

    asked = [question.path for question in merged.questions]
    was, left, right = _leaves(base), _leaves(theirs), _leaves(ours)
    result = _leaves(merged.document)
    for path in {**was, **left, **right}:
        if any(path[: len(each)] == each or each[: len(path)] == path for each in asked):
            continue
        if "formula" in path or "to" in path:
            continue
        if left.get(path) == was.get(path):
            assert result.get(path) == right.get(path)
        elif right.get(path) == was.get(path):
            assert result.get(path) == left.get(path)


@settings(max_examples=examples(50))
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_it_does_not_matter_whose_side_one_is_on_where_nothing_is_asked(
    base: Document, theirs: Document, ours: Document
) -> None:
    here, there = three_way(base, theirs, ours), three_way(base, ours, theirs)

    assert len(here.questions) == len(there.questions)
    if not here.questions and not any("formula" in path for path in _leaves(base | theirs | ours)):
        assert _unordered(here.document) == _unordered(there.document)


def test_a_rename_on_one_side_meets_a_change_on_the_other() -> None:
    merged = _merge(
        "z: {label: A, type: text, key: a, renamed_from: [a]}\nb: {type: date}",
        "a: {type: text, label: New}\nb: {type: date}",
        "a: {type: text, label: A}\nb: {type: date}",
    )

    assert merged.questions == ()
    assert at(merged.document, (*FIELDS, "z", "label")) == "New"
    assert list(at(merged.document, FIELDS) or ()) == ["z", "b"]  # type: ignore[call-overload]


def test_formulas_that_say_the_same_are_the_same() -> None:
    merged = _merge(
        BASE.replace("a + 1", "a+1").replace("label: A", "label: B"),
        BASE.replace("a + 1", "a + 2"),
    )

    assert merged.questions == ()
    assert at(merged.document, (*FIELDS, "b", "formula")) == "a + 2"


def test_both_sides_inserting_at_one_place_is_no_question() -> None:
    merged = _merge(
        "a: {type: text}\nt: {type: date}\nb: {type: text}",
        "a: {type: text}\no: {type: date}\nb: {type: text}",
        "a: {type: text}\nb: {type: text}",
    )

    assert merged.questions == ()
    assert list(at(merged.document, FIELDS) or ()) == ["a", "t", "o", "b"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("theirs", "ours", "kind", "path"),
    [
        ("a: {label: T}", "a: {label: O}", "both_changed", "a.label"),
        ("a: {label: A}\nn: {type: text}", "a: {label: A}\nn: {type: date}", "both_added", "n"),
        ("a: {label: A, $retire: true}", "a: {label: O}", "removed_changed", "a"),
        ("a: {label: T}", "a: {label: A, $retire: true}", "removed_changed", "a"),
        ("{}", "a: {label: O}", "removed_changed", "a"),
        (
            "t: {label: A, key: a, renamed_from: [a]}",
            "o: {label: A, key: a, renamed_from: [a]}",
            "both_changed",
            "o.renamed_from",
        ),
    ],
    ids=["leaf", "added", "retired_there", "retired_here", "gone_there", "renamed"],
)
@pytest.mark.parametrize("answer", ["theirs", "ours"])
def test_what_both_sides_speak_of_is_asked_and_decided(
    theirs: str, ours: str, kind: str, path: str, answer: Answer
) -> None:
    merged = _merge(theirs, ours, "a: {label: A}")

    (question,) = merged.questions
    assert (question.kind, question.path) == (kind, (*FIELDS, *path.split(".")))
    settled = decided(merged, {question.path: answer})
    assert settled.questions == ()
    chosen = question.theirs if answer == "theirs" else question.ours
    if kind != "removed_changed" and "renamed_from" not in path:
        assert at(settled.document, question.path) == chosen


def test_a_restored_element_keeps_what_was_changed_in_it() -> None:
    merged = _merge("a: {label: A, $retire: true}", "a: {label: O}", "a: {label: A}")

    gone = decided(merged, {(*FIELDS, "a"): "theirs"})

    assert at(merged.document, (*FIELDS, "a")) == {"label": "O"}
    assert at(gone.document, (*FIELDS, "a")) == {"label": "O", "$retire": True}


@pytest.mark.parametrize(("answer", "name"), [("theirs", "t"), ("ours", "o")])
def test_an_element_that_both_renamed_answers_to_both_names(answer: Answer, name: str) -> None:
    merged = _merge(
        "t: {type: text, key: a, renamed_from: [a]}",
        "o: {type: text, key: a, renamed_from: [a]}",
        "a: {type: text}",
    )

    settled = decided(merged, {merged.questions[0].path: answer})

    (found,) = (at(settled.document, FIELDS) or {}).items()  # type: ignore[attr-defined]
    assert found[0] == name
    assert {*found[1]["renamed_from"], name} == {"a", "o", "t"}


@pytest.mark.parametrize(
    "base", ["{a: {type: text}, b: {type: date}}", "{b: {type: date}, a: {type: text}}"]
)
@pytest.mark.parametrize(("answer", "name"), [("theirs", "b"), ("ours", "x_2")])
def test_two_elements_that_are_renamed_alike_both_stay(
    base: str, answer: Answer, name: str
) -> None:
    merged = _merge(
        "x: {type: text, renamed_from: a}\nb: {type: date}",
        "a: {type: text}\nx: {type: date, renamed_from: b}",
        base,
    )

    settled = decided(merged, {merged.questions[0].path: answer})

    found: Any = at(settled.document, FIELDS)
    assert {n: each["type"] for n, each in found.items()} == {"x": "text", name: "date"}
    assert "x" not in found[name]["renamed_from"], "the other is called so"


@st.composite
def _reshaped(draw: st.DrawFn, base: Mapping[str, Document]) -> Document:
    """Return fields of which some have other names, labels or places, and perhaps one more."""
    free = draw(st.permutations(list("uvwx")))
    result: Document = {}
    for name, field in base.items():
        match draw(st.sampled_from(["keep", "rename", "change", "retire"])):
            case "rename":
                result[free.pop()] = {**field, "renamed_from": [name]}
            case "change":
                result[name] = {**field, "label": draw(NAMES)}
            case "retire":
                result[name] = {**field, "$retire": True}
            case _:
                result[name] = field
    if len(result) < 4 and draw(st.booleans()):
        result[free.pop()] = {"type": "text"}
    return dict(draw(st.permutations(list(result.items()))))


@settings(max_examples=examples(150))
@given(st.data())
def test_no_element_is_lost_however_both_sides_rename_and_move(data: st.DataObject) -> None:
    """Whatever is decided, too: an element stays under one of its names, retired at most."""
    names = data.draw(st.sets(NAMES, max_size=4))
    base: dict[str, Document] = {n: {"type": "text", "help": n} for n in sorted(names)}
    theirs, ours = data.draw(_reshaped(base)), data.draw(_reshaped(base))

    merged = three_way(document({**base}), document(theirs), document(ours))

    sides: list[Answer] = ["theirs", "ours"]
    answer = data.draw(st.sampled_from(sides))
    for settled in (merged, decided(merged, {each.path: answer for each in merged.questions})):
        found: Any = at(settled.document, FIELDS) or {}
        assert sorted(each["help"] for each in found.values() if "help" in each) == sorted(base)


def test_a_question_is_decided_after_what_it_is_about_was_renamed_or_went() -> None:
    merged = _merge("a: {type: text, label: T}", "a: {type: text, label: O}", "a: {type: text}")
    (question,) = merged.questions

    renamed = answered(_fields("z: {type: text, label: O, renamed_from: a}"), question, "theirs")
    gone = answered(_fields("b: {type: text}"), question, "theirs")
    edited = answered(_fields("a: {type: text, label: Later}"), question, "ours")

    assert at(renamed, FIELDS) == {"z": {"type": "text", "label": "T", "renamed_from": "a"}}
    assert at(gone, FIELDS) == {"b": {"type": "text"}}
    assert at(edited, FIELDS) == {"a": {"type": "text", "label": "Later"}}


def test_two_elements_of_one_name_can_both_stay() -> None:
    merged = _merge("n: {type: text}", "n: {type: date}", "{}")

    both = decided(merged, {(*FIELDS, "n"): "both"})

    assert at(both.document, FIELDS) == {"n": {"type": "text"}, "n_2": {"type": "date"}}
