"""A conversion makes what it says, once, in one unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import NotFound, RecordRefused
from tests.engine.records.shop import Shop


def test_a_quote_becomes_an_order_with_its_lines_and_moves_on(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("100.00")
    shop.create(
        "quote_line", {"quote": str(quote), "product": {"name": f"Pump {acme}"}, "quantity": 3}
    )

    change = shop.records.convert(shop.ctx, "quote", quote, "to_order")

    found = shop.get("quote", quote)
    order = shop.get("order", found["order"])
    assert change.ids[0] == order["id"]
    assert order["customer"] == acme
    assert order["about"] == f"from {found['code']}"
    assert order["total"] == Decimal("400.00")
    assert [line["share"] for line in order["lines"]] == [Decimal("0.25"), Decimal("0.75")]
    assert found["stage"] == "sent"
    assert shop.differences() == []


def test_a_conversion_takes_only_the_lines_that_its_condition_holds_for(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("100.00")
    pump = {"name": f"Pump {acme}"}
    shop.create("quote_line", {"quote": str(quote), "product": pump, "quantity": 3})
    shop.create("quote_line", {"quote": str(quote), "product": pump, "quantity": "0.5"})

    change = shop.records.convert(shop.ctx, "quote", quote, "to_large_order")

    order = shop.get("order", change.ids[0])
    assert [line["amount"] for line in order["lines"]] == [Decimal("300.00")]
    assert order["total"] == Decimal("300.00")


def test_a_link_to_several_entities_is_filled_with_the_record_that_the_formula_gives(
    shop: Shop,
) -> None:
    acme, quote, _ = shop.quote_of_one("100.00")

    change = shop.records.convert(shop.ctx, "quote", quote, "to_calls")

    made = [own.id for own in change.records if own.entity == "activity"]
    about = [shop.get("activity", each)["about"] for each in made]
    assert about == [quote, acme]


def test_a_quote_is_converted_once(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")
    shop.records.convert(shop.ctx, "quote", quote, "to_order")

    with pytest.raises(RecordRefused) as refused:
        shop.records.convert(shop.ctx, "quote", quote, "to_order")

    assert [error.code for error in refused.value.errors] == ["converted_already"]


def test_a_conversion_waits_for_its_condition(shop: Shop) -> None:
    _, quote, _ = shop.quote_of_one("1.00")
    shop.records.move(
        shop.ctx, "quote", [quote], pipeline="sales", to="lost", values={"reason": "No"}
    )

    with pytest.raises(RecordRefused) as refused:
        shop.records.convert(shop.ctx, "quote", quote, "to_order")
    with pytest.raises(NotFound):
        shop.records.convert(shop.ctx, "quote", quote, "to_nothing")

    assert [error.code for error in refused.value.errors] == ["convert_when"]
