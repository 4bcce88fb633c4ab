"""Where any element of an app is used: P-04's question before something is changed or retired."""

from __future__ import annotations

import pytest

from metamodel import Layer, load, read_text
from metamodel.model import Model
from metamodel.places import kind_text, place_text
from metamodel.uses import uses_of
from tests.metamodel.test_diff import FLOWS

SCREENS = """
settings: {limit: {type: money, default: 100, label: {en: Limit, zh: 上限}}}
choices: {ways: {options: {road: {label: Road}, rail: {label: Rail}}}}
entities:
  quote:
    fields:
      way: {type: choice, choices: ways}
      dear: {type: boolean, formula: 'net > setting.limit and way == "rail"'}
    views:
      dear: {label: Dear, type: list, columns: {code: {}}, filter: 'stage in ["sent"] and dear'}
menu: {dear: {label: Dear, entity: quote, view: dear}}
dashboards:
  sales:
    label: Sales
    roles: [seller]
    widgets: {won: {type: metric, entity: quote, measures: {n: "SUM(net)"}, label: Won}}
roles: {seller: {label: Seller, rights: {quote: {read: all}}, views: {quote: [dear]}}}
"""


@pytest.fixture(scope="module")
def app(shop_layer: Layer) -> Model:
    flows = read_text(FLOWS.read_text("utf-8"), "flows.yaml")
    return load([shop_layer, flows, read_text(SCREENS, "screens.yaml")])


@pytest.mark.parametrize(
    ("path", "users"),
    [
        ("settings.limit", ["entities.quote.fields.dear"]),
        ("choices.ways", ["entities.quote.fields.way"]),
        ("entities.quote.fields.way.options.rail", ["entities.quote.fields.dear"]),
        ("entities.quote.fields.way.options.road", []),
        ("entities.quote.pipelines.sales.stages.sent", ["entities.quote.views.dear"]),
        ("entities.quote.views.dear", ["menu.dear", "roles.seller"]),
        ("entities.quote", ["menu.dear", "dashboards.sales.widgets.won", "roles.seller"]),
        ("roles.seller", ["dashboards.sales"]),
        ("messages.big", ["automations.big_quote"]),
        ("documents.offer_paper", ["automations.big_quote"]),
        ("entities.product", ["entities.quote_line.fields.product"]),
    ],
)
def test_every_element_tells_who_uses_it(app: Model, path: str, users: list[str]) -> None:
    found = {".".join(each) for each in uses_of(app, tuple(path.split(".")))}

    assert set(users) <= found
    assert bool(users) == bool(found)


def test_what_stands_in_an_element_is_no_use_of_it(app: Model) -> None:
    for user in uses_of(app, ("entities", "quote")):
        assert user[:2] != ("entities", "quote")


def test_every_user_is_an_element_that_the_model_can_name(app: Model) -> None:
    for entity in app.entities:
        for user in uses_of(app, ("entities", entity)):
            assert place_text(app, user, "zh")
            assert kind_text(user, "en")


def test_places_are_said_with_labels_in_everyday_words(app: Model) -> None:
    field = ("entities", "quote", "fields", "dear")

    assert place_text(app, ("settings", "limit"), "zh") == "设置“上限”"
    assert place_text(app, field, "en").endswith("› field “Dear”")
    assert place_text(app, ("menu", "dear"), "en") == "menu “Dear”"
    assert place_text(app, ("entities", "quote", "title"), "zh").endswith("› 标题")
