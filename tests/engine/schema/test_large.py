"""Large tables are filled beside their writers: the switch touches only what was saved meanwhile.

P-03: an administrator changes the application while people work in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, func, select, text

from engine.context import Context
from engine.errors import ModelChanged
from engine.schema.apply import Mark
from engine.schema.live import read_live
from engine.schema.revisions import Author
from engine.schema.steps import GONE, NEXT
from engine.schema.structure import SMALL
from engine.values.computed import checked_fields, differences, recompute
from engine.values.graph import is_computed
from metamodel.model import Entity
from tests.engine.schema.conftest import MakeShop

ROWS = SMALL + 2_000

BEFORE = """
entities:
  customer:
    fields:
      twice: {type: money, formula: "budget * 2", index: true}
      four: {type: money, formula: "twice * 2"}
  invoice:
    fields:
      tall: {type: money, formula: "SUM(lines.more)"}
      owes: {type: money, formula: "customer.twice", stored: true}
  invoice_line:
    fields:
      more: {type: money, formula: "amount + 1"}
"""

AFTER = (
    BEFORE.replace("budget * 2", "budget * 3")
    .replace("amount + 1", "amount + 2")
    .replace("four:", "note: {type: decimal}\n      name: {search: true}\n      four:")
    + '      long: {type: money, formula: "more * 10"}\n'
)


@pytest.fixture
def large(make_shop: MakeShop) -> Iterator[Any]:
    """Yield a shop of many customers, some invoices and lines."""
    shop = make_shop()
    shop.publish(BEFORE)
    with shop.database.owner(shop.tenant) as connection:
        _make_rows(shop, connection)
        for name in ("customer", "invoice", "invoice_line"):
            table = shop.ctx().compiled.tables.of(name)
            connection.exec_driver_sql(f'ANALYZE "{shop.tenant.schema}"."{table.name}"')
    for entity in ("customer", "invoice_line", "invoice"):
        _mend(shop.database, shop.ctx(), entity)
    yield shop


def test_what_serves_is_filled_beside_and_swapped(large: Any) -> None:
    proposal = large.publisher.propose(large.tenant, large.layered(AFTER))
    codes = {step.code for step in proposal.plan.steps}
    filled = [step for step in proposal.plan.steps if step.fill is not None]

    assert {"note_changes", "swap_column", "swap_index", "drop_column"} <= codes
    assert {step.phase for step in filled} == {"expand"}
    _publish(large, AFTER)

    _check(large)
    assert _is_clean(large)


def test_what_is_saved_while_columns_are_filled_is_filled_as_well(large: Any) -> None:
    stop, wrote = Event(), Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number, save in enumerate(_saves(large)):
                if stop.is_set():
                    return
                _again(large, save)
                if number > 5:
                    wrote.set()
        except BaseException as error:
            failures.append(error)
            wrote.set()

    writer = Thread(target=write)
    writer.start()
    wrote.wait(30)
    _publish(large, AFTER)
    stop.set()
    writer.join()

    assert failures == []
    _check(large)
    assert _is_clean(large)


def test_the_switch_of_a_large_table_fills_only_what_was_saved_meanwhile(large: Any) -> None:
    filler = large.publisher._filler
    counting = Counting(filler)
    large.publisher._filler = counting
    ctx = large.ctx()
    table = ctx.compiled.tables.of("customer")
    budget = ctx.model.entities["customer"].fields["budget"].column

    def save(mark: Mark) -> None:
        if mark.step.code == "swap_column" or counting.saved or mark.step.fill != "computed":
            return
        if mark.done and mark.step.touches == "customer":
            counting.saved = True
            some = select(table.c.id).order_by(table.c.id).limit(7)
            statement = table.update().where(table.c.id.in_(some)).values({budget: 77})
            large.database.unit(large.ctx(), lambda c: c.execute(statement))

    _publish(large, AFTER, progress=save)

    assert counting.saved
    assert counting.late["customer"] == 7
    _check(large)
    assert _is_clean(large)


def test_an_abandoned_publish_is_taken_up_by_the_next(large: Any) -> None:
    class Stopped(Exception):
        pass

    def stop(mark: Mark) -> None:
        if mark.step.code == "fill_computed" and mark.done:
            raise Stopped

    with pytest.raises(Stopped):
        _publish(large, AFTER, progress=stop)
    _check(large)

    _publish(large, AFTER)

    _check(large)
    assert _is_clean(large)


def test_what_computed_texts_are_sorted_and_found_by_follows_them(large: Any) -> None:
    titled = """
