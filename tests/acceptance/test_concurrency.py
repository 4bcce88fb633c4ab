"""Many writers on the lines of the same quotes: no client sees an error, every total is true."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.acceptance.product import Answer, Api, Product

WRITERS, QUOTES = 16, 10

EVERYDAY_WRITES = 8
"""How often each writer writes on every change."""

SOAK_SECONDS = 600
"""How long the writers write in a soak."""

GONE = {"line_missing"}
"""What a writer hears whose line another one deleted between its look and its write."""


@pytest.fixture(scope="module")
def api(product: Product) -> Api:
    product.tenant("busy")
    return product.api("busy")


@pytest.mark.parametrize(
    ("writes", "seconds"),
    [(EVERYDAY_WRITES, 0), pytest.param(0, SOAK_SECONDS, marks=pytest.mark.soak)],
    ids=["everyday", "soak"],
)
def test_sixteen_writers_on_ten_quotes_leave_true_totals(
    api: Api, product: Product, writes: int, seconds: int
) -> None:
    customer = api.create("customer", name=f"Harbour Works {writes}", industry="machinery")
    category = api.create("product_category", name=f"Winches {writes}")
    winch = api.create(
        "product", code=f"W-{writes}", name=f"Winch {writes}", category=category["id"],
        list_price="1999.99",
    )  # fmt: skip
    line = {"product": winch["id"], "quantity": "3"}
    quotes = [
        api.create("quote", customer=customer["id"], lines=[line, line])["id"]
        for _ in range(QUOTES)
    ]

    def write(seed: int) -> list[Answer]:
        chance, ends, found = random.Random(seed), time.monotonic() + seconds, []
        while len(found) < writes or time.monotonic() < ends:
            found.append(_write_once(api, chance, quotes, winch["id"]))
        return found

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = [answer for found in pool.map(write, range(WRITERS)) for answer in found]

    assert [answer.body for answer in answers if not _is_well(answer)] == []
    for quote in quotes:
        found = api.read("quote", quote)
        assert Decimal(found["subtotal"]) == sum(Decimal(x["amount"]) for x in found["lines"])
    product.joinery("recompute", "busy", "--check")


def _write_once(api: Api, chance: random.Random, quotes: list[str], winch: str) -> Answer:
    quote = chance.choice(quotes)
    quantity = f"{chance.randint(1, 99)}.{chance.randint(0, 99):02d}"
    lines = api.read("quote", quote)["lines"]
    if not lines or chance.random() < 0.3:
        change: dict[str, object] = {"create": [{"product": winch, "quantity": quantity}]}
    elif chance.random() < 0.35:
        change = {"delete": [chance.choice(lines)["id"]]}
    else:
        change = {"update": [{"id": chance.choice(lines)["id"], "quantity": quantity}]}
    return api.call("PATCH", f"/records/quote/{quote}", {"lines": change})


def _is_well(answer: Answer) -> bool:
    if answer.status == 200:
        return True
    codes = {error["code"] for error in answer.body["errors"]}
    return answer.status == 422 and codes <= GONE
