"""The money of the real template stays true after whatever is done to it, in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.doors import Bulk, Edit
from engine.errors import NotFound, RecordRefused
from engine.records.draft import read_row
from metamodel import bundle, read_app
from tests.budget import examples
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

TEMPLATE = Path(__file__).parents[3] / "apps" / "crm_template.yaml"

Rows = Mapping[UUID, Mapping[str, Any]]

MONEY = ("sales_order", "order_line", "return_order", "return_line", "payment", "payment_line",
         "write_off", "customer", "receivable_plan")  # fmt: skip


@pytest.fixture(scope="module")
def crm(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(bundle([read_app(TEMPLATE)])), installation.database)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def live(crm: Shop, entity: str) -> Rows:
    """Return what people entered into live records, by field key."""
    kind = crm.ctx.model.entities[entity]
    table = crm.ctx.compiled.tables.of(entity)
    statement = select(table).where(table.c.sys_trashed_at.is_(None))
    with crm.database.reading(crm.ctx) as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return {row["id"]: read_row(kind, row)[0] for row in rows}


def summed(rows: Rows, link: str, value: Callable[[Mapping[str, Any]], Decimal]) -> dict[UUID, Any]:
    """Return the sum of a value by what a link of the rows points to."""
    found: dict[UUID, Decimal] = {}
    for row in rows.values():
        found[row[link]] = found.get(row[link], Decimal(0)) + value(row)
    return found


def line_amount(line: Mapping[str, Any]) -> Decimal:
    price, off = line["unit_price"] or Decimal(0), line["discount"] or Decimal(0)
    return cents(Decimal(line["quantity"] or 0) * price * (1 - off))


def what_is_wrong(crm: Shop) -> list[str]:
    """Return every figure that plain arithmetic over what was entered sees differently."""
    rows = {entity: live(crm, entity) for entity in MONEY}
    subtotals = summed(rows["order_line"], "sales_order", line_amount)
    back = summed(rows["return_line"], "return_order", line_amount)
    payments = rows["payment"]

    def counted(line: Mapping[str, Any]) -> Decimal:
        payment = payments[line["payment"]]
        if payment["status"] != "confirmed":
            return Decimal(0)
        return Decimal(line["amount"]) * (-1 if payment["kind"] == "refund" else 1)

    def settled(each: Mapping[str, Any]) -> Decimal:
        if each["stage"] != "settled" or each["kind"] != "refund":
            return Decimal(0)
        subtotal = back.get(each["id"], Decimal(0))
        return Decimal(subtotal + cents(subtotal * (each["tax_rate"] or 0)))

    returned = summed(rows["return_order"], "order", settled)
    received = summed(rows["payment_line"], "order", counted)
    lost = summed(
        rows["write_off"],
        "order",
        lambda w: Decimal(w["amount"] if w["stage"] == "approved" else 0),
    )

    def owed(order: Mapping[str, Any]) -> Decimal:
        subtotal = subtotals.get(order["id"], Decimal(0)) - (order["discount_amount"] or 0)
        total = subtotal + cents(subtotal * (order["tax_rate"] or 0)) + (order["freight"] or 0)
        taken = sum(each.get(order["id"], Decimal(0)) for each in (returned, received, lost))
        return Decimal(0 if order["stage"] == "cancelled" else total) - Decimal(taken)

    orders = rows["sales_order"]
    found = [
        f"order {id_}: {order['outstanding']} is kept, {owed(order)} is owed"
        for id_, order in orders.items()
        if order["outstanding"] != owed(order)
    ]
    debts = summed(orders, "customer", owed)
    return found + [
        f"customer {id_}: {each['outstanding']} is kept, {debts.get(id_, 0)} is owed"
        for id_, each in rows["customer"].items()
        if each["outstanding"] != debts.get(id_, 0)
    ]


class Salesroom:
    """Does one thing after another to the money of a tenant, as dice say."""

    def __init__(self, crm: Shop, dice: Random) -> None:
        self.crm = crm
        self.dice = dice
        self.made: dict[str, list[UUID]] = {}
        self.trash: list[tuple[str, UUID]] = []
        mark = uuid4().hex[:10]
        category = self.make("product_category", {"name": f"Things {mark}"})
        for at in range(2):
            code = f"P-{mark}-{at}"
            self.make(
                "product",
                {"code": code, "name": code, "category": str(category), "list_price": "19.99"},
            )
            self.make("customer", {"name": f"Customer {mark} {at}"})
        self.order()
        for start in (self.order, self.pay, self.send_back, self.write_off):
            self.act(start.__name__)

    def make(self, entity: str, payload: Mapping[str, Any]) -> UUID:
        id_ = self.crm.create(entity, payload)
        self.made.setdefault(entity, []).append(id_)
        return id_

    def one(self, entity: str) -> str:
        return str(self.dice.choice(self.made.get(entity) or [uuid4()]))

    def amount(self) -> str:
        return f"{self.dice.randrange(1, 30000) / 100:.2f}"

    def lines(self) -> list[dict[str, Any]]:
        return [
            {
                "product": self.one("product"),
                "quantity": self.amount(),
                "unit_price": self.amount(),
                "discount": f"0.{self.dice.randrange(20):02d}",
            }
            for _ in range(self.dice.randrange(4))
        ]

    def order(self) -> None:
        values = {"customer": self.one("customer"), "freight": self.amount(), "lines": self.lines()}
        self.make("sales_order", values)

    def edit_order(self) -> None:
        values: dict[str, Any] = {"discount_amount": self.dice.choice(["0", "1.5"])}
        if self.dice.random() < 0.6:
            values["lines"] = self.lines()
        if self.dice.random() < 0.3:
            values["customer"] = self.one("customer")
        self.crm.update("sales_order", UUID(self.one("sales_order")), values)

    def edit_line(self) -> None:
        lines = [*live(self.crm, "order_line").values()]
        if lines:
            chosen = self.dice.choice(lines)
            self.crm.update("order_line", chosen["id"], {"quantity": self.amount()})

    def pay(self) -> None:
        customer = self.crm.get("sales_order", UUID(self.one("sales_order")))["customer"]
        values = {
            "customer": str(customer),
            "amount": "99999",
            "kind": self.dice.choice(["receipt", "receipt", "refund"]),
            "lines": self.payment_lines(customer, self.dice.randrange(3)),
        }
        self.make("payment", values)

    def edit_payment(self) -> None:
        values: dict[str, Any] = {"status": self.dice.choice(["pending", "confirmed", "cancelled"])}
        payment = UUID(self.one("payment"))
        if self.dice.random() < 0.5:
            customer = self.crm.get("payment", payment)["customer"]
            values["lines"] = self.payment_lines(customer, 1)
        self.crm.update("payment", payment, values)

    def payment_lines(self, customer: object, number: int) -> list[dict[str, str]]:
        """Return lines over some of a customer's orders: those of others are refused."""
        orders = live(self.crm, "sales_order")
        own = [str(each) for each, row in orders.items() if row["customer"] == customer]
        chosen = [self.dice.choice(own) for _ in range(number) if own]
        return [{"order": order, "amount": self.amount()} for order in chosen]

    def send_back(self) -> None:
        self.make("return_order", {"order": self.one("sales_order"), "lines": self.lines()})

    def write_off(self) -> None:
        values = {"order": self.one("sales_order"), "amount": self.amount(), "reason": "gone"}
        self.make("write_off", values)

    def move(self) -> None:
        entity, pipeline, stages = self.dice.choice(
            [
                ("sales_order", "fulfilment", ["placed", "delivering", "cancelled"]),
                ("return_order", "process", ["approved", "received", "settled", "rejected"]),
                ("write_off", "process", ["applied", "approved", "rejected"]),
            ]
        )
        self.crm.records.move(
            self.crm.ctx, entity, [UUID(self.one(entity))],
            pipeline=pipeline, to=self.dice.choice(stages),
        )  # fmt: skip

    def plan(self) -> None:
        order = UUID(self.one("sales_order"))
        self.crm.records.convert(self.crm.ctx, "sales_order", order, "to_receivables")

    def delete(self) -> None:
        entity = self.dice.choice(["sales_order", "payment", "return_order", "write_off",
                                   "customer"])  # fmt: skip
        id_ = UUID(self.one(entity))
        self.crm.records.delete(self.crm.ctx, entity, [id_])
        self.trash.append((entity, id_))

    def restore(self) -> None:
        if self.trash:
            entity, id_ = self.trash[self.dice.randrange(len(self.trash))]
            self.crm.records.restore(self.crm.ctx, entity, [id_])
            self.trash.remove((entity, id_))

    def delete_and_restore(self) -> None:
        entity = self.dice.choice(["sales_order", "payment", "return_order", "customer"])
        id_ = UUID(self.one(entity))
        before = {each: live(self.crm, each) for each in MONEY}
        self.crm.records.delete(self.crm.ctx, entity, [id_])
        self.crm.records.restore(self.crm.ctx, entity, [id_])
        for each in MONEY:
            assert stampless(live(self.crm, each)) == stampless(before[each])

    def bulk(self) -> None:
        bulk = Bulk(
            create=[{"customer": self.one("customer"), "lines": self.lines()} for _ in range(2)],
            update=[Edit(UUID(self.one("sales_order")), {"freight": self.amount()})],
            delete=[UUID(self.one("sales_order"))] if self.dice.random() < 0.3 else [],
            atomic=self.dice.random() < 0.5,
        )
        result = self.crm.records.bulk(self.crm.ctx, "sales_order", bulk)
        new = [item.id for item in result.items if item.op == "create" and item.id]
        self.made["sales_order"] += new

    def act(self, name: str) -> None:
        """Do one thing; a refusal is an answer, too, and must leave nothing behind."""
        try:
            getattr(self, name)()
        except (RecordRefused, NotFound):
            return


