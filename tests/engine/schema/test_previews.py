"""A draft is looked at on real records by its author, and nobody else notices (P-04)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from engine.access.policy import Policy
from engine.context import Context
from engine.drafts import Drafts
from engine.drafts.going_out import GoingOut
from engine.drafts.preview import Previews
from engine.errors import Forbidden, ModelChanged, Previewing
from engine.query.reader import Records as Reader
from engine.query.spec import ListQuery, Record
from engine.records.writer import Records as Writer
from metamodel.editing import Add, Change, Edit, Retire

CUSTOMER = ("entities", "customer", "fields")
TOTAL = ("entities", "invoice", "fields", "total", "formula")


@pytest.fixture
def drafts(shop: Any) -> Drafts:
    return Drafts(shop.database, shop.store, GoingOut(shop.database, shop.publisher))


@pytest.fixture
def previews(shop: Any, drafts: Drafts) -> Previews:
    return Previews(shop.database, shop.store, drafts)


def _draft(drafts: Drafts, ctx: Context, *edits: Edit) -> str:
    name = drafts.create(ctx, "Mine").name
    drafts.edit(ctx, name, edits)
    return name


def _create(shop: Any, ctx: Context, entity: str, **values: object) -> UUID:
    writer = Writer(shop.database, Policy(shop.database))
    return writer.create(ctx, entity, [values]).ids[0]


def _read(shop: Any, ctx: Context, entity: str, record: UUID) -> Record:
    return Reader(shop.database, Policy(shop.database), "secret").get(ctx, entity, [record])[0]


def _schemas(shop: Any) -> set[str]:
    found = text(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'p_')"
        " AND starts_with(obj_description(oid, 'pg_namespace'), :of)"
    )
    with shop.database.owner(shop.tenant) as connection:
        return set(connection.execute(found, {"of": shop.tenant.schema}).scalars())


def test_records_are_seen_as_the_draft_would_have_them(
    shop: Any, drafts: Drafts, previews: Previews
) -> None:
    ctx = shop.ctx()
    customer = _create(shop, ctx, "customer", name="Ada", budget="12.50", note="7")
    lines = [{"amount": "10"}, {"amount": "5"}]
    invoice = _create(shop, ctx, "invoice", code="I-1", customer=str(customer), lines=lines)
    name = _draft(
        drafts,
        ctx,
        Add(CUSTOMER, "city", {"type": "text"}),
        Add(CUSTOMER, "double", {"type": "money", "formula": "budget * 2"}),
        Change((*CUSTOMER, "note"), {"type": "integer"}),
        Change(TOTAL, "SUM(lines.amount) + 1"),
        Retire((*CUSTOMER, "vip")),
    )

    seen = previews.enter(ctx, name)

    shown = _read(shop, seen, "customer", customer).values
    assert (shown["name"], shown["city"], shown["double"], shown["note"]) == (
        "Ada",
        None,
        Decimal(25),
        7,
    )
    assert "vip" not in shown
    assert _read(shop, seen, "invoice", invoice).values["total"] == Decimal(16)
    assert _read(shop, shop.ctx(), "invoice", invoice).values["total"] == Decimal(15)
    assert _read(shop, shop.ctx(), "customer", customer).values["note"] == "7"


def test_new_entities_are_empty_and_lists_open(
    shop: Any, drafts: Drafts, previews: Previews
) -> None:
    ctx = shop.ctx()
    visit = {"label": "Visit", "title": "subject", "fields": {"subject": {"type": "text"}}}
    name = _draft(drafts, ctx, Add(("entities",), "visit", visit))

    seen = previews.enter(ctx, name)

    reader = Reader(shop.database, Policy(shop.database), "secret")
    assert reader.find(seen, ListQuery("visit")).rows == ()


def test_nothing_is_written_through_a_preview(
    shop: Any, drafts: Drafts, previews: Previews
) -> None:
    ctx = shop.ctx()
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))
    seen = previews.enter(ctx, name)

    with pytest.raises(Previewing):
        _create(shop, seen, "customer", name="Bo")

    with shop.database.owner(shop.tenant) as connection:
        may = text("SELECT has_table_privilege(:role, :view, 'INSERT')")
        view = f"{seen.tenant.schema}.customer"
        asked = {"role": shop.tenant.role, "view": view}
        assert connection.execute(may, asked).scalar_one() is False


def test_a_preview_is_for_its_author_alone(shop: Any, drafts: Drafts, previews: Previews) -> None:
    ctx = shop.ctx()
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))
    other = replace(ctx, actor=replace(ctx.actor, user=uuid4()))

    with pytest.raises(Forbidden):
        previews.enter(other, name)


def test_a_preview_follows_the_draft_and_goes_when_it_is_left(
    shop: Any, drafts: Drafts, previews: Previews
) -> None:
    ctx = shop.ctx()
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))
    first = previews.enter(ctx, name).tenant.schema
    again = previews.enter(ctx, name).tenant.schema

    drafts.edit(ctx, name, [Add(CUSTOMER, "street", {"type": "text"})])
    later = previews.enter(ctx, name).tenant.schema

    assert first == again != later
    assert _schemas(shop) == {later}
    previews.leave(ctx, name)
    assert _schemas(shop) == set()


def test_a_publish_takes_every_preview_away(shop: Any, drafts: Drafts, previews: Previews) -> None:
    ctx = shop.ctx()
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))
    previews.enter(ctx, name)

    shop.publish("entities: {customer: {fields: {name: {max_length: 200}}}}")

    assert _schemas(shop) == set()
    seen = previews.enter(replace(shop.ctx(), actor=ctx.actor), name)
    assert "city" in seen.model.entities["customer"].fields


def test_several_requests_may_be_the_first(shop: Any, drafts: Drafts, previews: Previews) -> None:
    ctx = shop.ctx()
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))

    with ThreadPoolExecutor(4) as requests:
        seen = list(requests.map(lambda _: previews.enter(ctx, name), range(4)))

    assert {each.tenant.schema for each in seen} == _schemas(shop)


def test_a_preview_that_is_taken_away_under_a_reader_asks_for_the_app_as_it_is(
    shop: Any, drafts: Drafts, previews: Previews
) -> None:
    ctx = shop.ctx()
    customer = _create(shop, ctx, "customer", name="Ada")
    name = _draft(drafts, ctx, Add(CUSTOMER, "city", {"type": "text"}))
    seen = previews.enter(ctx, name)

    previews.leave(ctx, name)

    with pytest.raises(ModelChanged):
        _read(shop, seen, "customer", customer)