entities:
  customer:
    title: full
    fields: {full: {type: text, search: true, formula: "name & '%s'"}, name: {search: false}}
"""
    _publish(large, titled % "Zebra")
    assert _keys_of(large) == {"customer 1zebra", "customer 2zebra"}

    _publish(large, titled % "Yak")

    assert _keys_of(large) == {"customer 1yak", "customer 2yak"}
    assert _is_clean(large)


def test_what_follows_from_merged_options_is_filled_for_the_moved_records_alone(large: Any) -> None:
    layer = """
entities:
  customer:
    fields:
      worth: {type: money, formula: 'budget * 2 if level == "a" else budget'}
      level: {options: {b: %s}}
"""
    _publish(large, layer % "{label: Other}")
    ctx = large.ctx()
    table, fields = ctx.compiled.tables.of("customer"), ctx.model.entities["customer"].fields
    some = select(table.c.id).order_by(table.c.id).limit(30)
    other = table.update().where(table.c.id.in_(some)).values({fields["level"].column: "b"})
    large.database.unit(ctx, lambda connection: connection.execute(other))
    counting = Counting(large.publisher._filler)
    large.publisher._filler = counting

    _publish(large, layer % "{$retire: true, into: a}")

    assert counting.late["customer"] == 30
    assert counting.whole == 0
    _check(large)
    assert _is_clean(large)


def test_records_in_the_trash_are_filled_as_well(large: Any) -> None:
    ctx = large.ctx()
    table, fields = ctx.compiled.tables.of("customer"), ctx.model.entities["customer"].fields
    trashed = table.c[fields["budget"].column] == 40
    away = table.update().where(trashed).values(sys_trashed_at=func.now())
    large.database.unit(ctx, lambda connection: connection.execute(away))

    _publish(large, AFTER)

    asked = select(table.c[fields["twice"].column]).where(trashed).distinct()
    with large.database.reading(large.ctx()) as connection:
        assert [int(value) for value in connection.execute(asked).scalars()] == [120]


def _keys_of(shop: Any) -> set[str]:
    """Return what two customers are sorted by; they are found by the last word, too."""
    ctx = shop.ctx()
    table, field = ctx.compiled.tables.of("customer"), ctx.model.entities["customer"].fields["full"]
    chosen = table.c[field.column].op("~")("^Customer [12][A-Z]")
    asked = select(table.c[field.column], table.c[field.sort_column], table.c.sys_search)
    with shop.database.reading(ctx) as connection:
        rows = connection.execute(asked.where(chosen)).all()
    for text_, _, found in rows:
        assert text_[len("Customer 1") :].lower() in str(found)
    return {row[1] for row in rows}


class Counting:
    """A filler that counts the rows it is given late."""

    def __init__(self, filler: Any) -> None:
        self.filler = filler
        self.saved = False
        self.late: dict[str, int] = {}
        self.whole = 0

    def fill(self, connection: Any, ctx: Any, step: Any, ids: Any, *, whole: bool = False) -> None:
        self.whole += whole
        if not whole and step.fill == "computed":
            self.late[step.touches] = self.late.get(step.touches, 0) + len(ids)
        self.filler.fill(connection, ctx, step, ids, whole=whole)


def _publish(shop: Any, layer: str, **more: Any) -> None:
    proposal = shop.publisher.propose(shop.tenant, shop.layered(layer))
    shop.publisher.publish(shop.tenant, proposal, author=Author("Tester"), allow_loss=True, **more)


def _check(shop: Any) -> None:
    """Every stored value is what it must be, and the tables are those of the model."""
    ctx = shop.ctx()
    with shop.database.reading(ctx) as connection:
        for entity in ("customer", "invoice", "invoice_line"):
            fields = [f.key for f in ctx.model.entities[entity].fields.values() if is_computed(f)]
            wanted = checked_fields(ctx.compiled, entity, fields)
            assert not wanted or list(differences(connection, ctx, entity, wanted)) == []


def _is_clean(shop: Any) -> bool:
    """Tell whether the tables are those of the model, and nothing is left of a publish."""
    ctx = shop.ctx()
    with shop.database.owner(shop.tenant) as connection:
        live = read_live(connection, shop.tenant)
        left = connection.execute(
            text(
                "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = :schema AND t.tgname LIKE 'sys_late%'"
            ),
            {"schema": shop.tenant.schema},
        ).scalar_one()
    for table in ctx.compiled.tables.by_entity.values():
        there = live[table.name]
        assert {c.name for c in table.columns} <= set(there.columns)
        assert {i.name for i in table.indexes} == {n for n, valid in there.indexes.items() if valid}
        assert not [n for n in there.columns if n.startswith((NEXT, GONE))]
    return left == 0 and "sys_late" not in live


def _saves(shop: Any) -> Iterator[Callable[[Context, Connection], None]]:
    """Yield saves as people make them under the present model, stored values included."""
    number = 0
    while True:
        number += 1
        yield partial(_save_customer, number=number)
        yield partial(_move_line, number=number)


def _save_customer(ctx: Context, connection: Connection, number: int) -> None:
    table = ctx.compiled.tables.of("customer")
    fields = ctx.model.entities["customer"].fields
    chosen = select(table.c.id).order_by(table.c.id).offset(number * 97 % ROWS).limit(1)
    [row] = connection.execute(chosen).scalars()
    values = {fields["budget"].column: number, fields["name"].column: f"saved {number}"}
    connection.execute(table.update().where(table.c.id == row).values(values))
    _recompute(ctx, connection, "customer", [row])
    invoice = ctx.compiled.tables.of("invoice")
    link = ctx.model.entities["invoice"].fields["customer"].column
    followers = connection.execute(select(invoice.c.id).where(invoice.c[link] == row)).scalars()
    _recompute(ctx, connection, "invoice", list(followers))


def _move_line(ctx: Context, connection: Connection, number: int) -> None:
    lines, invoices = ctx.compiled.tables.of("invoice_line"), ctx.compiled.tables.of("invoice")
    via = ctx.model.entities["invoice_line"].fields["invoice"].column
    amount = ctx.model.entities["invoice_line"].fields["amount"].column
    [line, was] = connection.execute(
        select(lines.c.id, lines.c[via]).order_by(lines.c.id).offset(number % 50).limit(1)
    ).one()
    [becomes] = connection.execute(
        select(invoices.c.id).order_by(invoices.c.id).offset(number * 7 % 90).limit(1)
    ).scalars()
    values = {via: becomes, amount: number}
    connection.execute(lines.update().where(lines.c.id == line).values(values))
    _recompute(ctx, connection, "invoice_line", [line])
    _recompute(ctx, connection, "invoice", [was, becomes])


def _again(shop: Any, save: Callable[[Context, Connection], None]) -> None:
    while True:
        ctx = shop.ctx()
        try:
            shop.database.unit(ctx, partial(save, ctx))
        except ModelChanged:
            continue
        return


def _recompute(ctx: Context, connection: Connection, entity: str, ids: list[UUID]) -> None:
    for stage in ctx.compiled.graph.stages:
        if stage.entity == entity and ids:
            recompute(connection, ctx, entity, stage.fields, ids)


def _mend(database: Any, ctx: Context, entity: str) -> None:
    def work(connection: Connection) -> None:
        table = ctx.compiled.tables.of(entity)
        ids = list(connection.execute(select(table.c.id)).scalars())
        _recompute(ctx, connection, entity, ids)

    database.unit(ctx, work)


def of(entity: Entity, *keys: str) -> str:
    return ", ".join(f'"{entity.fields[key].column}"' for key in keys)


def _make_rows(shop: Any, connection: Connection) -> None:
    model, schema = shop.ctx().model, shop.tenant.schema
    customer, invoice, line = (model.entities[k] for k in ("customer", "invoice", "invoice_line"))
    connection.execute(
        text(
            f'INSERT INTO "{schema}"."{customer.table}" '
            f"(id, {of(customer, 'name', 'budget', 'note')}) "
            "SELECT md5('c' || i)::uuid, 'Customer ' || i, i % 100, (i % 7)::text "
            f"FROM generate_series(1, {ROWS}) i"
        )
    )
    connection.execute(
        text(
            f'INSERT INTO "{schema}"."{invoice.table}" (id, {of(invoice, "code", "customer")}) '
            "SELECT md5('i' || i)::uuid, 'I' || i, md5('c' || i)::uuid "
            "FROM generate_series(1, 100) i"
        )
    )
    connection.execute(
        text(
            f'INSERT INTO "{schema}"."{line.table}" (id, {of(line, "invoice", "amount")}) '
            "SELECT md5('l' || i)::uuid, md5('i' || (1 + i % 100))::uuid, i % 10 "
            "FROM generate_series(1, 400) i"
        )
    )
