"""Service beyond the ticket: machines in the field, contracts, articles, surveys and voices."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

from boot.demo.data import rows
from boot.demo.deals import Buyer
from boot.demo.orders import Order
from boot.demo.timeline import Act, Timeline, Values
from engine.changes import RecordChange

_CONTRACTED = 0.3
_UNTOLD = 11
"""Every which machine nobody noted the installation of: its warranty cannot be told."""

_SCORES = (2, 3, 4, 4, 5, 5, 5)
_SURVEY = "售后服务满意度 After-sales satisfaction"


class Care:
    """Plots machines, contracts, articles and what customers think, from a seeded chance."""

    def __init__(self, random: Random, timeline: Timeline) -> None:
        self._random = random
        self._timeline = timeline
        self._serial = 0
        self._contracted: set[UUID] = set()
        self._closed: list[tuple[UUID, UUID]] = []

    def plan(self, begin: date, last: date) -> None:
        """Plan the articles and voices, and one survey over all that was closed."""
        for case in rows("cases"):
            article: Values = {
                "title": f"{case['subject_zh']} {case['subject_en']}",
                "kind": "faq" if case["kind"] == "question" else "solution",
                "problem": case["subject_zh"],
                "body": f"{case['solution_zh']} {case['solution_en']}",
                "status": "published",
                "helpful": self._random.randint(0, 40),
            }
            self._timeline.at(begin, Act("service", "create", "kb_article", values=article))
        for row in rows("voices"):
            voice: Values = {
                "content": f"{row['zh']} {row['en']}",
                "kind": row["kind"],
                "source": row["source"],
                "votes": self._random.randint(1, 12),
            }
            self._timeline.at(last, Act("service", "create", "user_voice", values=voice))
        self._timeline.call(last, self._survey)

    def after(self, order: Order, line: UUID) -> None:
        """Plan the machine that an order brings to its customer, and perhaps a contract for it."""
        self._serial += 1
        installed = order.day + timedelta(days=self._random.randint(12, 50))
        values: Values = {
            "customer": str(order.buyer.id),
            "order_line": str(line),
            "serial_no": f"JN{order.day:%y%m}-{self._serial:04}",
            "purchase_date": order.day.isoformat(),
            "install_date": None if self._serial % _UNTOLD == 0 else installed.isoformat(),
            "location": "一号车间" if order.buyer.chinese else "Hall 1",
        }
        self._timeline.at(installed, Act("service", "create", "asset", values=values))
        if order.buyer.id not in self._contracted and self._random.random() < _CONTRACTED:
            self._contracted.add(order.buyer.id)
            self._contract(order.buyer, installed)

    def closed(self, ticket: UUID, customer: UUID) -> None:
        """Remember a closed ticket, whose customer will be asked."""
        self._closed.append((ticket, customer))

    def _contract(self, buyer: Buyer, day: date) -> None:
        values: Values = {
            "name": "年度保养协议" if buyer.chinese else "Yearly maintenance",
            "customer": str(buyer.id),
            "start": day.isoformat(),
            "end": (day + timedelta(days=364)).isoformat(),
            "times_included": self._random.choice((2, 4, 6)),
            "fee": f"{self._random.randint(6, 30) * 1000}.00",
        }
        self._timeline.at(day, Act("service", "create", "service_contract", values=values))

    def _survey(self, day: date) -> None:
        def made(on: date, own: RecordChange) -> None:
            for ticket, customer in self._closed:
                answer: Values = {
                    "survey": str(own.id),
                    "ticket": str(ticket),
                    "customer": str(customer),
                    "score": self._random.choice(_SCORES),
                }
                self._timeline.at(on, Act("service", "create", "survey_answer", values=answer))

        values: Values = {"name": _SURVEY, "trigger": "ticket_closed", "status": "active"}
        self._timeline.at(day, Act("service", "create", "survey", values=values, then=made))
