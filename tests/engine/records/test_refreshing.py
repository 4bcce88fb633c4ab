"""Values over TODAY() that are stored follow the day: once for each tenant and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.changes import Change
from engine.context import Context
from engine.jobs import QUEUE
from engine.records.refresh import REFRESH, TURN, DayTurn, Refresh, is_refreshed, refresh
from engine.worker import Worker
from formula.backends.contract import Moment
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: dues, label: Dues, version: "1.0"}
entities:
  customer:
    label: Customer
    title: name
    fields:
      name: {type: text}
      late: {type: integer, formula: "COUNT(bills, days > 0)"}
      owing: {type: money, formula: 'SUM(bills.amount, age == "late")'}
  bill:
    label: Bill
    title: age
    fields:
      customer: {type: link, to: customer, inverse: bills}
      due: {type: date}
      amount: {type: money}
      days: {type: integer, formula: 'DATEDIFF(due, TODAY(), "day")', refresh: daily}
      age: {type: text, formula: 'IF(days > 0, "late", "open")'}
"""

START = date(2026, 5, 1)


@pytest.fixture
def dues(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return on(Shop.open(tenant_of(APP), installation.database), START)


def on(shop: Shop, day: date) -> Shop:
    """Return the shop on another day."""
    moment = Moment(datetime.combine(day, time(1), UTC), day, "Asia/Shanghai")
    return replace(shop, ctx=replace(shop.ctx, moment=moment))


def bills(shop: Shop) -> Any:
    customer = shop.create("customer", {"name": "Acme"})
    for after in (-1, 0, 1):
        due = (START + timedelta(days=after)).isoformat()
        shop.create("bill", {"customer": str(customer), "due": due, "amount": "10"})
    return customer


class Noting:
    """A hook that notes what it is told."""

    def __init__(self) -> None:
        self.seen: list[Change] = []

    def before_commit(self, ctx: Context, connection: Any, change: Change, records: Any) -> None:
        self.seen.append(change)


def test_all_that_follows_the_day_is_recomputed_when_it_turns(dues: Shop) -> None:
    customer = bills(dues)
    assert (dues.get("customer", customer)["late"], dues.differences()) == (1, [])

    tomorrow = on(dues, START + timedelta(days=1))
    assert tomorrow.differences() != []
    changed = refresh(tomorrow.database, tomorrow.ctx)

    record = dues.get("customer", customer)
    assert (record["late"], record["owing"], record["sys_version"]) == (2, 20, 1)
    assert changed == 3 + 1 + 2
    assert tomorrow.differences() == []


def test_a_refresh_counts_as_a_change_that_nobody_entered(dues: Shop) -> None:
    hook = Noting()
    bills(dues)
    later = on(dues, START + timedelta(days=1))

    refresh(later.database, later.ctx, [hook])

    changes = [each for change in hook.seen for each in change.records]
    assert {each.entity for each in changes} == {"customer", "bill"}
    assert all(each.computed for each in changes)


def test_a_tenant_is_refreshed_once_for_each_of_its_days(dues: Shop) -> None:
    customer, clock, hook = bills(dues), [START], Noting()
    name = dues.ctx.tenant.name

    def system(tenant: str) -> Context:
        assert tenant == name
        return on(dues, clock[0]).ctx

    def work() -> None:
        for _ in range(2):
            turn.tick(datetime.now(UTC))
        for _ in range(2):
            Worker(dues.database, {REFRESH: task}).run_until_empty()

    turn = DayTurn(dues.database, lambda: [name], system)
    task = Refresh(dues.database, system, [hook])
    work()
    assert (hook.seen, is_refreshed(dues.database, dues.ctx)) == ([], True)

    clock[0] = START + timedelta(days=3)
    work()
    refreshed = len(hook.seen)
    assert (refreshed > 0, dues.get("customer", customer)["late"]) == (True, 3)

    work()
    assert len(hook.seen) == refreshed


def test_a_tenant_in_which_anything_breaks_keeps_no_other_from_its_day(dues: Shop) -> None:
    def system(tenant: str) -> Context:
        if tenant == "broken":
            raise ZeroDivisionError
        return dues.ctx

    name = dues.ctx.tenant.name
    refresh(dues.database, dues.ctx)
    turn = DayTurn(dues.database, lambda: ["broken", name], system)

    turn.tick(datetime.now(UTC))

    assert turn.seen == {name: dues.ctx.moment.today}


def test_a_worker_ticks_by_itself_and_each_tick_is_one_job(dues: Shop) -> None:
    ticks: list[datetime] = []

    class Clock:
        cron = "* * * * * *"

        def tick(self, at: datetime) -> None:
            ticks.append(at)

    Worker(dues.database, {}, recurring={TURN: Clock()}).run_until_empty()

    table = f"{QUEUE}.procrastinate_periodic_defers"
    asked = text(
        f"SELECT count(*), count(DISTINCT defer_timestamp) FROM {table} WHERE task_name = :name"  # noqa: S608
    )
    with dues.database.registry() as connection:
        total, different = connection.execute(asked, {"name": TURN}).one()
    assert total == different
    assert len(ticks) <= total
