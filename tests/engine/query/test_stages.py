"""Where records have been, for how long, and how they flow, held against a plain count."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine.access.policy import Policy
from engine.errors import NotFound
from engine.query.parse import parse_filter
from engine.query.stages import FlowQuery, StageMemory
from formula.backends.contract import Moment
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: flow, label: Flow, version: "1.0", timezone: Asia/Shanghai}
calendars:
  china:
    label: China
    default: true
    week: {mon-fri: "09:00-18:00"}
entities:
  deal:
    label: Deal
    title: name
    owned: true
    fields: {name: {type: text}, amount: {type: money}}
    pipelines:
      sales:
        field: stage
        stages: {open: {label: Open}, sent: {label: Sent}, won: {label: Won}, lost: {label: Lost}}
roles:
  seller: {label: Seller, rights: {deal: {read: own, create: all}}, fields: {deal: {amount: none}}}
"""

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine o'clock in Shanghai."""


@pytest.fixture(scope="module")
def flow(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def at(shop: Shop, instant: datetime) -> Shop:
    moment = Moment(instant, (instant + timedelta(hours=8)).date(), "Asia/Shanghai")
    return replace(shop, ctx=replace(shop.ctx, moment=moment))


def memory(shop: Shop) -> StageMemory:
    return StageMemory(shop.database, Policy(shop.database))


def told(shop: Shop, story: list[tuple[datetime, str]], **values: Any) -> UUID:
    """Make a record that enters stages at times."""
    first, *others = story
    made = at(shop, first[0]).create("deal", {"stage": first[1], **values})
    for instant, stage in others:
        at(shop, instant).update("deal", made, {"stage": stage})
    return made


def test_a_visit_tells_when_by_whom_for_how_much_and_how_long(flow: Shop) -> None:
    hour = timedelta(hours=1)
    made = told(flow, [(MONDAY, "open"), (MONDAY + 26 * hour, "sent")], amount="10")
    at(flow, MONDAY + 27 * hour).update("deal", made, {"amount": "30"})
    at(flow, MONDAY + 28 * hour).update("deal", made, {"stage": "won"})
    later = at(flow, MONDAY + 29 * hour)

    won, sent, open_ = memory(flow).visits(later.ctx, "deal", made)

    assert [each.stage for each in (open_, sent, won)] == ["open", "sent", "won"]
    assert [each.amount for each in (open_, sent, won)] == [10, 10, 30]
    assert [each.hours for each in (open_, sent, won)] == [11, 2, 1]
    assert (open_.entered_at, open_.left_at, won.left_at) == (MONDAY, sent.entered_at, None)
    assert open_.entered_by is not None
    assert open_.entered_by.id == flow.ctx.actor.user


def test_who_may_not_read_record_or_amount_is_told_neither(flow: Shop) -> None:
    made = told(flow, [(MONDAY, "open")], amount="10")
    seller = flow.acting(kind="person", roles=("seller",))
    own = seller.create("deal", {"name": "Mine"})

    assert memory(flow).visits(seller.ctx, "deal", own)[0].amount is None
    with pytest.raises(NotFound):
        memory(flow).visits(replace(seller.ctx, actor=replace(seller.ctx.actor, user=made)),
                            "deal", made)  # fmt: skip


def test_the_flow_of_a_month_is_a_plain_count_of_its_visits(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    shop = Shop.open(tenant_of(APP), installation.database)
    day = timedelta(days=1)
    stories = [
        [(MONDAY, "open"), (MONDAY + day, "sent"), (MONDAY + 2 * day, "won")],
        [(MONDAY, "open"), (MONDAY + 3 * day, "lost")],
        [(MONDAY - 30 * day, "open"), (MONDAY, "sent"), (MONDAY + day, "open")],
        [(MONDAY + 40 * day, "open")],
    ]
    for number, story in enumerate(stories):
        told(shop, story, amount=str(10 + number), name=f"D{number}")
    query = FlowQuery("deal", "sales", MONDAY, MONDAY + 30 * day)

    found = {each.stage: each for each in memory(shop).flow(shop.ctx, query)}
    named = replace(query, filter=parse_filter(shop.ctx, "deal", 'name == "D1"'))

    assert list(found) == ["open", "sent", "won", "lost"]
    assert (found["open"].entered, found["open"].here) == (3, 1)
    assert dict(found["open"].onward) == {"sent": 1, "lost": 1}
    assert found["open"].hours == Decimal("18")
    assert found["open"].amount == 10 + 11 + 12
    assert dict(found["sent"].onward) == {"won": 1, "open": 1}
    assert [each.entered for each in memory(shop).flow(shop.ctx, named)] == [1, 0, 0, 1]


def test_stages_of_a_real_history_are_told_as_they_were(
    tenant_of: TenantMaker, installation: Installation, test_data: Path
) -> None:
    with (test_data / "fivetran-hubspot" / "deal_stage_data.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["deal_id"], row["date_entered"]))
    codes = {value: f"s{at}" for at, value in enumerate(dict.fromkeys(r["value"] for r in rows))}
    stages = ", ".join(f"{code}: {{label: {code}}}" for code in codes.values())
    old = "{open: {label: Open}, sent: {label: Sent}, won: {label: Won}, lost: {label: Lost}}"
    shop = Shop.open(tenant_of(APP.replace(old, f"{{{stages}}}")), installation.database)
    histories: dict[str, list[tuple[datetime, str]]] = {}
    for row in rows:
        entered = datetime.fromisoformat(_padded(row["date_entered"])).replace(tzinfo=UTC)
        story = histories.setdefault(row["deal_id"], [])
        if not story or story[-1][1] != codes[row["value"]]:
            story.append((entered, codes[row["value"]]))

    made = {deal: told(shop, story) for deal, story in histories.items()}

    for deal, story in histories.items():
        found = memory(shop).visits(shop.ctx, "deal", made[deal])[::-1]
        assert [(each.entered_at, each.stage) for each in found] == story
        assert [each.left_at for each in found] == [when for when, _ in story[1:]] + [None]
    ever = FlowQuery("deal", "sales", datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
    counted = Counter(stage for story in histories.values() for _, stage in story)
    flows = memory(shop).flow(shop.ctx, ever)
    assert {each.stage: each.entered for each in flows if each.entered} == counted


def _padded(text: str) -> str:
    """Return `2021-01-07 6:49:18` as ISO 8601 writes it."""
    day, clock = text.split(" ")
    hours, minutes, seconds = clock.split(":")
    return f"{date.fromisoformat(day)}T{int(hours):02d}:{minutes}:{seconds}"
