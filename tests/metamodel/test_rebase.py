"""A layer moves from what it was made over to what stands now, and loses nothing (P-05, P-30)."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given, settings

from metamodel import Layer, load, read_text
from metamodel.editing import Add, Change, Move, Rename, edited, minimal_layer
from metamodel.editing.document import at
from metamodel.layers import put_over
from metamodel.rebase import Stack, rebased, with_answers
from tests.budget import examples
from tests.metamodel.editing.documents import DOCUMENTS, document

Document = dict[str, object]

FIELDS = ("entities", "e", "fields")
QUOTE = ("entities", "quote", "fields")
ITEMS = ("entities", "quote", "forms", "default", "tabs", "main", "sections", "basic", "items")


def _layer(text: str, name: str = "shop") -> Layer:
    return read_text(dedent(text), name)


def _own(base: Document, wanted: Document) -> Document:
    """Return the layer that makes one document of another."""
    return minimal_layer([Layer("base", base)], wanted)


@settings(max_examples=examples(30), deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_over_the_same_layers_nothing_changes(base: Document, wanted: Document) -> None:
    below, own = [Layer("base", base)], _own(base, wanted)

    moved = rebased(Stack(below, {}), Stack(below, {}), own)

    assert (moved.layer, moved.questions) == (own, ())


@settings(max_examples=examples(30), deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_what_was_published_meanwhile_and_says_the_same_is_no_question(
    base: Document, wanted: Document
) -> None:
    below, own = [Layer("base", base)], _own(base, wanted)

    moved = rebased(Stack(below, {}), Stack(below, own), own)

    assert (moved.layer, moved.questions) == (own, ())


@settings(max_examples=examples(40), deadline=None)
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_a_new_template_keeps_what_the_tenant_changed(
    old: Document, new: Document, wanted: Document
) -> None:
    own = _own(old, wanted)

    moved = rebased(Stack([Layer("a", old)], {}), Stack([Layer("a", new)], {}), own)

    asked = [question.path for question in moved.questions]
    result = put_over(new, Layer("own", moved.layer))
    mine = put_over(old, Layer("own", own))
    for name, field in (at(mine, FIELDS) or {}).items():  # type: ignore[attr-defined]
        path = (*FIELDS, name, "required")
        unasked = not any(each[: len(path[:-1])] == path[:-1] for each in asked)
        if unasked and "required" in field and at(old, path) == at(new, path):
            assert at(result, path) == field["required"]


def test_questions_that_came_up_are_answered_in_the_layer() -> None:
    base = document({"a": {"label": "A"}})
    ours = document({"a": {"label": "Ours"}, "n": {"type": "text"}})
    theirs = document({"a": {"label": "Theirs"}})
    below = [Layer("base", base)]
    moved = rebased(Stack(below, {}), Stack(below, theirs), ours)
    (question,) = moved.questions

    settled = with_answers(below, moved.layer, moved.questions, {question.path: "theirs"})

    assert at(moved.layer, (*FIELDS, "a", "label")) == "Ours"
    assert settled.layer == document({"a": {"label": "Theirs"}, "n": {"type": "text"}})


def test_what_is_said_of_generated_forms_comes_along(shop_layer: Layer) -> None:
    start = edited([shop_layer], {}, [Move((*ITEMS, "total"), after="code")])
    mine = edited([shop_layer], start, [Change((*ITEMS, "kind", "width"), 2)])
    theirs = edited([shop_layer], start, [Add(QUOTE, "vip", {"type": "text"})])

    moved = rebased(Stack([shop_layer], start), Stack([shop_layer], theirs), mine)

    assert moved.questions == ()
    assert at(moved.layer, ITEMS) == {"total": {"$after": "code"}, "kind": {"width": 2}}
    assert at(moved.layer, (*QUOTE, "vip")) == {"type": "text"}


def test_a_field_renamed_by_others_takes_my_change_along(shop_layer: Layer) -> None:
    mine = edited([shop_layer], {}, [Change((*QUOTE, "tax_rate", "required"), True)])
    theirs = edited([shop_layer], {}, [Rename((*QUOTE, "tax_rate"), "rate")])

    moved = rebased(Stack([shop_layer], {}), Stack([shop_layer], theirs), mine)

    field = load([shop_layer, Layer("own", moved.layer)]).entities["quote"].fields["tax_rate"]
    assert (field.name, field.required, moved.questions) == ("rate", True, ())


def test_a_question_about_a_generated_form_is_answered_where_it_stands(shop_layer: Layer) -> None:
    mine = edited([shop_layer], {}, [Change((*ITEMS, "kind", "width"), 2)])
    theirs = edited([shop_layer], {}, [Change((*ITEMS, "kind", "width"), 3)])
    moved = rebased(Stack([shop_layer], {}), Stack([shop_layer], theirs), mine)
    (question,) = moved.questions

    settled = with_answers([shop_layer], moved.layer, moved.questions, {question.path: "theirs"})

    assert question.path[: len(ITEMS)] == ITEMS
    assert at(settled.layer, (*ITEMS, "kind")) == {"width": 3}
