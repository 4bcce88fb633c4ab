"""An admin's edits leave the tenant's smallest layer, and can be taken back one by one (P-03)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel import DefinitionInvalid, Layer, load, read_text
from metamodel.dump import dump
from metamodel.editing import (
    Add,
    Change,
    Edit,
    Move,
    Rename,
    Reset,
    Restore,
    Retire,
    edited,
    minimal_layer,
    name_for,
)
from metamodel.editing.document import at
from metamodel.editing.operations import Path
from metamodel.editing.shapes import Shape, inner, is_element, top
from metamodel.layers import merge, put_over
from metamodel.loader import builtin_layer
from tests.budget import examples

QUOTE = ("entities", "quote")
FIELDS = (*QUOTE, "fields")
STAGES = (*QUOTE, "pipelines", "sales", "stages")
ITEMS = (*QUOTE, "forms", "default", "tabs", "main", "sections", "basic", "items")

Document = dict[str, object]


def _said(text: str) -> Document:
    return dict(read_text(dedent(text), "said").document)


def test_a_field_is_added_behind_another_and_means_it(shop_layer: Layer) -> None:
    layer = edited([shop_layer], {}, [Add(FIELDS, "vip", {"type": "text"}, after="code")])

    assert layer == _said("entities: {quote: {fields: {vip: {type: text, $after: code}}}}")
    fields = load([shop_layer, Layer("own", layer)]).entities["quote"].fields
    assert [key for key in fields if key in ("code", "vip", "customer")] == [
        "code",
        "vip",
        "customer",
    ]


def test_a_change_back_to_the_template_leaves_nothing(shop_layer: Layer) -> None:
    path = (*FIELDS, "tax_rate", "default")
    there = edited([shop_layer], {}, [Change(path, "6%")])

    back = edited([shop_layer], there, [Change(path, "13%")])

    assert there == _said('entities: {quote: {fields: {tax_rate: {default: "6%"}}}}')
    assert back == {}


def test_a_rename_is_one_line_and_keeps_the_key(shop_layer: Layer) -> None:
    layer = edited([shop_layer], {}, [Rename((*FIELDS, "tax_rate"), "rate")])

    assert layer == _said("entities: {quote: {fields: {rate: {renamed_from: [tax_rate]}}}}")
    model = load([shop_layer, Layer("own", layer)])
    assert model.entities["quote"].fields["tax_rate"].name == "rate"


def test_an_edit_speaks_of_a_field_by_a_former_name(shop_layer: Layer) -> None:
    renamed = edited([shop_layer], {}, [Rename((*FIELDS, "tax_rate"), "rate")])

    layer = edited([shop_layer], renamed, [Change((*FIELDS, "tax_rate", "required"), True)])

    assert at(layer, (*FIELDS, "rate", "required")) is True


def test_what_the_template_has_is_retired_and_comes_back(shop_layer: Layer) -> None:
    gone = edited([shop_layer], {}, [Retire((*STAGES, "sent"))])

    assert at(gone, (*STAGES, "sent")) == {"$retire": True}
    assert edited([shop_layer], gone, [Restore((*STAGES, "sent"))]) == {}


def test_what_was_published_is_retired_with_its_definition(shop_layer: Layer) -> None:
    own = edited([shop_layer], {}, [Add(FIELDS, "vip", {"type": "text"})])

    gone = edited([shop_layer], own, [Retire((*FIELDS, "vip"))])

    assert at(gone, (*FIELDS, "vip")) == {"type": "text", "$retire": True}
    assert edited([shop_layer], gone, [Restore((*FIELDS, "vip"))]) == own


def test_what_was_never_published_just_goes(shop_layer: Layer) -> None:
    own = edited([shop_layer], {}, [Add(FIELDS, "vip", {"type": "text"})])

    assert edited([shop_layer], own, [Retire((*FIELDS, "vip"))], published={}) == {}


def test_an_item_of_a_generated_form_moves_by_one_line(shop_layer: Layer) -> None:
    layer = edited([shop_layer], {}, [Move((*ITEMS, "total"), after="code")])

    assert at(layer, ITEMS) == {"total": {"$after": "code"}}
    form = load([shop_layer, Layer("own", layer)]).entities["quote"].forms["default"]
    assert [item.field for item in form.tabs[0].sections[0].items][:2] == ["code", "total"]
    assert edited([shop_layer], layer, [Reset(ITEMS)]) == {}


def test_a_generated_form_follows_the_rename_of_a_field_it_says_something_of(
    shop_layer: Layer,
) -> None:
    placed = edited([shop_layer], {}, [Move((*ITEMS, "total"), after="code")])

    layer = edited([shop_layer], placed, [Rename((*FIELDS, "total"), "sum")])

    form = load([shop_layer, Layer("own", layer)]).entities["quote"].forms["default"]
    shown = [item.field for section in form.tabs[0].sections for item in section.items]
    assert shown[:2] == ["code", "total"]
    assert shown.count("total") == 1


def test_a_generated_view_is_taken_away_and_brought_back(shop_layer: Layer) -> None:
    view = (*QUOTE, "views", "board_sales")

    gone = edited([shop_layer], {}, [Retire(view)])

    assert "board_sales" not in load([shop_layer, Layer("own", gone)]).entities["quote"].views
    assert edited([shop_layer], gone, [Restore(view)]) == {}


def test_a_form_of_an_entity_of_ones_own_begins_as_the_generated_one(shop_layer: Layer) -> None:
    visit = {"label": "Visit", "fields": {"name": {"type": "text"}, "on": {"type": "date"}}}
    items = ("entities", "visit", *ITEMS[2:])

    layer = edited(
        [shop_layer],
        {},
        [Add(("entities",), "visit", visit), Move((*items, "on"), first=True)],
    )

    form = load([shop_layer, Layer("own", layer)]).entities["visit"].forms["default"]
    assert [item.field for item in form.tabs[0].sections[0].items][0] == "on"


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Change((*FIELDS, "tax_rat", "required"), True), "unknown_element"),
        (Add(FIELDS, "code", {"type": "text"}), "name_taken"),
        (Add(FIELDS, "vip", {"type": "text"}, after="cod"), "place_unknown"),
        (Rename((*FIELDS, "code"), "customer"), "name_taken"),
        (Rename((*FIELDS, "code", "pattern"), "shape"), "not_an_element"),
        (Restore((*FIELDS, "code")), "not_retired"),
        (Retire((*STAGES, "nowhere")), "unknown_element"),
        (Rename((*QUOTE, "views", "all"), "every"), "not_an_element"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_an_edit_that_cannot_be_is_refused_with_its_place(
    shop_layer: Layer, edit: Edit, code: str
) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        edited([shop_layer], {}, [edit])

    assert [problem.code for problem in refused.value.problems] == [code]
    assert refused.value.problems[0].place.path[:2] == QUOTE
    assert refused.value.problems[0].hint


def test_a_name_is_made_from_a_label_in_any_script() -> None:
    assert name_for("客户等级") == "ke_hu_deng_ji"
    assert name_for("Größe (cm)", {"grosse_cm"}) == "grosse_cm_2"
    assert name_for("2nd phone") == "field_2nd_phone"
    assert name_for("!!!", fallback="stage") == "stage"


def _elements(
    document: Mapping[str, object], shape: Shape, path: Path = ()
) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Yield every named element of a document with its siblings: fields, stages, items, roles …"""
    for name, value in document.items():
        if isinstance(value, Mapping):
            if path and is_element(inner(shape, name)):
                yield (*path, name), document
            yield from _elements(value, inner(shape, name), (*path, name))


