"""What change sets did is taken back, but where somebody changed it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.access.policy import Policy
from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkResult, Edit
from engine.errors import NotFound
from engine.query.reader import Records as Reader
from engine.records.writer import Records
from engine.undoing import Undoing, Undone
from tests.budget import examples
from tests.engine.records.shop import Shop

KINDS = ("machine", "part")

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "list_price": st.integers(1, 999).map(lambda cents: f"{cents}.00"),
        "kind": st.sampled_from(KINDS),
    },
)
"""What somebody puts into some of a product's fields."""


TICKS = count(1)


def later(shop: Shop) -> Shop:
    """The shop a second later: change sets are in the order of their instants."""
    moment = shop.ctx.moment
    now = moment.now + timedelta(seconds=next(TICKS))
    return replace(shop, ctx=replace(shop.ctx, moment=replace(moment, now=now)))


def undoing(shop: Shop) -> Undoing:
    return Undoing(shop.database, shop.records)


def changed(shop: Shop, edits: Mapping[UUID, Mapping[str, Any]]) -> UUID | None:
    """Change records in one change set; answer its id, None where nothing differed."""
    bulk = Bulk(update=[Edit(id_, values) for id_, values in edits.items()], atomic=True)
    done = shop.records.bulk(later(shop).ctx, "product", bulk).change
    return done.id if done is not None and done.records else None


def undone(shop: Shop, *sets: UUID) -> Undone:
    return undoing(shop).undo(shop.ctx, sets)


def states(shop: Shop, ids: list[UUID]) -> list[dict[str, object]]:
    reader = Reader(shop.database, Policy(shop.database), "secret")
    found = reader.get(shop.ctx, "product", ids, trashed=True)
    keys = ("list_price", "kind")
    return [{key: each.values[key] for key in keys} for each in found]


def products(shop: Shop, number: int) -> list[UUID]:
    payloads = [
        {"name": f"P {uuid4().hex}", "list_price": "5.00", "kind": "part"} for _ in range(number)
    ]
    return list(shop.records.create(shop.ctx, "product", payloads).ids)


@settings(max_examples=examples(12), deadline=None)
@given(
    mine=st.lists(VALUES, min_size=3, max_size=3),
    again=st.lists(VALUES, min_size=3, max_size=3),
    theirs=st.lists(VALUES, min_size=3, max_size=3),
)
def test_undoing_restores_all_but_what_others_changed_since(
    shop: Shop,
    mine: list[dict[str, str]],
    again: list[dict[str, str]],
    theirs: list[dict[str, str]],
) -> None:
    """Two change sets are taken back as one; the oracle is a dictionary."""
    ids = products(shop, 3)
    before = states(shop, ids)
    sets = [changed(shop, dict(zip(ids, each, strict=True))) for each in (mine, again)]
    between = states(shop, ids)
    other = shop.acting(user=uuid4())
    changed(other, dict(zip(ids, theirs, strict=True)))
    after = states(shop, ids)

    result = undone(shop, *(each for each in sets if each is not None))

    expected = [
        {key: now[key] if now[key] != mid[key] else old[key] for key in old}
        for old, mid, now in zip(before, between, after, strict=True)
    ]
    kept = {each.id: set(each.fields) for each in result.kept}
    assert states(shop, ids) == expected
    for id_, old, mid, now in zip(ids, before, between, after, strict=True):
        both = {key for key in old if mid[key] != old[key] and now[key] != mid[key]}
        assert both <= kept.get(id_, set())


