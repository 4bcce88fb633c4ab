"""An import and what it writes are one: neither is there without the other."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select

from boot.connection import Address
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.context import Context
from engine.doors import Bulk, BulkResult
from engine.exchange.chunks import CHUNK
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState, Overtaken
from tests.conftest import Installation, TenantMaker

APP = """
format: 1
app: {name: parts, label: Parts, version: "1"}
entities:
  part:
    label: Part
    title: name
    fields:
      name: {type: text, required: true, unique: true}
      price: {type: money}
"""


class Stopped(Exception):
    """What a test interrupts a unit with."""


@pytest.fixture(scope="module")
def house(installation: Installation) -> House:
    address = Address(admin=None, app=installation.url)
    return furnish(read_settings({}), address, installation.database)


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def rows_in(house: House, ctx: Context, prefix: str) -> int:
    table = ctx.compiled.tables.of("part")
    name = table.c[ctx.model.entities["part"].fields["name"].column]
    with house.database.reading(ctx) as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(table).where(name.startswith(prefix))
            ).scalar_one()
        )


def a_file(prefix: str, count: int) -> Order:
    text = "name,price\n" + "".join(f"{prefix} {index},{index}.5\n" for index in range(count))
    return Order("part", "parts.csv", text.encode())


def test_what_fails_alongside_a_bulk_takes_the_bulk_back(house: House, ctx: Context) -> None:
    prefix = uuid4().hex

    def fail(connection: Connection, result: BulkResult) -> None:
        assert [item.status for item in result.items] == ["done"]
        raise Stopped

    with pytest.raises(Stopped):
        house.writer.bulk(ctx, "part", Bulk([{"name": prefix}], alongside=fail))

    assert rows_in(house, ctx, prefix) == 0


def test_an_interrupted_import_goes_on_where_it_stood(house: House, ctx: Context) -> None:
    prefix, count = uuid4().hex, CHUNK + 20
    begun = house.importer.start(ctx, a_file(prefix, count), job=None)

    def stop(state: ImportState) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        house.importer.run(ctx, begun.id, progress=stop)
    between = (house.importer.state(ctx, begun.id).done, rows_in(house, ctx, prefix))
    ended = house.importer.run(ctx, begun.id)

    assert between == (CHUNK, CHUNK)
    assert (ended.state, ended.done, ended.counts["created"]) == ("done", count, count)
    assert rows_in(house, ctx, prefix) == count


def test_two_workers_on_one_import_write_no_row_twice(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    begun = house.importer.start(ctx, a_file(prefix, 10), job=None)
    runs = iter((True, False))

    def other_first(state: ImportState) -> None:
        if next(runs, False):
            house.importer.run(ctx, begun.id)

    with pytest.raises(Overtaken):
        house.importer.run(ctx, begun.id, progress=other_first)

    assert house.importer.state(ctx, begun.id).state == "done"
    assert rows_in(house, ctx, prefix) == 10


def test_a_rehearsal_counts_as_the_real_run_does(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    order = a_file(prefix, CHUNK + 5)

    rehearsed = house.importer.rehearse(ctx, order)
    between = rows_in(house, ctx, prefix)
    begun = house.importer.start(ctx, order, job=None)
    real = house.importer.run(ctx, begun.id)

    assert between == 0
    assert (rehearsed.counts, rehearsed.done) == (real.counts, real.done)
