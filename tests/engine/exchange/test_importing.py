"""An import and what it writes are one: neither is there without the other."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select

from boot.wiring import House
from engine.context import Context
from engine.doors import Bulk, BulkResult
from engine.exchange.chunks import CHUNK, FIRST_CHUNK
from engine.exchange.importing import Order
from engine.exchange.journal import ImportState, Overtaken
from engine.exchange.rejects import rejects_file
from engine.exchange.sources import Origin, open_source
from tests.conftest import TenantMaker

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
    begun = house.services.importer.start(ctx, a_file(prefix, count), job=None)

    def stop(state: ImportState) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        house.services.importer.run(ctx, begun.id, progress=stop)
    between = (house.services.importer.state(ctx, begun.id).done, rows_in(house, ctx, prefix))
    ended = house.services.importer.run(ctx, begun.id)

    assert between == (FIRST_CHUNK, FIRST_CHUNK)
    assert (ended.state, ended.done, ended.counts["created"]) == ("done", count, count)
    assert rows_in(house, ctx, prefix) == count


def test_two_workers_on_one_import_write_no_row_twice(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    begun = house.services.importer.start(ctx, a_file(prefix, 10), job=None)
    runs = iter((True, False))

    def other_first(state: ImportState) -> None:
        if next(runs, False):
            house.services.importer.run(ctx, begun.id)

    with pytest.raises(Overtaken):
        house.services.importer.run(ctx, begun.id, progress=other_first)

    assert house.services.importer.state(ctx, begun.id).state == "done"
    assert rows_in(house, ctx, prefix) == 10


def test_a_rehearsal_counts_as_the_real_run_does(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    order = a_file(prefix, CHUNK + 5)

    rehearsed = house.services.importer.rehearse(ctx, order)
    between = rows_in(house, ctx, prefix)
    begun = house.services.importer.start(ctx, order, job=None)
    real = house.services.importer.run(ctx, begun.id)

    assert between == 0
    assert (rehearsed.counts, rehearsed.done) == (real.counts, real.done)


def imported(house: House, ctx: Context, order: Order) -> ImportState:
    begun = house.services.importer.start(ctx, order, job=None)
    return house.services.importer.run(ctx, begun.id, origin=order.origin)


def test_a_key_that_is_twice_in_a_file_makes_a_record_and_then_changes_it(
    house: House, ctx: Context
) -> None:
    prefix = uuid4().hex
    text = f"name,price\n{prefix},1\n{prefix} b,2\n{prefix},3\n{prefix},4\n"
    order = Order("part", "parts.csv", text.encode(), mode="upsert", key="name")

    rehearsed = house.services.importer.rehearse(ctx, order)
    real = imported(house, ctx, order)

    assert real.counts == {"created": 2, "updated": 2, "rejected": 0} == rehearsed.counts
    assert prices(house, ctx, prefix) == {prefix: 4, f"{prefix} b": 2}


def test_a_rehearsal_sees_a_key_that_an_earlier_chunk_took(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    order = a_file(prefix, CHUNK + 1)
    twice = replace(order, content=order.content + f"{prefix} 0,9\n".encode())

    rehearsed = house.services.importer.rehearse(ctx, twice)

    assert rehearsed.counts == {"created": CHUNK + 1, "updated": 0, "rejected": 1}
    assert rows_in(house, ctx, prefix) == 0


def test_a_file_on_disk_goes_on_when_it_is_asked_for_again(
    house: House, ctx: Context, tmp_path: Path
) -> None:
    prefix, count = uuid4().hex, CHUNK + 20
    path = tmp_path / "parts.csv"
    path.write_bytes(a_file(prefix, count).content)
    order = Order("part", "parts.csv", path)
    begun = house.services.importer.start(ctx, order, job=None)

    def stop(state: ImportState) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        house.services.importer.run(ctx, begun.id, origin=order.origin, progress=stop)
    again = house.services.importer.start(ctx, order, job=None)
    ended = house.services.importer.run(ctx, again.id, origin=order.origin)

    assert (again.id, again.done) == (begun.id, FIRST_CHUNK)
    assert (ended.done, rows_in(house, ctx, prefix)) == (count, count)


def test_rejected_rows_come_back_in_the_format_they_came_in(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    rows = [{"name": prefix, "price": "x"}, {"name": f"{prefix} b", "price": "1"}, {"price": "2"}]
    text = "".join(json.dumps(row) + "\n" for row in rows)

    state = imported(house, ctx, Order("part", "parts.jsonl", text.encode()))
    kept = house.services.importer.rejected(ctx, state.id)
    file = b"".join(rejects_file(state, kept, "en"))

    assert state.counts == {"created": 1, "updated": 0, "rejected": 2}
    told = [json.loads(line) for line in file.splitlines()]
    assert [(each["line"], each.get("name"), each["price"]) for each in told] == [
        (1, prefix, "x"),
        (3, None, "2"),
    ]
    assert told[1]["errors"].startswith("name: ")


def test_a_mended_file_of_rejected_rows_is_taken_as_it_is(house: House, ctx: Context) -> None:
    prefix = uuid4().hex
    state = imported(house, ctx, Order("part", "p.csv", f"name,price\n{prefix},=x\n".encode()))
    file = b"".join(rejects_file(state, house.services.importer.rejected(ctx, state.id), "en"))

    mended = file.replace(b"'=x", b"12,50" if b";" in file else b"12.50")
    again = imported(house, ctx, Order("part", "p.csv", mended))

    assert again.counts["created"] == 1
    assert prices(house, ctx, prefix) == {prefix: Decimal("12.50")}


def test_a_large_file_needs_no_more_memory_than_a_small_one(
    house: House, ctx: Context, tmp_path: Path
) -> None:
    def most_memory(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        wide = "x" * 400
        path.write_text("name,price\n" + f"{wide},1\n" * count)
        tracemalloc.start()
        source = open_source(Origin("big.csv", path))
        assert sum(1 for _ in source.rows()) == count
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert most_memory(50_000) < most_memory(2_000) + 2_000_000


def prices(house: House, ctx: Context, prefix: str) -> dict[str, Decimal]:
    table = ctx.compiled.tables.of("part")
    fields = ctx.model.entities["part"].fields
    name, price = (table.c[fields[key].column] for key in ("name", "price"))
    with house.database.reading(ctx) as connection:
        rows = connection.execute(select(name, price).where(name.startswith(prefix))).all()
    return {row[0]: row[1] for row in rows}
