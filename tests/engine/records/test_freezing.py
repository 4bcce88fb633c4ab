"""Computed values that stay as they were: when the record was made, or entered its stage."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: deals, label: Deals, version: "1.0"}
entities:
  product:
    label: Product
    title: name
    fields: {name: {type: text}, price: {type: money}}
  deal:
    label: Deal
    title: name
    fields:
      name: {type: text}
      amount: {type: money}
      product: {type: link, to: product}
      at_start: {type: money, formula: "amount * 2", freeze_on: created}
      at_stage: {type: money, formula: "amount * 2", freeze_on: stage}
      price: {type: money, formula: "product.price", freeze_on: stage, stored: true}
      first_price: {type: money, formula: "product.price", freeze_on: created, stored: true}
      summed: {type: money, formula: "SUM(lines.amount)", freeze_on: stage}
      double: {type: money, formula: "price * 2"}
    pipelines:
      sales: {field: stage, stages: {open: {label: Open}, sent: {label: Sent}, won: {label: Won}}}
  line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: deal, collection: lines}
    fields: {amount: {type: money}}
"""


@pytest.fixture(scope="module")
def deals(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


KEYS = ("at_start", "at_stage", "price", "first_price", "summed", "double")


def seen(deals: Shop, deal: object) -> list[Decimal]:
    record = deals.get("deal", deal)  # type: ignore[arg-type]
    return [record[key] for key in KEYS]


def test_a_frozen_value_follows_its_inputs_only_when_it_thaws(deals: Shop) -> None:
    product = deals.create("product", {"name": "Pump", "price": "10"})
    body = {"amount": "1", "product": str(product), "lines": [{"amount": "5"}]}
    deal = deals.create("deal", body)
    assert seen(deals, deal) == [2, 2, 10, 10, 5, 20]

    deals.update("product", product, {"price": "12"})
    deals.update("deal", deal, {"amount": "3", "lines": [{"amount": "7"}, {"amount": "1"}]})
    assert seen(deals, deal) == [2, 2, 10, 10, 5, 20]

    deals.records.move(deals.ctx, "deal", [deal], pipeline="sales", to="sent")
    assert seen(deals, deal) == [2, 6, 12, 10, 8, 24]

    deals.update("deal", deal, {"amount": "4", "stage": "won"})
    assert seen(deals, deal) == [2, 8, 12, 10, 8, 24]
    assert deals.differences() == []


def test_a_frozen_value_comes_back_from_the_trash_as_it_went(deals: Shop) -> None:
    product = deals.create("product", {"name": "Pump", "price": "10"})
    deal = deals.create("deal", {"amount": "1", "product": str(product)})
    deals.records.delete(deals.ctx, "deal", [deal])
    deals.update("product", product, {"price": "12"})

    deals.records.restore(deals.ctx, "deal", [deal])

    assert seen(deals, deal) == [2, 2, 10, 10, 0, 20]
    assert deals.differences() == []
