"""Addresses, periods, files and lists of links are taken over whole by copies and conversions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.access.policy import Policy
from engine.query.reader import Records as Reading
from engine.records.draft import read_row
from engine.values.wire import record_to_wire
from metamodel import load, read_text
from metamodel.problems import DefinitionInvalid
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: whole, label: Whole}
entities:
  product: {label: P, title: name, fields: {name: {type: text}}}
  customer:
    label: C
    title: name
    fields:
      name: {type: text}
      home: {type: address}
      open: {type: period}
      place: {type: location}
      more: {type: json}
      story: {type: rich_text}
      likes: {type: links, to: product}
      staff: {type: users}
  order:
    label: O
    title: name
    fields:
      name: {type: text}
      customer:
        type: link
        to: customer
        copy:
          {home: customer.home, open: customer.open, place: customer.place, more: customer.more,
           story: customer.story, likes: customer.likes, staff: customer.staff,
           said: customer.name}
      home: {type: address}
      open: {type: period}
      place: {type: location}
      more: {type: json}
      story: {type: rich_text}
      said: {type: rich_text}
      likes: {type: links, to: product}
      staff: {type: users}
      liked: {type: integer, formula: "COUNT(likes)"}
    convert:
      again:
        label: Again
        steps:
          other:
            create: order
            set: {name: '"again"', home: home, open: open, place: place, more: more,
                  story: story, likes: likes, staff: staff, said: name}
            lines: {picks: {each: likes, set: {product: id, said: name, of: this.name}}}
  pick:
    label: Pick
    child_of: {entity: order, collection: picks}
    fields: {product: {type: link, to: product}, said: {type: text}, of: {type: text}}
"""


@pytest.fixture(scope="module")
def shop(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def wholes(shop: Shop, entity: str, id_: object) -> dict[str, object]:
    reader = Reading(shop.database, Policy(shop.database), "secret")
    record = reader.get(shop.ctx, entity, [id_])[0]  # type: ignore[list-item]
    said = record_to_wire(shop.ctx.model, record)
    return {name: said[name] for name in ("home", "open", "place", "more", "story", "likes",
                                          "staff")}  # fmt: skip


def test_choosing_a_record_copies_what_it_holds_and_converting_takes_it_on(shop: Shop) -> None:
    products = [str(shop.create("product", {"name": name})) for name in ("a", "b")]
    customer = shop.create(
        "customer",
        {
            "name": "<b>Acme</b>", "home": {"city": "上海"}, "open": "2026-01-01/2026-02-01",
            "place": "31, 121", "more": [1, {"a": None}], "story": "<p>a <b>b</b></p>",
            "likes": products, "staff": [str(shop.ctx.actor.user)],
        },
    )  # fmt: skip

    order = shop.create("order", {"customer": str(customer)})
    shop.records.convert(shop.ctx, "order", order, "again")

    (other,) = (row["id"] for row in _orders(shop) if row["name"] == "again")
    assert wholes(shop, "order", order) == wholes(shop, "customer", customer)
    assert wholes(shop, "order", other) == wholes(shop, "customer", customer)
    assert shop.get("order", other)["liked"] == 2
    assert shop.get("order", order)["said"] == "<p>&lt;b&gt;Acme&lt;/b&gt;</p>"
    picks = shop.get("order", other)["picks"]
    assert [str(each["product"]) for each in picks] == products
    assert [(each["said"], each["of"]) for each in picks] == [("a", None), ("b", None)]
    assert shop.differences() == []


def _orders(shop: Shop) -> list[dict[str, object]]:
    kind, table = shop.ctx.model.entities["order"], shop.ctx.compiled.tables.of("order")
    with shop.database.reading(shop.ctx) as connection:
        return [read_row(kind, row)[0] for row in connection.execute(select(table)).mappings()]


@pytest.mark.parametrize("path", ["customer.name", "customer.open", "TODAY()", "customer.nothing"])
def test_what_is_no_address_does_not_fill_one(path: str) -> None:
    text = APP.replace("home: customer.home", f'home: "{path}"')

    with pytest.raises(DefinitionInvalid) as invalid:
        load([read_text(text, "whole.yaml")])

    assert [each.code for each in invalid.value.problems] == ["not_taken_over"]


@pytest.mark.parametrize("kind", ["rich_text", "json", "address", "period", "links, to: product"])
def test_a_type_that_no_formula_makes_is_not_computed(kind: str) -> None:
    text = APP.replace(
        "name: {type: text}}}",
        f'name: {{type: text}}, it: {{type: {kind}, formula: "name"}}}}}}',
        1,
    )

    with pytest.raises(DefinitionInvalid) as invalid:
        load([read_text(text, "whole.yaml")])

    assert "computed_type" in [each.code for each in invalid.value.problems]
