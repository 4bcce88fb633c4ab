"""What follows an order: delivery, instalments, payments, and now and then a return or a loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from boot.demo.deals import Buyer
from boot.demo.timeline import Act, Timeline, Values, created
from engine.changes import Change, RecordChange

_DELAYS = 1371
_METHODS = ("transfer", "transfer", "transfer", "draft", "wechat")
_REASONS = (
    ("客户破产清算，尾款无法收回", "Insolvent; the rest cannot be collected"),
    ("质量争议协商减免", "Waived in settling a quality dispute"),
)
_ONE_PAYMENT = 0.25
_NEVER_PAID = 0.16
_RETURNED = 0.14
_GIVEN_UP_AFTER = 120
_SLOW = 0.22
_SLOW_DAYS = (35, 110)
_CREDIT = 30


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its later life sees it; `line` is its first one."""

    id: UUID
    buyer: Buyer
    day: date
    line: UUID | None = None


class Orders:
    """Plots the life of orders on the timeline, from a seeded chance."""

    def __init__(
        self, random: Random, timeline: Timeline, *, ordered: Callable[[Order], None]
    ) -> None:
        self._random = random
        self._delays = Random(_DELAYS)  # noqa: S311 - beside the year of sales, and as certain
        self._timeline = timeline
        self._ordered = ordered

    def converted(self, day: date, buyer: Buyer, change: Change) -> None:
        """Go on with an order that was made from a quote."""
        for own in created(change, "sales_order"):
            self.placed(day, buyer, own, change)

    def placed(self, day: date, buyer: Buyer, own: RecordChange, change: Change) -> None:
        """Plan delivery, instalments and whatever else befalls an order."""
        lines = created(change, "order_line")
        order = Order(own.id, buyer, day, lines[0].id if lines else None)
        self._deliver(order)
        plan = Act(
            buyer.seller, "convert", "sales_order", own.id, to="to_receivables",
            then_all=lambda on, made: self._plan_payments(order, made),
        )  # fmt: skip
        self._timeline.at(day + timedelta(days=1), plan)
        if lines and self._random.random() < _RETURNED:
            self._return(order, lines[0].id)
        self._ordered(order)

    def _deliver(self, order: Order) -> None:
        start = order.day + timedelta(days=self._random.randint(4, 16))
        end = start + timedelta(days=self._random.randint(10, 40))
        promised = end + timedelta(days=self._random.randint(-4, 8))
        seller = order.buyer.seller
        values: Values = {"promised_on": promised.isoformat()}
        act = Act(seller, "move", "sales_order", order.id, values, "delivering", "fulfilment")
        self._timeline.at(start, act)
        values = {"delivered_on": end.isoformat()}
        act = Act(seller, "move", "sales_order", order.id, values, "completed", "fulfilment")
        self._timeline.at(end, act)

    def _plan_payments(self, order: Order, made: Change) -> None:
        plans = [own.id for own in created(made, "receivable_plan")]
        due = order.day + timedelta(days=_CREDIT)
        late = due + timedelta(days=self._lateness())
        if self._random.random() < _ONE_PAYMENT:
            self._pay(order, plans, late)
            return
        first, rest = plans[:-1], plans[-1:]
        if first:
            self._pay(order, first, order.day + timedelta(days=self._random.randint(3, 12)))
        if self._random.random() < _NEVER_PAID:
            self._give_up(order, rest[0], due)
        else:
            self._pay(order, rest, late)

    def _lateness(self) -> int:
        """Return how many days after its date an instalment is paid: a few, or some months."""
        usual = int(self._random.gauss(4, 10))
        return self._delays.randint(*_SLOW_DAYS) if self._delays.random() < _SLOW else usual

    def _pay(self, order: Order, plans: list[UUID], day: date) -> None:
        """Plan one payment for what is then still open of some instalments."""

        def pay(on: date) -> None:
            open_ = [(plan, self._open(on, plan)) for plan in plans]
            owed = [(plan, amount) for plan, amount in open_ if amount > 0]
            if not owed:
                return
            values: Values = {
                "customer": str(order.buyer.id),
                "amount": f"{sum(amount for _, amount in owed):.2f}",
                "method": self._random.choice(_METHODS),
                "reference": f"{on:%Y%m%d}{self._random.randint(100000, 999999)}",
                "lines": [{"plan": str(plan), "amount": f"{amount:.2f}"} for plan, amount in owed],
            }
            self._timeline.at(on, Act("finance", "create", "payment", values=values))

        self._timeline.call(max(day, order.day + timedelta(days=2)), pay)

    def _give_up(self, order: Order, plan: UUID, due: date) -> None:
        """Plan the write-off of an instalment that was due long ago."""
        home, abroad = self._random.choice(_REASONS)

        def apply(on: date) -> None:
            open_ = min(self._open(on, plan), self._owed(on, order))
            if open_ <= 0:
                return
            values: Values = {
                "plan": str(plan),
                "amount": f"{open_:.2f}",
                "reason": home if order.buyer.chinese else abroad,
            }
            act = Act("finance", "create", "write_off", values=values, then=self._approve)
            self._timeline.at(on, act)

        self._timeline.call(due + timedelta(days=_GIVEN_UP_AFTER), apply)

    def _approve(self, day: date, own: RecordChange) -> None:
        act = Act("finance", "move", "write_off", own.id, {}, "approved", "process")
        self._timeline.at(day + timedelta(days=3), act)

    def _return(self, order: Order, line: UUID) -> None:
        """Plan that one piece of the first line comes back, and is settled."""
        day = order.day + timedelta(days=self._random.randint(60, 85))
        values: Values = {
            "order": str(order.id),
            "reason": self._random.choice(("quality", "transport", "wrong", "surplus")),
            "kind": self._random.choice(("refund", "refund", "exchange")),
            "lines": [{"order_line": str(line), "quantity": "1"}],
        }
        steps = (("approved", "manager", 2), ("received", "service", 6), ("settled", "finance", 8))

        def made(on: date, own: RecordChange) -> None:
            for stage, person, days in steps:
                act = Act(
                    person, "move", "return_order", own.id, {}, stage, "process",
                    then=self._refund(order) if stage == "settled" else None,
                )  # fmt: skip
                self._timeline.at(on + timedelta(days=days), act)

        act = Act("service", "create", "return_order", values=values, then=made)
        self._timeline.at(day, act)

    def _refund(self, order: Order) -> Callable[[date, RecordChange], None]:
        """Return what pays back, after a return, what was paid too much."""

        def settled(day: date, own: RecordChange) -> None:
            amount = -self._owed(day, order)
            if amount <= 0:
                return
            values: Values = {
                "customer": str(order.buyer.id),
                "kind": "refund",
                "amount": f"{amount:.2f}",
                "return_order": str(own.id),
                "lines": [{"order": str(order.id), "amount": f"{amount:.2f}"}],
            }
            act = Act("finance", "create", "payment", values=values)
            self._timeline.at(day + timedelta(days=2), act)

        return settled

    def _owed(self, day: date, order: Order) -> Decimal:
        record = self._timeline.read("finance", day, "sales_order", order.id)
        return Decimal(str(record.values["outstanding"]))

    def _open(self, day: date, plan: UUID) -> Decimal:
        record = self._timeline.read("finance", day, "receivable_plan", plan)
        return Decimal(str(record.values["outstanding"]))
