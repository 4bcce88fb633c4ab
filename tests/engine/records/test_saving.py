"""Records are saved with everything that follows: defaults, copies, totals, history."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import RecordRefused
from tests.engine.records.shop import Shop


def test_a_quote_with_lines_gets_copies_defaults_number_and_totals(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Acme"})
    pump = shop.create("product", {"name": "Pump", "list_price": "1999.99"})

    quote = shop.create(
        "quote",
        {
            "customer": str(acme),
            "lines": [
                {"product": str(pump), "quantity": 3, "discount": "5%"},
                {"product": str(pump), "quantity": 1, "unit_price": "0.33", "discount": "50%"},
            ],
        },
    )

    found = shop.get("quote", quote)
    assert [line["amount"] for line in found["lines"]] == [Decimal("5699.97"), Decimal("0.17")]
    assert found["subtotal"] == Decimal("5700.14")
    assert found["total"] == Decimal("6441.16")
    assert found["code"].startswith("Q-2026")
    assert found["stage"] == "open"
    assert shop.get("customer", acme)["quoted"] == Decimal("6441.16")
    assert shop.differences() == []


def test_changing_one_line_changes_every_total_above_it(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")

    shop.update("quote_line", line, {"quantity": 3})

    assert shop.get("quote", quote)["total"] == Decimal("339.00")
    assert shop.get("customer", acme)["quoted"] == Decimal("339.00")
    assert shop.differences() == []


def test_moving_a_quote_to_another_customer_corrects_both(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("100.00")
    other = shop.create("customer", {"name": "Other"})

    shop.update("quote", quote, {"customer": str(other)})

    assert shop.get("customer", acme)["quoted"] == Decimal("0.00")
    assert shop.get("customer", other)["quoted"] == Decimal("113.00")


def test_all_errors_of_a_record_and_its_lines_come_at_once(shop: Shop) -> None:
    payload = {"customer": "x", "colour": 1, "lines": [{"quantity": "many"}, {"quantity": -1}]}

    with pytest.raises(RecordRefused) as refused:
        shop.create("quote", payload)

    assert {(error.code, error.path) for error in refused.value.errors} == {
        ("invalid_id", ("customer",)),
        ("unknown_field", ("colour",)),
        ("invalid_number", ("lines", 0, "quantity")),
        ("required", ("lines", 0, "product")),
        ("out_of_range", ("lines", 1, "quantity")),
        ("required", ("lines", 1, "product")),
    }