class Overtaken:
    """Writes just after somebody else saved a record."""

    def __init__(self, shop: Shop, other: Shop, record: UUID) -> None:
        self.shop, self.other, self.record = shop, other, record

    def bulk(self, ctx: Context, entity: str, bulk: Bulk) -> BulkResult:
        self.other.update(entity, self.record, {"list_price": "8.00"})
        return self.shop.records.bulk(ctx, entity, bulk)

    def restore(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change:
        return self.shop.records.restore(ctx, entity, ids)

    def within(self, connection: Connection, *, rehearsed: bool = False) -> Records:
        return self.shop.records.within(connection, rehearsed=rehearsed)


def test_what_somebody_saves_in_between_is_not_written_over(shop: Shop) -> None:
    """B-07: they were quicker than the undo, which had looked already."""
    one, two = products(shop, 2)
    edit = {"list_price": "6.00"}
    change = changed(shop, {one: edit, two: edit})
    assert change is not None
    writer = Overtaken(shop, later(shop.acting(user=uuid4())), one)

    result = Undoing(shop.database, writer).undo(shop.ctx, [change])

    assert [each["list_price"] for each in states(shop, [one, two])] == [8, 5]
    assert result.done == (two,)
    assert [(each.id, each.reason) for each in result.kept] == [(one, "version_conflict")]


def test_what_was_made_goes_to_the_trash_and_what_was_trashed_comes_back(shop: Shop) -> None:
    """A-23."""
    gone, stays = products(shop, 2)
    bulk = Bulk(create=[{"name": f"New {uuid4().hex}"}], delete=[gone])
    done = shop.records.bulk(later(shop).ctx, "product", bulk)
    assert done.change is not None
    made = done.items[0].id
    assert made is not None

    result = undone(shop, done.change.id)

    reader = Reader(shop.database, Policy(shop.database), "secret")
    assert {made, gone} == set(result.done)
    assert [r.trashed_at for r in reader.get(shop.ctx, "product", [gone, stays])] == [None, None]
    with pytest.raises(NotFound):
        reader.get(shop.ctx, "product", [made])


def test_a_record_that_somebody_went_on_with_is_not_trashed(shop: Shop) -> None:
    change = shop.records.create(shop.ctx, "product", [{"name": f"New {uuid4().hex}"}])
    other = later(shop.acting(user=uuid4()))
    other.update("product", change.ids[0], {"list_price": "7.00"})

    result = undone(shop, change.id)

    assert result.done == ()
    assert [(each.id, each.reason, each.by) for each in result.kept] == [
        (change.ids[0], "changed_since", other.ctx.actor.user)
    ]


def test_links_and_days_come_back_as_they_were(shop: Shop) -> None:
    customer, other = (shop.create("customer", {"name": uuid4().hex}) for _ in range(2))
    quote = shop.create("quote", {"customer": str(customer), "due": "2026-05-01"})
    edit = Edit(quote, {"customer": str(other), "due": None, "tax_rate": "6%"})
    change = shop.records.update(later(shop).ctx, "quote", [edit])

    undone(shop, change.id)

    reader = Reader(shop.database, Policy(shop.database), "secret")
    values = reader.get(shop.ctx, "quote", [quote])[0].values
    assert values["customer"].id == customer  # type: ignore[attr-defined]
    assert str(values["due"]) == "2026-05-01"
    assert values["tax_rate"] == Decimal("0.13")


def test_what_cannot_go_back_is_told_and_the_rest_is_done(shop: Shop) -> None:
    mail = f"{uuid4().hex}@example.com"
    one = shop.create("customer", {"name": uuid4().hex, "email": mail})
    two = shop.create("customer", {"name": uuid4().hex, "industry": "steel"})
    edits = [Edit(one, {"email": f"{uuid4().hex}@example.com"}), Edit(two, {"industry": "food"})]
    change = shop.records.update(later(shop).ctx, "customer", edits)
    shop.create("customer", {"name": uuid4().hex, "email": mail})

    result = undone(shop, change.id)

    assert result.done == (two,)
    assert [(each.id, each.reason) for each in result.kept] == [(one, "unique")]


def test_nobody_undoes_what_somebody_else_did(shop: Shop) -> None:
    change = shop.records.create(shop.ctx, "product", [{"name": uuid4().hex}])

    with pytest.raises(NotFound):
        undone(shop.acting(user=uuid4()), change.id)


def test_a_rehearsal_says_what_would_be_done_and_leaves_nothing(shop: Shop) -> None:
    one, two = products(shop, 2)
    taken = f"Taken {uuid4().hex}"
    shop.create("product", {"name": taken})
    bulk = Bulk(update=[Edit(one, {"list_price": "9"}), Edit(two, {"name": taken})], atomic=False)
    before = states(shop, [one, two])

    found = undoing(shop).rehearse(shop.ctx, "product", bulk)

    assert [item.status for item in found.items] == ["done", "refused"]
    assert states(shop, [one, two]) == before