def _edits(draw: st.DrawFn, document: Mapping[str, object]) -> Edit:
    """Draw an edit of some element: most can be done, some are refused."""
    path, siblings = draw(st.sampled_from(list(_elements(document, top()))))
    beside = draw(st.sampled_from([name for name in siblings if not name.startswith("$")]))
    fresh = draw(st.sampled_from(["n1", "n2", "n3", path[-1]]))
    choices: list[Edit] = [
        Add(path[:-1], fresh, siblings[path[-1]], after=draw(st.sampled_from(["", beside]))),
        Change((*path, "label"), draw(st.sampled_from(["one", {"en": "two"}, None]))),
        Rename(path, fresh),
        Move(path, first=True),
        Move(path, after=beside),
        Move(path, before=beside),
        Retire(path),
        Restore(path),
        Reset(path),
    ]
    return draw(st.sampled_from(choices))


@settings(max_examples=examples(15), deadline=None)
@given(st.data())
def test_any_edits_leave_a_minimal_layer_that_resets_to_the_template(
    shop_layer: Layer, data: st.DataObject
) -> None:
    base = merge([builtin_layer(), shop_layer]).document
    layer: Document = {}
    for _ in range(data.draw(st.integers(1, 6))):
        whole = put_over(base, Layer("own", layer))
        edit = data.draw(st.composite(_edits)(whole))
        try:
            layer = edited([shop_layer], layer, [edit])
        except DefinitionInvalid:
            continue

    assert minimal_layer([shop_layer], layer) == layer
    assert read_text(dump(layer), "own").document == layer
    assert edited([shop_layer], layer, [Reset(())]) == {}


@settings(max_examples=examples(15), deadline=None)
@given(st.data())
def test_elements_reset_one_by_one_give_the_template_back(
    shop_layer: Layer, data: st.DataObject
) -> None:
    names = ["code", "customer", "kind", "tax_rate"]
    edits = [
        Move((*FIELDS, name), after=data.draw(st.sampled_from(["total", "net", "about"])))
        for name in data.draw(st.permutations(names))
    ]
    layer = edited([shop_layer], {}, [*edits, Rename((*FIELDS, "kind"), "sort")])

    for _ in range(20):
        name = next(iter(at(layer, FIELDS) or ()))  # type: ignore[call-overload]
        layer = edited([shop_layer], layer, [Reset((*FIELDS, name))])
        if not layer:
            break
    assert layer == {}
