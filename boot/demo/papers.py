"""What goes along with orders on paper: deliveries, invoices, contracts, and what selling costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from boot.demo.deals import Buyer
from boot.demo.orders import Order
from boot.demo.timeline import Act, Timeline, Values, created
from engine.changes import Change, RecordChange

_CARRIERS = {True: ("sf", "deppon", "jd", "freight"), False: ("dhl", "dhl", "freight")}
_BANKS = ("中国工商银行", "中国建设银行", "招商银行", "中国银行")
_EXPENSES = (
    ("travel", "拜访差旅", "Travel to the customer"),
    ("entertainment", "客户招待", "Dinner with the customer"),
    ("sample", "样品寄送", "Samples sent"),
    ("gift", "节日礼品", "Season's gift"),
)
_DELIVERED = 0.7
_INVOICED = 0.6
_EXPENSED = 0.3
_LARGE = 3


@dataclass(frozen=True, slots=True)
class _Step:
    """A stage that somebody moves a record into, days after the one before."""

    person: str
    to: str
    days: int
    values: Values = field(default_factory=dict)


class Papers:
    """Plots what is delivered, invoiced, contracted and spent, from a seeded chance."""

    def __init__(self, random: Random, timeline: Timeline) -> None:
        self._random = random
        self._timeline = timeline
        self._known: set[UUID] = set()

    def after(self, order: Order) -> None:
        """Plan the papers of one order, and with a customer's first one those of the customer."""
        first = order.buyer.id not in self._known
        self._known.add(order.buyer.id)
        if first:
            self._timeline.at(order.day, self._profile(order.buyer))
            if order.buyer.size >= _LARGE:
                self._contract(order.buyer, order.day + timedelta(days=20))
        if self._random.random() < _DELIVERED:
            self._deliver(order)
        if self._random.random() < _INVOICED:
            self._invoice(order, order.day + timedelta(days=self._random.randint(8, 25)))
        if self._random.random() < _EXPENSED:
            self._spend(order)

    def _deliver(self, order: Order) -> None:
        seller = order.buyer.seller
        left = order.day + timedelta(days=self._random.randint(4, 8))
        carrier = self._random.choice(_CARRIERS[order.buyer.chinese])
        number = f"{carrier.upper()}{self._random.randint(10**9, 10**10 - 1)}"
        arrived = left + timedelta(days=self._random.randint(3, 6))

        def made(day: date, change: Change) -> None:
            (own,) = created(change, "delivery")
            shipped: Values = {
                "delivery_date": left.isoformat(), "carrier": carrier, "tracking_no": number,
                "logistics_status": "in_transit",
            }  # fmt: skip
            received: Values = {"received_on": arrived.isoformat(), "logistics_status": "signed"}
            for at, to, values in ((left, "shipped", shipped), (arrived, "received", received)):
                act = Act(seller, "move", "delivery", own.id, values, to, "process")
                self._timeline.at(at, act)

        act = Act(seller, "convert", "sales_order", order.id, to="to_delivery", then_all=made)
        self._timeline.at(order.day + timedelta(days=1), act)

    def _invoice(self, order: Order, day: date) -> None:
        number = f"{self._random.randint(10**7, 10**8 - 1)}"

        def made(on: date, change: Change) -> None:
            (own,) = created(change, "invoice")
            issued: Values = {"invoice_no": number, "issue_date": on.isoformat()}
            steps = (
                _Step("finance", "approved", 1),
                _Step("finance", "issued", 1, issued),
                _Step("finance", "mailed", 3),
            )
            self._go_on("invoice", own.id, on, steps)

        act = Act(
            order.buyer.seller, "convert", "sales_order", order.id, to="to_invoice", then_all=made
        )
        self._timeline.at(day, act)

    def _profile(self, buyer: Buyer) -> Act:
        """Return the act that enters a customer's invoice data, and makes them the usual ones."""
        values: Values = {"customer": str(buyer.id), "kind": "foreign"}
        if buyer.chinese:
            values |= {
                "kind": "special",
                "tax_no": f"91{self._random.randint(10**15, 10**16 - 1)}",
                "bank": self._random.choice(_BANKS),
                "account": f"{self._random.randint(10**17, 10**18 - 1)}",
            }

        def entered(day: date, own: RecordChange) -> None:
            usual: Values = {"invoice_profile": str(own.id)}
            self._timeline.at(day, Act(buyer.seller, "update", "customer", buyer.id, usual))

        return Act(buyer.seller, "create", "invoice_profile", values=values, then=entered)

    def _contract(self, buyer: Buyer, day: date) -> None:
        """Plan a yearly contract that is signed, and billed without orders."""
        values: Values = {
            "name": "年度维保框架合同" if buyer.chinese else "Yearly maintenance",
            "kind": "service",
            "customer": str(buyer.id),
            "amount": f"{self._random.randint(6, 30) * 2000}.00",
            "deposit_rate": "0.5",
            "end_date": (day + timedelta(days=365)).isoformat(),
            "milestones": [
                {"name": name, "due": (day + timedelta(days=days)).isoformat()}
                for name, days in (("半年巡检 Half-year check", 180), ("年度总结 Year's end", 350))
            ],
        }
        signed: Values = {"sign_date": day.isoformat(), "start_date": day.isoformat()}

        def made(on: date, own: RecordChange) -> None:
            steps: tuple[tuple[str, str, Values], ...] = (
                ("manager", "approval", {}),
                ("manager", "signing", {}),
                ("manager", "effective", signed),
            )
            for days, (person, stage, entries) in enumerate(steps, start=1):
                act = Act(person, "move", "contract", own.id, dict(entries), stage, "process")
                self._timeline.at(on + timedelta(days=7 * days), act)
            bill = Act(
                "finance", "convert", "contract", own.id, to="to_receivables",
                then_all=self._paid(buyer),
            )  # fmt: skip
            self._timeline.at(on + timedelta(days=30), bill)

        act = Act(buyer.seller, "create", "contract", values=values, then=made)
        self._timeline.at(day, act)

    def _paid(self, buyer: Buyer) -> Callable[[date, Change], None]:
        def planned(day: date, change: Change) -> None:
            first = created(change, "receivable_plan")[0]
            values: Values = {
                "customer": str(buyer.id),
                "amount": str(first.after["amount"]),
                "lines": [{"plan": str(first.id)}],
            }
            act = Act("finance", "create", "payment", values=values)
            self._timeline.at(day + timedelta(days=self._random.randint(4, 20)), act)

        return planned

    def _spend(self, order: Order) -> None:
        category, home, abroad = self._random.choice(_EXPENSES)
        day = order.day - timedelta(days=3)
        values: Values = {
            "subject": home if order.buyer.chinese else abroad,
            "category": category,
            "amount": f"{self._random.randint(12, 240) * 10}.00",
            "spent_on": day.isoformat(),
            "customer": str(order.buyer.id),
        }
        seller = order.buyer.seller

        def made(on: date, own: RecordChange) -> None:
            paid: Values = {"paid_on": (on + timedelta(days=9)).isoformat()}
            steps = (
                _Step(seller, "submitted", 1),
                _Step("manager", "approved", 2),
                _Step("finance", "paid", 6, paid),
            )
            self._go_on("expense", own.id, on, steps)

        self._timeline.at(order.day, Act(seller, "create", "expense", values=values, then=made))

    def _go_on(self, entity: str, record: UUID, day: date, steps: Sequence[_Step]) -> None:
        """Plan the next stage of a record; the one after it follows when it is reached."""
        if not steps:
            return
        step, *rest = steps
        act = Act(
            step.person, "move", entity, record, step.values, step.to, "process",
            then=lambda on, _: self._go_on(entity, record, on, rest),
        )  # fmt: skip
        self._timeline.at(day + timedelta(days=step.days), act)
