"""Differences between models, by key, and what they touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from metamodel import (
    DefinitionInvalid,
    Layer,
    Model,
    diff,
    impact,
    load,
    read_text,
    where_used,
)

FLOWS = Path(__file__).parent / "apps/flows.yaml"


def _quote(change: str) -> str:
    return f"entities: {{quote: {{{change}}}}}"


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (_quote("fields: {note: {type: text}}"), ("added", "fields", "note")),
        (_quote("fields: {about: {$retire: true}}"), ("retired", "fields", "about")),
        (_quote("fields: {vat: {renamed_from: tax_rate}}"), ("renamed", "fields", "tax_rate")),
        (_quote("fields: {net: {required: true}}"), ("changed", "fields", "net")),
        (
            _quote("pipelines: {sales: {stages: {won: {label: Sold}}}}"),
            ("changed", "pipelines", "sales"),
        ),
        (_quote("unique: {once: {$add: [total]}}"), ("changed", "unique", "once")),
        ("entities: {visit: {label: Visit}}", ("added", "entities", "visit")),
        ("settings: {most: {default: 30%}}", ("changed", "settings", "most")),
        ("roles: {boss: {label: Boss}}", ("added", "roles", "boss")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_change_is_found_where_it_was_made(
    shop: Model, shop_layer: Layer, layer: str, expected: tuple[str, ...]
) -> None:
    changed = load([shop_layer, read_text(layer, "tenant.yaml")])

    found = [(each.kind, *each.path[-2:]) for each in diff(shop, changed).differences]

    assert expected in found


def test_the_same_document_has_no_difference(shop: Model, shop_layer: Layer) -> None:
    assert not diff(shop, load([shop_layer]))


def test_spelling_a_formula_differently_is_no_difference(shop: Model, shop_layer: Layer) -> None:
    other = "entities: {quote: {fields: {total: {formula: 'round( net*(1+tax_rate) ,2 )'}}}}"

    found = diff(shop, load([shop_layer, read_text(other, "tenant.yaml")]))

    assert found.differences == ()


def test_a_change_and_its_way_back_mirror_each_other(shop: Model, shop_layer: Layer) -> None:
    changed = load([shop_layer, read_text(_quote("fields: {x: {type: text}}"), "t")])

    there, back = diff(shop, changed), diff(changed, shop)

    assert [each.kind for each in there.under("entities", "quote", "fields")] == ["added"]
    assert [each.kind for each in back.under("entities", "quote", "fields")] == ["retired"]


def test_where_used_finds_formulas_rules_stages_lines_and_lists(shop: Model) -> None:
    used = where_used(shop)

    quote = ("entities", "quote")
    assert (*quote, "fields", "total") in used["quote", "tax_rate"]
    assert (*quote, "rules", "limit") in used["quote", "tax_rate"]
    assert (*quote, "fields", "net") in used["quote_line", "amount"]
    assert (*quote, "pipelines", "sales", "stages", "sent") in used["quote", "customer"]
    assert (*quote, "unique", "once") in used["quote", "code"]
    assert ("entities", "quote_line", "fields", "product") in used["product", "price"]


def test_the_impact_of_a_diff_is_what_uses_the_changed_fields(
    shop: Model, shop_layer: Layer
) -> None:
    layer = read_text("entities: {quote_line: {fields: {discount: {required: true}}}}", "t")

    touched = impact(diff(shop, load([shop_layer, layer])), shop)

    assert ("entities", "quote_line", "fields", "amount") in touched
    assert ("entities", "quote", "rules", "limit") in touched
    assert ("entities", "product", "fields", "price") not in touched


@pytest.fixture(scope="module")
def acting(shop_layer: Layer) -> Model:
    return load([shop_layer, read_text(FLOWS.read_text("utf-8"), "flows.yaml")])


@pytest.mark.parametrize(
    ("field", "paths"),
    [
        ("tax_rate", ["automations.big_quote", "approvals.discount"]),
        ("sent_to", ["entities.quote.buttons.send", "automations.pressed", "portals.partners"]),
        ("valid_until", ["automations.tidy", "automations.due"]),
        ("paper", ["automations.big_quote"]),
        ("seller", ["automations.moved"]),
        ("total", ["service_levels.answer", "reports.by_kind", "messages.big"]),
        ("code", ["documents.offer_paper", "messages.big", "automations.due"]),
    ],
)
def test_where_used_sees_into_everything_that_acts(
    acting: Model, field: str, paths: list[str]
) -> None:
    used = {".".join(path) for path in where_used(acting)["quote", field]}

    assert set(paths) <= used


def test_where_used_sees_pools_forms_and_segments(acting: Model) -> None:
    used = where_used(acting)

    assert ("pools", "public") in used["customer", "owing"]
    assert ("segments", "debtors") in used["customer", "owing"]
    assert ("public_forms", "ask") in used["customer", "name"]


def test_a_renamed_field_is_followed_into_everything_that_acts(
    shop_layer: Layer, acting: Model
) -> None:
    flows = read_text(FLOWS.read_text("utf-8"), "flows.yaml")
    renamed = read_text(_quote("fields: {vat: {renamed_from: tax_rate}}"), "tenant.yaml")

    model = load([shop_layer, flows, renamed])

    assert where_used(model)["quote", "tax_rate"] == where_used(acting)["quote", "tax_rate"]


def test_a_field_that_something_acts_on_is_not_retired_unnoticed(shop_layer: Layer) -> None:
    flows = read_text(FLOWS.read_text("utf-8"), "flows.yaml")
    retired = _quote("fields: {valid_until: {$retire: true}}")
    along = "automations: {tidy: {$retire: true}, due: {$retire: true}, big_quote: {steps: {"

    with pytest.raises(DefinitionInvalid) as raised:
        load([shop_layer, flows, read_text(retired, "tenant.yaml")])
    whole = along + "next: {$retire: true}, split: {$retire: true}}}}"
    loaded = load([shop_layer, flows, read_text(f"{retired}\n{whole}", "tenant.yaml")])

    assert {p.place.path[1] for p in raised.value.problems} == {"tidy", "due", "big_quote"}
    assert loaded.entities["quote"].fields["valid_until"].retired


def test_a_changed_step_is_a_difference_of_its_automation(shop_layer: Layer, acting: Model) -> None:
    flows = read_text(FLOWS.read_text("utf-8"), "flows.yaml")
    later = "automations: {big_quote: {steps: {split: {otherwise: {wait: {wait: 5wd}}}}}}"

    found = diff(acting, load([shop_layer, flows, read_text(later, "tenant.yaml")]))

    assert [(each.path, list(each.attributes)) for each in found.differences] == [
        (("automations", "big_quote"), ["steps"])
    ]
