"""Many writes at once are all or none, or each for itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.doors import Bulk, BulkItem, BulkResult, Edit
from engine.records.bulk import MOST_ITEMS, in_parts, joined
from tests.engine.records.shop import Shop


def test_an_atomic_bulk_with_one_refusal_does_nothing(shop: Shop) -> None:
    bulk = Bulk(create=[{"name": "Fine", "email": "fine@x.org"}, {"name": ""}])

    result = shop.records.bulk(shop.ctx, "customer", bulk)

    assert [item.status for item in result.items] == ["skipped", "refused"]
    assert result.change is None
    assert shop.create("customer", {"name": "Fine", "email": "fine@x.org"})


def test_a_bulk_that_is_not_atomic_does_what_it_can(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("10.00")
    bulk = Bulk(
        create=[
            {"customer": str(acme)},
            {"customer": {"email": "nobody@nowhere.org"}},
            {"customer": str(acme), "tax_rate": "300%"},
            {"customer": str(acme), "stage": "lost"},
        ],
        update=[Edit(quote, {"reason": "x"}), Edit(acme, {"reason": "no such quote"})],
        atomic=False,
    )

    result = shop.records.bulk(shop.ctx, "quote", bulk)

    assert [item.status for item in result.items] == [
        "done", "refused", "refused", "refused", "done", "refused",
    ]  # fmt: skip
    assert [[e.code for e in item.errors] for item in result.items if item.errors] == [
        ["link_missing"], ["out_of_range"], ["must_fill"], ["not_found"],
    ]  # fmt: skip
    assert shop.get("customer", acme)["quotes_open"] == 2
    assert shop.differences() == []


def test_items_of_one_bulk_may_not_take_each_others_unique_values(shop: Shop) -> None:
    bulk = Bulk(create=[{"name": "A", "email": "t@x.org"}, {"name": "B", "email": "t@x.org"}],
                atomic=False)  # fmt: skip

    result = shop.records.bulk(shop.ctx, "customer", bulk)

    assert [item.status for item in result.items] == ["done", "refused"]


def test_deletes_in_a_bulk_count_in_totals(shop: Shop) -> None:
    acme, quote, _ = shop.quote_of_one("10.00")

    result = shop.records.bulk(shop.ctx, "quote", Bulk(delete=[quote]))

    assert [item.status for item in result.items] == ["done"]
    assert shop.get("customer", acme)["quoted"] == 0


@pytest.mark.parametrize("count", [1, 300])
def test_a_bulk_costs_the_same_statements_whatever_its_size(shop: Shop, count: int) -> None:
    acme = shop.create("customer", {"name": f"Acme {count}"})
    payload = {"customer": str(acme), "reason": "many"}

    result = shop.records.bulk(shop.ctx, "quote", Bulk(create=[payload] * count))

    assert result.counts == {"done": count}
    assert shop.get("customer", acme)["quotes_open"] == Decimal(count)


def test_a_record_that_is_changed_in_the_same_bulk_keeps_its_unique_value(shop: Shop) -> None:
    held = shop.create("customer", {"name": "Holder", "email": "held@x.org"})
    bulk = Bulk(
        create=[{"name": "New", "email": "new@x.org"}, {"name": "Late", "email": "held@x.org"}],
        update=[Edit(held, {"limit": "5"})],
        atomic=False,
    )

    result = shop.records.bulk(shop.ctx, "customer", bulk)

    assert [item.status for item in result.items] == ["done", "refused", "done"]
    assert [error.code for error in result.items[1].errors] == ["unique"]


def test_more_records_than_can_be_made_one_by_one_are_made_in_parts_that_tell_of_all() -> None:
    payloads = [{"name": str(at)} for at in range(2 * MOST_ITEMS + 5)]

    parts = in_parts(Bulk(payloads, atomic=False))
    told = joined(
        BulkResult([BulkItem("create", at, "skipped") for at in range(len(part.create))], None,
                   {"skipped": len(part.create)})
        for part in parts
    )  # fmt: skip

    assert [name for part in parts for name in part.create] == payloads
    assert max(len(part.create) for part in parts) == MOST_ITEMS
    assert [item.index for item in told.items] == list(range(len(payloads)))
    assert told.counts == {"skipped": len(payloads)}


def test_an_atomic_bulk_has_no_parts() -> None:
    assert in_parts(Bulk([{}] * (MOST_ITEMS + 1))) == []
