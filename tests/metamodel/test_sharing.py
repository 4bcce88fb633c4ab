"""Fields that all targets of a link to several entities share are read without saying to which."""

from __future__ import annotations

import pytest

from formula import FormulaError
from formula.types import BooleanType, ChoiceType, NumberType, TextType
from metamodel import Layer, Model, load, parse_formula, read_text

TARGETS = """
entities:
  customer:
    fields:
      vip: {type: boolean}
      price: {type: text}
      rank: {type: choice, options: {a: {label: A}, b: {label: B}}}
      size: {type: decimal, scale: 1}
  product:
    fields:
      vip: {type: boolean}
      rank: {type: choice, options: {b: {label: B}, c: {label: C}}}
      size: {type: decimal, scale: 3}
  visit:
    label: Visit
    fields:
      quote: {type: link, to: quote, inverse: visits}
      whom: {type: link, to: [quote, visit]}
"""


@pytest.fixture(scope="module")
def model(shop_layer: Layer) -> Model:
    return load([shop_layer, read_text(TARGETS, "tenant.yaml")])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("about.name", TextType()),
        ("about.vip", BooleanType()),
        ("about.rank", ChoiceType(("a", "b", "c"))),
        ("about.size", NumberType(17, 3)),
    ],
)
def test_a_shared_field_has_the_type_that_all_of_them_fit(
    model: Model, path: str, kind: object
) -> None:
    assert parse_formula(model, "quote", path).type == kind


def test_every_target_is_read(model: Model) -> None:
    typed = parse_formula(model, "quote", 'about.name == "x"')

    read = {chain[-1].entity for chain in typed.dependencies.reads if len(chain) > 1}

    assert read == {"customer", "product"}
    assert typed.text == 'about.name == "x"'


@pytest.mark.parametrize("path", ["about.price", "about.owner", "about.nothing"])
def test_a_field_that_not_all_have_alike_is_not_known(model: Model, path: str) -> None:
    with pytest.raises(FormulaError, match="not known"):
        parse_formula(model, "quote", path)


def test_a_shared_field_is_read_inside_aggregates_and_from_outside_them(model: Model) -> None:
    inside = parse_formula(model, "customer", 'ANY(quotes, about.name == "x")')
    outside = parse_formula(model, "quote", "ANY(lines, product.name == this.about.name)")

    assert inside.dependencies.collections
    assert any(len(chain) > 1 for chain in outside.dependencies.reads)


def test_links_to_several_may_follow_each_other(model: Model) -> None:
    typed = parse_formula(model, "visit", "quote.about.name")

    assert typed.type == TextType()
