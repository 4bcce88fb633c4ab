"""Stored values stay true under random edits and under many writers at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import RecordRefused
from tests.budget import examples
from tests.engine.records.shop import Shop

CENT = Decimal("0.01")

amounts = st.decimals(min_value=0, max_value=9999, places=2)
lines = st.lists(st.tuples(amounts, amounts, st.integers(min_value=0, max_value=100)), max_size=4)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("create"), lines),
        st.tuples(st.just("replace"), lines),
        st.tuples(st.just("delete"), st.none()),
        st.tuples(st.just("restore"), st.none()),
        st.tuples(st.just("move"), st.none()),
    ),
    min_size=1,
    max_size=6,
)


def half_up(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def total_of(quote: list[tuple[Decimal, Decimal, int]]) -> Decimal:
    """Return what a quote comes to, by plain arithmetic."""
    subtotal = sum(
        (half_up(q * price * (1 - Decimal(off) / 100)) for q, price, off in quote), Decimal(0)
    )
    return half_up(subtotal * Decimal("1.13"))


def payload(quote: list[tuple[Decimal, Decimal, int]], product: UUID) -> list[dict[str, str]]:
    return [
        {
            "product": str(product),
            "quantity": str(q),
            "unit_price": str(price),
            "discount": f"{off}%",
        }
        for q, price, off in quote
    ]


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=acts, seed=st.integers(min_value=0, max_value=10**6))
def test_totals_equal_a_plain_sum_after_any_edits(shop: Shop, acts: list, seed: int) -> None:  # type: ignore[type-arg]
    random = Random(seed)
    customers = [shop.create("customer", {"name": f"C{at}"}) for at in range(2)]
    product = shop.create("product", {"name": f"P {customers[0]}"})
    live: dict[UUID, tuple[UUID, list]] = {}  # type: ignore[type-arg]
    trashed: dict[UUID, tuple[UUID, list]] = {}  # type: ignore[type-arg]

    for act, quote in acts:
        chosen = random.choice(sorted(live)) if live else None
        if act == "create":
            holder = random.choice(customers)
            body = {"customer": str(holder), "lines": payload(quote, product)}
            live[shop.create("quote", body)] = (holder, quote)
        elif act == "restore" and trashed:
            back = random.choice(sorted(trashed))
            shop.records.restore(shop.ctx, "quote", [back])
            live[back] = trashed.pop(back)
        elif chosen is not None and act == "replace":
            shop.update("quote", chosen, {"lines": payload(quote, product)})
            live[chosen] = (live[chosen][0], quote)
        elif chosen is not None and act == "delete":
            shop.records.delete(shop.ctx, "quote", [chosen])
            trashed[chosen] = live.pop(chosen)
        elif chosen is not None and act == "move":
            holder = random.choice(customers)
            shop.update("quote", chosen, {"customer": str(holder)})
            live[chosen] = (holder, live[chosen][1])

    for customer in customers:
        wanted = sum((total_of(q) for holder, q in live.values() if holder == customer), Decimal(0))
        assert shop.get("customer", customer)["quoted"] == wanted


def test_after_random_edits_nothing_stored_differs(shop: Shop) -> None:
    assert shop.differences() == []


def test_sixteen_writers_on_the_lines_of_ten_quotes_lose_nothing(shop: Shop) -> None:
    customers = [shop.create("customer", {"name": f"Busy {at}"}) for at in range(3)]
    product = shop.create("product", {"name": f"Busy pump {customers[0]}", "list_price": "10"})
    quotes = [
        shop.create(
            "quote", {"customer": str(customers[at % 3]), "lines": [{"product": str(product)}]}
        )
        for at in range(10)
    ]

    def work(seed: int) -> int:
        random = Random(seed)
        for _ in range(8):
            quote = random.choice(quotes)
            line = {"product": str(product), "quantity": str(random.randint(1, 9))}
            act = random.randrange(4)
            if act == 0:
                shop.create("quote_line", {"quote": str(quote), **line})
            elif act == 1:
                shop.update("quote", quote, {"lines": {"create": [line]}})
            elif act == 2:
                shop.update("quote", quote, {"lines": [line, line]})
            else:
                shop.update("quote", quote, {"customer": str(random.choice(customers))})
        return 8

    with ThreadPoolExecutor(16) as pool:
        done = sum(pool.map(work, range(16)))

    assert done == 128
    assert shop.differences() == []


def test_changing_the_kind_of_a_product_corrects_every_quote_that_reads_it(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("70.00")
    product = shop.get("quote_line", line)["product"]
    before = shop.get("quote", quote)["machines"]

    shop.update("product", product, {"kind": "machine"})

    assert (before, shop.get("quote", quote)["machines"]) == (0, Decimal("70.00"))
    assert shop.differences() == []


def test_nothing_live_points_to_what_went_to_the_trash_meanwhile(shop: Shop) -> None:
    def race(at: int) -> None:
        customer = shop.create("customer", {"name": f"Leaving {at}"})
        with ThreadPoolExecutor(2) as pool:
            makes = pool.submit(attempt, lambda: shop.create("quote", {"customer": str(customer)}))
            goes = pool.submit(
                attempt, lambda: shop.records.delete(shop.ctx, "customer", [customer])
            )
            outcomes = (makes.result(), goes.result())
        quotes = shop.members("quote", "customer", customer)
        gone = shop.get("customer", customer)["sys_trashed_at"] is not None
        assert outcomes.count(True) == 1
        assert (len(quotes) == 1) != gone

    for at in range(15):
        race(at)


def attempt(act: Callable[[], object]) -> bool:
    """Return whether an act was done rather than refused."""
    try:
        act()
    except RecordRefused:
        return False
    return True
