"""What customers ask for after an order, and how service answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from uuid import UUID

from boot.demo.data import rows
from boot.demo.orders import Order
from boot.demo.timeline import Act, Timeline, Values
from engine.changes import RecordChange

_CHANNELS = ("phone", "phone", "email", "web", "wechat", "visit")
_PRIORITIES = ("normal", "normal", "normal", "high", "urgent", "low")
_ANSWERS = {"zh": "已联系客户，登记问题", "en": "Called back, the problem is noted"}
_WAITING = 0.3
_REJECTED = 0.06
_FRESH = (("web", "high"), ("wechat", "normal"), ("email", "urgent"), ("web", "normal"))
"""How the newest tickets came, which nobody has answered yet, and how they press."""


class Tickets:
    """Plots tickets on the timeline, from a seeded chance."""

    def __init__(
        self, random: Random, timeline: Timeline, *, closed: Callable[[UUID, UUID], None]
    ) -> None:
        self._random = random
        self._timeline = timeline
        self._closed = closed
        self._cases = rows("cases")
        self._served: list[Order] = []

    def plan(self, last: date) -> None:
        """Plan what came in on the last day, and waits for an answer."""
        self._timeline.call(last, self._fresh)

    def after(self, order: Order) -> None:
        """Plan none to two tickets about an order."""
        for _ in range(self._random.choice((1, 1, 1, 2, 2))):
            day = order.day + timedelta(days=self._random.randint(8, 110))
            self._plot(order, day)
        self._served.append(order)

    def _plot(self, order: Order, day: date) -> None:
        case = self._random.choice(self._cases)
        language = "zh" if order.buyer.chinese else "en"
        values = self._asked(order, case) | {
            "channel": self._random.choice(_CHANNELS),
            "priority": self._random.choice(_PRIORITIES),
            "log": [{"action": "reply", "note": _ANSWERS[language]}],
        }

        def opened(on: date, own: RecordChange) -> None:
            self._handle(own.id, on, case[f"solution_{language}"], case["cause"])
            self._closed(own.id, order.buyer.id)

        self._timeline.at(day, Act("service", "create", "ticket", values=values, then=opened))

    def _asked(self, order: Order, case: Mapping[str, str]) -> Values:
        language = "zh" if order.buyer.chinese else "en"
        return {
            "subject": case[f"subject_{language}"],
            "customer": str(order.buyer.id),
            "order": str(order.id),
            "kind": case["kind"],
            "problem": case["problem"] or None,
        }

    def _fresh(self, day: date) -> None:
        cases = self._random.sample(self._cases, len(_FRESH))
        orders = self._random.sample(self._served, min(len(_FRESH), len(self._served)))
        for order, case, (channel, priority) in zip(orders, cases, _FRESH, strict=False):
            values = self._asked(order, case) | {"channel": channel, "priority": priority}
            self._timeline.at(day, Act("service", "create", "ticket", values=values))

    def _handle(self, ticket: UUID, day: date, solution: str, cause: str) -> None:
        day += timedelta(days=self._random.randint(0, 2))
        if self._random.random() < _REJECTED:
            self._move(ticket, day, "rejected", {"reject_reason": "不在服务范围 Out of scope"})
            return
        self._move(ticket, day, "processing", {})
        if self._random.random() < _WAITING:
            day += timedelta(days=self._random.randint(1, 4))
            self._move(ticket, day, "waiting", {})
        day += timedelta(days=self._random.randint(3, 24))
        solved: Values = {"solution": solution, "cause": cause, "solved_on": day.isoformat()}
        self._move(ticket, day, "solved", solved)
        day += timedelta(days=self._random.randint(3, 14))
        told: Values = {
            "satisfaction": self._random.choice((3, 4, 4, 5, 5)),
            "feedback_given": True,
        }
        self._move(ticket, day, "closed", told)

    def _move(self, ticket: UUID, day: date, stage: str, values: Values) -> None:
        act = Act("service", "move", "ticket", ticket, values, stage, "handling")
        self._timeline.at(day, act)
