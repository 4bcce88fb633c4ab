"""A layer may change a generated form or view by the names it has, and say nothing of the rest."""

from __future__ import annotations

import pytest

from metamodel import DefinitionInvalid, Layer, Model, bundle, diff, load, read_text
from metamodel.views import Form, Section


def _with(shop_layer: Layer, *texts: str) -> Model:
    layers = [read_text(text, f"layer{index}.yaml") for index, text in enumerate(texts)]
    return load([shop_layer, *layers])


def _quote(part: str) -> str:
    return f"entities: {{quote: {{{part}}}}}"


def _section(form: Form, name: str) -> Section:
    return next(s for tab in form.tabs for s in tab.sections if s.name == name)


def _items(model: Model) -> list[str]:
    form = model.entities["quote"].forms["default"]
    return [item.field for item in _section(form, "basic").items]


WIDER = "forms: {default: {tabs: {main: {sections: {basic: {items: {tax_rate: {width: 2}}}}}}}}"


def test_one_item_of_a_generated_form_is_changed_and_the_others_stay(
    shop: Model, shop_layer: Layer
) -> None:
    model = _with(shop_layer, _quote(WIDER))

    form = model.entities["quote"].forms["default"]
    widths = {item.field: item.width for item in _section(form, "basic").items}

    assert _items(model) == _items(shop)
    assert widths["tax_rate"] == 2
    assert widths["customer"] == 1
    assert form.generated


def test_a_generated_item_is_taken_away_and_another_moved(shop: Model, shop_layer: Layer) -> None:
    change = _quote(
        "forms: {default: {tabs: {main: {sections: {basic: {items:"
        " {kind: {$retire: true}, total: {$after: code}}}}}}}}"
    )

    items = _items(_with(shop_layer, change))

    assert "kind" not in items
    assert items[:2] == ["code", "total"]
    assert set(items) == set(_items(shop)) - {"kind"}


def test_a_section_is_added_to_a_generated_form(shop_layer: Layer) -> None:
    change = _quote(
        "forms: {default: {tabs: {main: {sections: {money: {$first: true, items: {net: {}}}}}}}}"
    )

    form = _with(shop_layer, change).entities["quote"].forms["default"]

    assert [section.name for section in form.tabs[0].sections][:2] == ["money", "basic"]


def test_a_view_of_a_layer_stands_beside_the_generated_ones(shop: Model, shop_layer: Layer) -> None:
    mine = _quote("views: {mine: {columns: {code: {}}}}")
    wide = _quote("views: {all: {columns: {net: {$retire: true}, code: {width: 3}}}}")

    views = _with(shop_layer, mine, wide).entities["quote"].views

    before = shop.entities["quote"].views
    assert list(views) == [*before, "mine"]
    shown = {column.path.text: column.width for column in views["all"].columns}
    assert set(shown) == {c.path.text for c in before["all"].columns} - {"net"}
    assert shown["code"] == 3
    assert not views["mine"].generated


def test_layers_over_a_generated_form_add_up(shop_layer: Layer) -> None:
    second = _quote("forms: {default: {tabs: {main: {sections: {basic: {columns: 3}}}}}}")
    model = _with(shop_layer, _quote(WIDER), second)

    basic = _section(model.entities["quote"].forms["default"], "basic")

    assert basic.columns == 3
    assert next(item.width for item in basic.items if item.field == "tax_rate") == 2


def test_a_form_that_starts_from_nothing_says_so(shop_layer: Layer) -> None:
    change = _quote(
        "forms: {quick_create: {generated: false, sections: {basic: {items: {code: {}}}}}}"
    )

    form = _with(shop_layer, change).entities["quote"].forms["quick_create"]

    assert [item.field for item in form.tabs[0].sections[0].items] == ["code"]


def test_what_a_layer_says_of_a_generated_form_is_checked_like_any_other(
    shop_layer: Layer,
) -> None:
    change = _quote(
        "forms: {default: {tabs: {main: {sections: {basic: {items:"
        " {totl: {}, net: {$after: nothing}}}}}}}}"
    )

    with pytest.raises(DefinitionInvalid) as raised:
        _with(shop_layer, change)

    assert {p.code for p in raised.value.problems} == {"unknown_field", "place_unknown"}
    assert all(p.place.file == "layer0.yaml" for p in raised.value.problems)


def test_a_bundle_of_such_layers_loads_to_the_same_model(shop_layer: Layer) -> None:
    layers = [shop_layer, read_text(_quote(WIDER), "tenant.yaml")]

    again = load([read_text(bundle(layers), "bundle.yaml")])

    assert not diff(load(layers), again)