def stampless(rows: Rows) -> dict[UUID, dict[str, Any]]:
    stamps = ("updated_at", "updated_by")
    return {
        id_: {key: value for key, value in row.items() if key not in stamps}
        for id_, row in rows.items()
    }


ACTS = ("order", "edit_order", "edit_line", "pay", "edit_payment", "send_back", "write_off",
        "move", "move", "plan", "delete", "restore", "delete_and_restore", "bulk")  # fmt: skip


@settings(
    max_examples=examples(12),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), min_size=8, max_size=25), seed=st.integers(0, 10**6))
def test_money_is_true_after_every_act(crm: Shop, acts: Sequence[str], seed: int) -> None:
    room = Salesroom(crm, Random(seed))

    for act in acts:
        room.act(act)

        assert crm.differences() == [], act
        assert what_is_wrong(crm) == [], act


def test_money_is_true_after_many_people_acted_at_once(crm: Shop) -> None:
    first = Salesroom(crm, Random(1))
    for _ in range(3):
        first.order()
        first.pay()

    def work(seed: int) -> None:
        mine = Salesroom(crm, Random(seed))
        mine.made = {entity: [*ids] for entity, ids in first.made.items()}
        for _ in range(12):
            act = mine.dice.choice(ACTS)
            if act != "delete_and_restore":
                mine.act(act)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert crm.differences() == []
    assert what_is_wrong(crm) == []
