"""Many writers on the lines of the same quotes: no client sees an error, every total is true."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.acceptance.product import Api, Product

WRITERS, QUOTES, WRITES = 16, 10, 12


@pytest.fixture(scope="module")
def api(product: Product) -> Api:
    product.tenant("busy")
    return product.api("busy")


def test_sixteen_writers_on_ten_quotes_leave_true_totals(api: Api, product: Product) -> None:
    customer = api.create("customer", name="Harbour Crane Works", industry="machinery")
    category = api.create("product_category", name="Winches")
    pump = api.create("product", code="W-1", name="Winch", category=category["id"],
                      list_price="1999.99")  # fmt: skip
    line = {"product": pump["id"], "quantity": "3"}
    quotes = [
        api.create("quote", customer=customer["id"], lines=[line, line])["id"]
        for _ in range(QUOTES)
    ]

    def write(seed: int) -> list[int]:
        chance = random.Random(seed)
        return [_write_once(api, chance, quotes, pump["id"]) for _ in range(WRITES)]

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = [status for found in pool.map(write, range(WRITERS)) for status in found]

    assert set(statuses) <= {200, 201, 204}
    for quote in quotes:
        found = api.read("quote", quote)
        assert Decimal(found["subtotal"]) == sum(Decimal(x["amount"]) for x in found["lines"])
    product.joinery("recompute", "busy", "--check")


def _write_once(api: Api, chance: random.Random, quotes: list[str], pump: str) -> int:
    quote = chance.choice(quotes)
    quantity = f"{chance.randint(1, 99)}.{chance.randint(0, 99):02d}"
    if chance.random() < 0.4:
        body = {"lines": {"create": [{"product": pump, "quantity": quantity}]}}
        return api.call("PATCH", f"/records/quote/{quote}", body).status
    lines = api.read("quote", quote)["lines"]
    if chance.random() < 0.15 and len(lines) > 1:
        body = {"lines": {"delete": [chance.choice(lines)["id"]]}}
        # Another writer may have deleted the same line between our look and our write.
        status = api.call("PATCH", f"/records/quote/{quote}", body).status
        return 200 if status in (404, 422) else status
    body = {"lines": {"update": [{"id": chance.choice(lines)["id"], "quantity": quantity}]}}
    status = api.call("PATCH", f"/records/quote/{quote}", body).status
    return 200 if status in (404, 422) else status
