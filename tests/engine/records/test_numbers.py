"""Numbers that the law wants without a gap, and numbers that wait for their occasion."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from engine.doors import Bulk
from engine.errors import RecordRefused
from formula.backends.contract import Moment
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: books, label: Books, version: "1.0"}
entities:
  invoice:
    label: Invoice
    title: number
    fields:
      number:
        type: autonumber
        pattern: "I-{YYYY}-{0000}"
        gapless: true
        assign_when: 'state == "issued"'
      state: {type: choice, default: draft, options: {draft: {label: D}, issued: {label: I}}}
      shown: {type: text, formula: 'COALESCE(number, "draft") & "!"'}
      lines_named: {type: integer, formula: "COUNT(lines, name == this.number)"}
  invoice_line:
    label: Line
    title: name
    child_of: {entity: invoice, collection: lines}
    fields:
      name: {type: text, formula: "invoice.number", stored: true}
  receipt:
    label: Receipt
    title: number
    fields:
      number: {type: autonumber, pattern: "R-{0}", gapless: true}
      paid: {type: money}
      worth: {type: money, formula: "SUM(parts.amount)"}
    rules: {most: {refuse_when: "worth > 100", message: Too much}}
  part:
    label: Part
    title_formula: '"part"'
    child_of: {entity: receipt, collection: parts}
    fields: {amount: {type: money}}
"""


@pytest.fixture(scope="module")
def books(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


@pytest.fixture
def receipts(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def at(shop: Shop, instant: datetime, zone: str, today: date) -> Shop:
    return replace(shop, ctx=replace(shop.ctx, moment=Moment(instant, today, zone)))


def numbers(shop: Shop) -> list[int]:
    table = shop.ctx.compiled.tables.of("receipt")
    column = table.c[shop.ctx.model.entities["receipt"].fields["number"].column]
    with shop.database.reading(shop.ctx) as connection:
        found = connection.execute(table.select().with_only_columns(column)).scalars()
        return sorted(int(str(each).removeprefix("R-")) for each in found)


def test_a_number_waits_until_its_condition_holds_and_stays_then(books: Shop) -> None:
    made = [books.create("invoice", {"lines": [{}]}) for _ in range(2)]
    assert [books.get("invoice", each)["number"] for each in made] == [None, None]

    books.update("invoice", made[1], {"state": "issued"})
    books.update("invoice", made[1], {"state": "draft"})
    books.update("invoice", made[1], {"state": "issued"})
    books.update("invoice", made[0], {"state": "issued"})

    year = books.ctx.moment.today.year
    for each, number in zip(made, (f"I-{year}-0002", f"I-{year}-0001"), strict=True):
        record = books.get("invoice", each)
        assert record["number"] == record["lines"][0]["name"] == number
        assert record["shown"] == f"{number}!"
        assert record["lines_named"] == 1
    assert books.differences() == []


def test_a_period_begins_when_it_does_in_the_zone_of_the_tenant(books: Shop) -> None:
    eve = datetime(2030, 12, 31, 17, 0, tzinfo=UTC)
    there = at(books, eve, "Asia/Shanghai", date(2031, 1, 1))
    here = at(books, eve, "Europe/Berlin", date(2030, 12, 31))

    made = [shop.create("invoice", {"state": "issued"}) for shop in (there, here, there)]

    found = [books.get("invoice", each)["number"] for each in made]
    assert found == ["I-2031-0001", "I-2030-0001", "I-2031-0002"]


def test_the_number_of_a_record_in_the_trash_stays_used(receipts: Shop) -> None:
    first = receipts.create("receipt", {})
    receipts.records.delete(receipts.ctx, "receipt", [first])

    receipts.create("receipt", {})

    assert numbers(receipts) == [1, 2]


def test_records_of_one_bulk_are_numbered_in_order_and_refused_ones_take_none(
    receipts: Shop,
) -> None:
    bodies = [{"parts": [{"amount": amount}]} for amount in ("1", "200", "2", "3")]

    receipts.records.bulk(receipts.ctx, "receipt", Bulk(create=bodies, atomic=False))

    assert numbers(receipts) == [1, 2, 3]


def test_sixteen_writers_of_whom_some_fail_leave_no_gap_and_no_number_twice(
    receipts: Shop,
) -> None:
    def write(seed: int) -> int:
        dice, done = Random(seed), 0
        for _ in range(8):
            body = {"parts": [{"amount": dice.choice(["1", "200"])}]}
            try:
                receipts.create("receipt", body)
            except RecordRefused:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(16) as pool:
        done = sum(pool.map(write, range(16)))

    assert 0 < done < 128
    assert numbers(receipts) == list(range(1, done + 1))


WRITER = """
import sys
from engine.database import Database
from engine.store import ModelStore
from engine.context import Cause
from engine.tenants.contexts import context_of
from engine.tenants.people import SYSTEM
from engine.tenants.registry import TenantRegistry
from tests.engine.records.shop import Shop

url, name = sys.argv[1:]
database = Database.connect(url)
tenant = TenantRegistry(database).get(name).tenant
compiled, revision = ModelStore(database).current(tenant)
shop = Shop.open(context_of(tenant, compiled, revision, SYSTEM, "en", Cause("cli")), database)
while True:
    print(shop.create("receipt", {"parts": [{"amount": "1"}]}), flush=True)
"""


def test_a_writer_that_is_killed_leaves_no_gap(
    tenant_of: TenantMaker, installation: Installation
) -> None:
    name = f"k{uuid4().hex[:10]}"
    shop = Shop.open(tenant_of(APP, name=name), installation.database)
    url = installation.url.render_as_string(hide_password=False)
    acknowledged = 0

    for _ in range(3):
        command = [sys.executable, "-c", WRITER, url, name]
        here = Path(__file__).parents[3]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=here) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.05)
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged += 1 + len(writer.stdout.readlines())
    made = shop.create("receipt", {})

    found = numbers(shop)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= acknowledged + 1
    assert shop.get("receipt", made)["number"] == f"R-{len(found)}"
