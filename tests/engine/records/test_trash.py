"""The trash takes along, empties and refuses as links say, and gives back exactly that."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.doors import Bulk, Edit
from engine.errors import NotFound, RecordRefused
from engine.query.parse import parse_filter
from engine.query.reader import Records as Reader
from engine.query.spec import ListQuery
from tests.engine.records.shop import Shop


def test_a_deleted_quote_takes_its_lines_along_and_counts_no_more(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")

    shop.records.delete(shop.ctx, "quote", [quote])

    assert shop.get("customer", acme)["quoted"] == 0
    assert shop.get("quote_line", line)["sys_trashed_at"] is not None
    assert shop.differences() == []
    with pytest.raises(NotFound):
        shop.update("quote", quote, {"reason": "none"})


def test_restoring_undoes_exactly_what_the_deletion_did(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")
    second = shop.create("quote_line", {"quote": str(quote), "product": {"name": f"Pump {acme}"}})
    shop.records.delete(shop.ctx, "quote_line", [second])
    before = shop.get("quote", quote)
    shop.records.delete(shop.ctx, "quote", [quote])

    shop.records.restore(shop.ctx, "quote", [quote])

    after = shop.get("quote", quote)
    assert [each["id"] for each in after["lines"]] == [line]
    for key in ("subtotal", "total", "code", "stage"):
        assert after[key] == before[key]
    assert shop.get("customer", acme)["quoted"] == Decimal("113.00")
    assert shop.differences() == []


def test_what_others_must_refer_to_cannot_go(shop: Shop) -> None:
    acme, _, _ = shop.quote_of_one("1.00")

    with pytest.raises(RecordRefused) as refused:
        shop.records.delete(shop.ctx, "customer", [acme])

    assert [error.code for error in refused.value.errors] == ["in_use"]
    assert shop.get("customer", acme)["sys_trashed_at"] is None


def test_links_that_are_emptied_point_back_after_restoring(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Acme"})
    ann = shop.create("contact", {"name": "Ann", "customer": str(acme)})
    shop.update("customer", acme, {"primary": str(ann), "billed": str(ann)})

    shop.records.delete(shop.ctx, "contact", [ann])
    emptied = shop.get("customer", acme)
    shop.records.restore(shop.ctx, "contact", [ann])

    back = shop.get("customer", acme)
    assert (emptied["primary"], emptied["billed"]) == (None, None)
    assert (back["primary"], back["billed"]) == (ann, ann)


def test_a_record_whose_place_was_taken_stays_in_the_trash(shop: Shop) -> None:
    name = "Only one"
    first = shop.create("product", {"name": name})
    shop.records.delete(shop.ctx, "product", [first])
    shop.create("product", {"name": name})

    with pytest.raises(RecordRefused) as refused:
        shop.records.restore(shop.ctx, "product", [first])

    assert [error.code for error in refused.value.errors] == ["restore_collides"]


def test_a_line_does_not_come_back_without_its_record(shop: Shop) -> None:
    _, quote, line = shop.quote_of_one("5.00")
    shop.records.delete(shop.ctx, "quote_line", [line])
    shop.records.delete(shop.ctx, "quote", [quote])

    with pytest.raises(RecordRefused) as refused:
        shop.records.restore(shop.ctx, "quote_line", [line])

    assert [error.code for error in refused.value.errors] == ["restore_parent"]


def test_a_link_to_a_record_in_the_trash_is_refused(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Gone"})
    shop.records.delete(shop.ctx, "customer", [acme])

    with pytest.raises(RecordRefused) as refused:
        shop.create("quote", {"customer": str(acme)})

    assert [error.code for error in refused.value.errors] == ["link_missing"]


def test_a_link_into_the_trash_stays_and_what_is_behind_it_is_blank(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Gone and linked"})
    quote = shop.create("quote", {"customer": str(acme)})
    shop.records.delete(shop.ctx, "quote", [quote])
    shop.records.delete(shop.ctx, "customer", [acme])

    shop.records.restore(shop.ctx, "quote", [quote])

    assert shop.get("quote", quote)["customer"] == acme
    assert _matching(shop, quote, "ISBLANK(customer.name) and not ISBLANK(customer)")
    assert not _matching(shop, quote, 'customer.name == "Gone and linked"')
    assert shop.differences() == []


def _matching(shop: Shop, quote: UUID, condition: str) -> bool:
    reader = Reader(shop.database, Policy(shop.database), "secret")
    query = ListQuery("quote", filter=parse_filter(shop.ctx, "quote", condition), limit=500)
    return quote in {row.id for row in reader.find(shop.ctx, query).rows}


def test_restoring_one_of_many_brings_back_that_one_alone(shop: Shop) -> None:
    acme, quote, line = shop.quote_of_one("100.00")
    _, other, other_line = shop.quote_of_one("7.00")
    shop.records.delete(shop.ctx, "quote", [quote, other])

    shop.records.restore(shop.ctx, "quote", [quote])

    assert [each["id"] for each in shop.get("quote", quote)["lines"]] == [line]
    assert shop.get("customer", acme)["quoted"] == Decimal("113.00")
    assert shop.get("quote", other)["sys_trashed_at"] is not None
    assert shop.get("quote_line", other_line)["sys_trashed_at"] is not None
    assert shop.differences() == []


def test_restoring_leaves_what_else_the_deleting_bulk_did(shop: Shop) -> None:
    acme = shop.create("customer", {"name": "Acme"})
    ann = shop.create("contact", {"name": "Ann", "customer": str(acme)})
    other = shop.create("customer", {"name": "Other"})
    shop.update("customer", acme, {"primary": str(ann)})
    bulk = Bulk(update=[Edit(acme, {"primary": None})], delete=[other])
    shop.records.bulk(shop.ctx, "customer", bulk)

    shop.records.restore(shop.ctx, "customer", [other])

    assert shop.get("customer", other)["sys_trashed_at"] is None
    assert shop.get("customer", acme)["primary"] is None
