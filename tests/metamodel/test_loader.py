"""What a loaded model says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from formula.types import ChoiceType, NumberType, PercentType, RecordType
from metamodel import DefinitionInvalid, Layer, Model, load, read_app, read_text


def _with(shop_layer: Layer, text: str) -> Model:
    return load([shop_layer, read_text(text, "tenant.yaml")])


def _codes(layers: list[Layer]) -> list[str]:
    with pytest.raises(DefinitionInvalid) as raised:
        load(layers)
    return [problem.code for problem in raised.value.problems]


def test_columns_are_named_after_key_and_type(shop: Model) -> None:
    name = shop.entities["customer"].fields["name"]

    assert name.column.startswith("name_")
    assert len(name.column) == len("name_") + 4
    assert name.column != shop.entities["quote"].fields["code"].column


def test_a_rename_keeps_the_column_and_the_formulas_that_read_it(
    shop: Model, shop_layer: Layer
) -> None:
    renamed = _with(shop_layer, "entities: {quote: {fields: {vat: {renamed_from: tax_rate}}}}")

    quote = renamed.entities["quote"]
    assert quote.fields["tax_rate"].name == "vat"
    assert quote.fields["tax_rate"].column == shop.entities["quote"].fields["tax_rate"].column
    assert quote.fields["total"].formula is not None
    assert quote.rules["limit"].at == "tax_rate"


def test_a_change_of_type_gets_a_column_of_its_own(shop: Model, shop_layer: Layer) -> None:
    changed = _with(shop_layer, "entities: {product: {fields: {price: {type: decimal}}}}")

    before, after = (m.entities["product"].fields["price"].column for m in (shop, changed))
    assert before != after


def test_a_link_to_several_entities_has_a_column_per_target(shop: Model, shop_layer: Layer) -> None:
    about = shop.entities["quote"].fields["about"]
    narrow = _with(shop_layer, "entities: {quote: {fields: {about: {to: customer}}}}")

    assert about.column == ""
    assert set(about.columns) == {"customer", "product"}
    assert narrow.entities["quote"].fields["about"].column == about.columns["customer"]


def test_child_lines_link_to_their_parent_and_follow_it_in_rank(shop: Model) -> None:
    line, quote = shop.entities["quote_line"], shop.entities["quote"]

    assert line.child_of is not None
    assert line.fields[line.child_of.via].value_type == RecordType(("quote",))
    assert quote.collections["lines"].children
    assert line.rank > quote.rank
    assert [entity.rank for entity in shop.entities.values()] == list(range(len(shop.entities)))


def test_a_pipeline_makes_its_field_with_stages_as_options(shop: Model) -> None:
    quote = shop.entities["quote"]

    stage = quote.fields["stage"]
    assert stage.value_type == ChoiceType(("draft", "sent", "won"))
    assert stage.pipeline == "sales"
    assert quote.pipelines["sales"].stages["draft"].probability == Decimal("0.2")
    assert quote.pipelines["sales"].moves == {"draft": ("sent",)}


def test_values_written_in_yaml_have_their_type(shop: Model) -> None:
    assert shop.entities["quote"].fields["tax_rate"].default == Decimal("0.13")
    assert shop.entities["quote_line"].fields["quantity"].min == Decimal(0)
    assert shop.settings["most"].default == Decimal("0.2")
    assert shop.entities["quote_line"].fields["quantity"].value_type == NumberType(16, 2)
    assert isinstance(shop.entities["quote"].fields["tax_rate"].value_type, PercentType)


def test_roll_ups_and_own_formulas_are_stored_and_look_ups_are_joined(shop: Model) -> None:
    quote = shop.entities["quote"]

    assert quote.fields["net"].stored
    assert quote.fields["total"].stored
    assert not quote.fields["kind"].stored
    assert quote.fields["kind"].column == ""


def test_a_look_up_that_a_stored_formula_reads_is_stored(shop_layer: Layer) -> None:
    more = """
        entities:
          quote: {fields: {big: {type: boolean, formula: 'kind == "machine" and net > 5'}}}
    """

    assert _with(shop_layer, more).entities["quote"].fields["kind"].stored


def test_a_formula_over_today_is_computed_when_read_like_what_reads_it(
    shop_layer: Layer,
) -> None:
    more = """
        entities:
          quote:
            fields:
              until: {type: date}
              late: {type: boolean, formula: "until < TODAY()"}
              very_late: {type: boolean, formula: "late and net > 100"}
          customer: {fields: {late_quotes: {type: integer, formula: "COUNT(quotes, late)"}}}
    """

    model = _with(shop_layer, more)

    fields = [model.entities["quote"].fields[name] for name in ("late", "very_late")]
    for field in (*fields, model.entities["customer"].fields["late_quotes"]):
        assert field.formula is not None
        assert (field.stored, field.formula.stability) == (False, "dated"), field.name


def test_titles_and_searched_texts_have_a_sort_key(shop: Model) -> None:
    assert shop.entities["customer"].fields["name"].sort_column
    assert shop.entities["quote"].fields["code"].sort_column
    assert shop.entities["customer"].title_field == "name"
    assert shop.entities["quote_line"].title.text == "product.name"


def test_every_entity_has_the_standard_fields_and_owned_ones_an_owner(shop: Model) -> None:
    assert {"id", "created_at", "created_by", "updated_at", "updated_by"} <= set(
        shop.entities["quote"].fields
    )
    assert "owner" in shop.entities["customer"].fields
    assert "owner" not in shop.entities["quote"].fields
    assert set(shop.entities["sys_setting"].fields) == {"id", "name", "value"}


def test_an_app_may_add_fields_to_people(shop_layer: Layer) -> None:
    model = _with(shop_layer, "entities: {user: {fields: {badge: {type: code}}}}")

    user = model.entities["user"]
    assert user.fields["email"].column == "email"
    assert user.fields["badge"].column.startswith("badge_")


def test_retired_fields_stay_in_the_model_and_off_the_screens(
    shop: Model, shop_layer: Layer
) -> None:
    model = _with(shop_layer, "entities: {quote: {fields: {about: {$retire: true}}}}")

    about = model.entities["quote"].fields["about"]
    assert about.retired
    assert about.columns == shop.entities["quote"].fields["about"].columns
    assert "about" not in str(model.entities["quote"].forms["default"])


def test_retiring_what_a_formula_needs_lists_the_formula(shop_layer: Layer) -> None:
    retired = read_text("entities: {quote: {fields: {tax_rate: {$retire: true}}}}", "tenant.yaml")

    with pytest.raises(DefinitionInvalid) as raised:
        load([shop_layer, retired])

    paths = {problem.place.path for problem in raised.value.problems}
    assert ("entities", "quote", "fields", "total", "formula") in paths
    assert any("limit" in path for path in paths)


def test_generated_forms_show_every_field_and_child_lines(shop: Model) -> None:
    (main,) = shop.entities["quote"].forms["default"].tabs

    placed = [item.field for section in main.sections for item in section.items]
    assert placed == ["code", "customer", "kind", "about", "tax_rate", "net", "total", "stage"]
    assert [section.grid for section in main.sections] == ["", "lines"]


def test_generated_views_are_a_list_and_a_board_per_pipeline(shop: Model) -> None:
    views = shop.entities["quote"].views

    assert {name: view.type for name, view in views.items()} == {
        "all": "list",
        "board_sales": "kanban",
    }
    assert all(view.generated for view in views.values())


def test_a_new_field_finds_its_place_at_the_end_of_the_first_section(shop_layer: Layer) -> None:
    form = """
        entities:
          quote:
            fields: {note: {type: text}}
            forms:
              default:
                sections: {one: {items: {code: {}, customer: {}}}, two: {items: {about: {}}}}
    """

    (tab,) = _with(shop_layer, form).entities["quote"].forms["default"].tabs

    assert [item.field for item in tab.sections[0].items][:2] == ["code", "customer"]
    assert [item.field for item in tab.sections[0].items][-1] in ("note", "stage")
    assert [section.grid for section in tab.sections] == ["", "", "lines"]


def test_the_generated_menu_groups_entities_by_module(shop: Model) -> None:
    (sales, product) = shop.menu.entries

    assert [entry.entity for entry in sales.entries] == ["customer", "quote"]
    assert product.entity == "product"


def test_a_written_menu_gains_what_it_has_no_entry_for_beside_its_module(
    shop_layer: Layer,
) -> None:
    menu = """
        menu:
          first: {label: {en: First, zh: 一}, entries: {quotes: {entity: quote}}}
          second:
            label: {en: Second, zh: 二}
            entries: {products: {entity: product, $retire: true}}
    """

    first, second = _with(shop_layer, menu).menu.entries

    assert [entry.entity for entry in first.entries] == ["quote", "customer"]
    assert second.entries == ()


def test_the_administrator_exists_without_being_written(shop: Model) -> None:
    assert shop.roles["administrator"].all_rights


def test_keys_that_nothing_acts_on_yet_are_listed(shop_layer: Layer) -> None:
    later = 'segments: {owing: {entity: customer, filter: "owing > 0", refresh: daily}}'

    model = _with(shop_layer, later)

    assert [each.path for each in model.declared] == [("segments", "owing")]


def test_an_include_reaches_files_below_the_manifest_only(tmp_path: Path) -> None:
    manifest = tmp_path / "app.yaml"
    manifest.write_text("format: 1\napp: {name: a}\ninclude: [../x.yaml, none/*.yaml]\n", "utf-8")

    assert _codes([read_app(manifest)]) == ["include_outside", "include_missing"]


def test_two_files_that_write_the_same_leaf_are_refused(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(
        "format: 1\napp: {name: a}\ninclude: [x.yaml, y.yaml]\n", "utf-8"
    )
    (tmp_path / "x.yaml").write_text(
        "entities: {e: {label: E, fields: {n: {type: text}}}}", "utf-8"
    )
    (tmp_path / "y.yaml").write_text("entities: {e: {fields: {n: {type: date}}}}", "utf-8")

    assert _codes([read_app(tmp_path / "app.yaml")]) == ["duplicate_key"]


def test_a_hundred_entities_link_without_quadratic_work() -> None:
    fields = ", ".join(f"f{i}: {{type: text}}" for i in range(15))
    entities = "".join(
        f"  e{i}: {{label: E, fields: {{{fields}, total: {{type: money}}}}}}\n" for i in range(100)
    )

    model = load([read_text(f"format: 1\napp: {{name: big}}\nentities:\n{entities}", "big.yaml")])

    assert sum(len(entity.fields) for entity in model.entities.values()) > 2_000
