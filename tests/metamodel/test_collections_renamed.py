"""A newer version calls what a link makes, or a kind of record, otherwise: ours follows (P-05)."""

from __future__ import annotations

from textwrap import dedent

import pytest

from metamodel import Layer, load, read_text
from metamodel.editing.document import at
from metamodel.rebase import Stack, rebased

BASE = """
format: 1
app: {name: shop, label: Shop, version: "1"}
entities:
  customer:
    label: Customer
    fields: {name: {type: text}, phone: {type: text}}
  supplier:
    label: Supplier
    fields: {name: {type: text}, phone: {type: text}}
  order:
    label: Order
    owned: true
    fields:
      customer: {type: link, to: customer, inverse: orders}
      about: {type: link, to: [customer, supplier]}
      amount: {type: decimal}
  line:
    label: Line
    child_of: {entity: order, collection: lines}
    fields: {amount: {type: decimal}, who: {type: user}, open: {type: boolean}}
"""
OURS = """
entities:
  customer:
    duplicates: {same: {match: {name: exact, phone: normalized}, against: supplier}}
    fields:
      worth: {type: decimal, formula: "SUM(orders.amount)"}
      deep: {type: decimal, formula: "COUNT(orders, amount > 1)"}
    forms:
      default:
        tabs: {main: {sections: {basic: {items: {name: {}}}}}, more: {lists: {orders: {}}}}
  order:
    fields:
      first: {type: boolean, formula: 'about.entity == "customer"'}
      total: {type: decimal, formula: "SUM(lines.amount, amount > 1)"}
    members: {collection: lines, person: who, when: open, write_when: "open and amount > 1"}
    forms:
      default: {tabs: {main: {sections: {all: {grid: lines, columns: {amount: {}}}}}}}
"""
RENAMED = {
    "inverse: orders": "inverse: deals",
    "collection: lines": "collection: parts",
    "  customer:\n    label": "  client:\n    renamed_from: customer\n    label",
    "{name: {type: text}, phone": "{title: {type: text, renamed_from: name}, phone",
    "to: customer,": "to: client,",
    "[customer,": "[client,",
    "{amount: {type: decimal}, who:": "{price: {type: decimal, renamed_from: amount}, who:",
    "who: {type: user}": "person: {type: user, renamed_from: who}",
    "open: {type: boolean}": "active: {type: boolean, renamed_from: open}",
}
"""What the newer version writes in place of what, each where it comes first."""


def theirs() -> Layer:
    """Return the newer version."""
    text = BASE
    for old, new in RENAMED.items():
        assert old in text
        text = text.replace(old, new, 1)
    return layer(text, "shop")


def layer(text: str, name: str) -> Layer:
    return read_text(dedent(text), name)


@pytest.fixture(scope="module")
def merged() -> Layer:
    """Return what ours says over the newer version."""
    base, ours = layer(BASE, "shop"), layer(OURS, "own")
    load([base, ours])
    moved = rebased(Stack([base], {}), Stack([theirs()], {}), ours.document)
    assert moved.questions == ()
    load([theirs(), Layer("own", moved.layer)])
    return Layer("own", moved.layer)


def test_formulas_go_through_collections_by_the_names_of_now(merged: Layer) -> None:
    fields = at(merged.document, ("entities", "client", "fields"))

    assert at(fields, ("worth", "formula")) == "SUM(deals.amount)"
    assert at(fields, ("deep", "formula")) == "COUNT(deals, amount > 1)"
    total = at(merged.document, ("entities", "order", "fields", "total", "formula"))
    assert total == "SUM(parts.price, price > 1)"


def test_a_kind_of_record_that_a_link_is_compared_with_follows_its_name(merged: Layer) -> None:
    first = at(merged.document, ("entities", "order", "fields", "first", "formula"))

    assert first == 'about.entity == "client"'


def test_members_are_named_by_their_names_of_now_part_by_part(merged: Layer) -> None:
    assert at(merged.document, ("entities", "order", "members")) == {
        "collection": "parts",
        "person": "person",
        "when": "active",
        "write_when": "active and price > 1",
    }


def test_lists_and_grids_show_the_collections_by_the_names_of_now(merged: Layer) -> None:
    client = ("entities", "client", "forms", "default", "tabs", "more", "lists")
    section = ("entities", "order", "forms", "default", "tabs", "main", "sections", "all")

    assert at(merged.document, client) == {"deals": {}}
    assert at(merged.document, (*section, "grid")) == "parts"
    assert at(merged.document, (*section, "columns")) == {"price": {}}


def test_records_alike_of_two_kinds_are_compared_by_the_fields_that_were_called_alike(
    merged: Layer,
) -> None:
    model = load([theirs(), merged])

    same = model.entities["customer"].duplicates["same"]
    assert dict(same.match) == {"name": "exact", "phone": "normalized"}
    assert (same.against, dict(same.theirs)) == ("supplier", {"name": "name", "phone": "phone"})
    assert at(merged.document, ("entities", "client", "duplicates", "same", "match")) == {
        "title": "exact", "phone": "normalized",
    }  # fmt: skip
