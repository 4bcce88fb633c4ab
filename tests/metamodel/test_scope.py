"""What names mean in formulas."""

from __future__ import annotations

from decimal import Decimal

import pytest

from formula.scope import CollectionBinding, EntityBinding, FieldBinding, Step, TableBinding
from formula.types import BooleanType, ListType, RecordType, TextType
from metamodel import Model, load, parse_formula, read_text, scope_of
from metamodel.model import Field


def test_a_path_through_links_names_every_step(shop: Model) -> None:
    found = scope_of(shop, "quote").lookup(("customer", "owner", "department", "name"))

    assert isinstance(found, FieldBinding)
    assert found.type == TextType()
    assert found.steps == (
        Step("quote", "customer"),
        Step("customer", "owner"),
        Step("user", "department"),
        Step("department", "name"),
    )


def test_a_link_to_several_entities_is_read_through_one_of_them(shop: Model) -> None:
    scope = scope_of(shop, "quote")

    through = scope.lookup(("about", "as_product", "price"))
    which = scope.lookup(("about", "entity"))

    assert isinstance(through, FieldBinding)
    assert through.steps == (Step("quote", "about"), Step("product", "price"))
    assert isinstance(which, EntityBinding)
    assert which.base.steps == (Step("quote", "about"),)
    assert scope.lookup(("about", "as_quote", "net")) is None


def test_a_stage_knows_what_its_pipeline_says_of_it(shop: Model) -> None:
    found = scope_of(shop, "quote_line").lookup(("quote", "stage", "probability"))

    assert isinstance(found, TableBinding)
    assert found.table == {"draft": Decimal("0.2"), "sent": Decimal("0.5"), "won": Decimal(1)}
    assert found.base.steps == (Step("quote_line", "quote"), Step("quote", "stage"))


def test_a_collection_is_found_here_and_through_links(shop: Model) -> None:
    lines = scope_of(shop, "quote").lookup(("lines", "product", "price"))
    quotes = scope_of(shop, "quote").lookup(("customer", "quotes"))

    assert isinstance(lines, CollectionBinding)
    assert isinstance(lines.member, FieldBinding)
    assert lines.member.steps == (Step("quote_line", "product"), Step("product", "price"))
    assert lines.via == Step("quote_line", "quote")
    assert isinstance(quotes, CollectionBinding)
    assert quotes.links == (Step("quote", "customer"),)
    assert quotes.member is None


def test_inside_an_aggregate_this_is_the_record_outside(shop: Model) -> None:
    lines = scope_of(shop, "quote").lookup(("lines",))

    assert isinstance(lines, CollectionBinding)
    outside = lines.scope.lookup(("this", "customer"))
    assert isinstance(outside, FieldBinding)
    assert (outside.root, outside.steps) == ("this", (Step("quote", "customer"),))
    assert scope_of(shop, "quote").lookup(("this", "customer")) is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("user", RecordType(("user",))),
        ("user.id", RecordType(("user",))),
        ("user.roles", ListType(TextType())),
        ("user.department", RecordType(("department",))),
        ("user.departments", ListType(RecordType(("department",)))),
    ],
)
def test_the_person_acting_is_personal(shop: Model, path: str, kind: object) -> None:
    found = scope_of(shop, "quote").lookup(tuple(path.split(".")))

    assert isinstance(found, FieldBinding)
    assert (found.type, found.root, found.stability) == (kind, "user", "personal")


def test_settings_and_the_time_before_have_roots_of_their_own(shop: Model) -> None:
    scope = scope_of(shop, "quote")

    setting, before = scope.lookup(("setting", "most")), scope.lookup(("previous", "stage"))

    assert isinstance(setting, FieldBinding)
    assert isinstance(before, FieldBinding)
    assert (setting.root, before.root) == ("setting", "previous")
    assert before.steps == (Step("quote", "stage"),)


NOTHING = ["", "nothing", "customer.nothing", "lines.quote.lines", "net.x", "user.age", "setting.x"]


@pytest.mark.parametrize("path", NOTHING)
def test_what_means_nothing_is_none(shop: Model, path: str) -> None:
    assert scope_of(shop, "quote").lookup(tuple(path.split("."))) is None


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("customr", "customer"),
        ("customer.nam", "customer.name"),
        ("lines.amont", "lines.amount"),
        ("lines.product.prise", "lines.product.price"),
        ("stage.probabilty", "stage.probability"),
        ("about.as_customr", "about.as_customer"),
        ("about.as_product", "about.as_product.price"),
        ("about.as_product.prise", "about.as_product.price"),
        ("setting", "setting.most"),
        ("user.depart", "user.department"),
        ("setting.mst", "setting.most"),
        ("previous.stge", "previous.stage"),
    ],
)
def test_suggestions_are_what_could_stand_there(shop: Model, path: str, offered: str) -> None:
    assert offered in scope_of(shop, "quote").suggestions(tuple(path.split(".")))


def test_labels_in_any_language_are_turned_into_names(shop: Model) -> None:
    scope = scope_of(shop, "customer")

    assert scope.name_of(("欠款",)) == ("owing",)
    assert scope.name_of(("Owing",)) == ("owing",)
    assert scope.name_of(("负责人", "姓名")) == ("owner", "name")
    assert scope.name_of(("无此",)) is None


def test_a_former_name_still_answers_where_no_present_one_does(shop: Model) -> None:
    text = """
    format: 1
    app: {name: a}
    entities:
      e:
        label: E
        fields: {new: {type: text, key: old, renamed_from: [old, older]}, taken: {type: date}}
    """
    scope = scope_of(load([read_text(text, "a.yaml")]), "e")

    for name in ("new", "old", "older"):
        found = scope.lookup((name,))
        assert isinstance(found, FieldBinding)
        assert found.steps == (Step("e", "old"),)


def test_a_parsed_formula_is_kept_for_its_model_alone(shop: Model, shop_layer: object) -> None:
    first = parse_formula(shop, "quote", "net > 1", BooleanType())

    assert parse_formula(shop, "quote", "net > 1", BooleanType()) is first
    assert first.text == parse_formula(shop, "quote", "net>1").text


def test_every_field_that_formulas_can_read_is_found_by_its_name(shop: Model) -> None:
    for entity in shop.entities.values():
        for field in entity.fields.values():
            assert isinstance(field, Field)
            found = scope_of(shop, entity.key).lookup((field.name,))
            assert (found is None) == (field.value_type is None), (entity.key, field.name)
