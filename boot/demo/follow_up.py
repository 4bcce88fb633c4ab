"""How customers are kept in touch with: talks, visits, tasks and appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from boot.demo.data import rows
from boot.demo.deals import Buyer
from boot.demo.timeline import Act, Timeline, Values
from engine.changes import RecordChange

_ROUND = 14
_MONTH = 28
_TALKS_A_ROUND = 5
_AHEAD = 10
_FORGOTTEN = 11
"""Every which next contact nobody thought of."""

_VISITED = 0.9
_TASKS = (
    ("sales", "整理客户档案", "todo"),
    ("sales", "回电确认需求", "callback"),
    ("sales", "催收逾期款", "payment_demand"),
    ("export", "Update customer files", "todo"),
    ("export", "Call back about the offer", "callback"),
    ("manager", "审核本月报价折扣 Review discounts", "todo"),
    ("manager", "准备销售例会 Sales meeting", "todo"),
    ("service", "回访已关闭工单 Return visits", "revisit"),
    ("service", "整理知识库 Tidy the articles", "service"),
)
_PURPOSES = (
    ("设备巡检与需求了解", "Look at the machines, ask for needs"),
    ("方案讲解", "Present the proposal"),
    ("年度合作洽谈", "Talk about next year"),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A customer somebody keeps in touch with, and whom to talk to."""

    buyer: Buyer
    contact: UUID


class FollowUp:
    """Plots what keeps customers near, from a seeded chance."""

    def __init__(self, random: Random, timeline: Timeline) -> None:
        self._random = random
        self._timeline = timeline
        self._talks = rows("talks")
        self._known: dict[str, list[_Known]] = {"sales": [], "export": []}

    def met(self, buyer: Buyer, contact: UUID) -> None:
        """Remember whom a seller knows from now on."""
        self._known[buyer.seller].append(_Known(buyer, contact))

    def plan(self, begin: date, last: date) -> None:
        """Plan the rounds of talks and visits, and everybody's tasks."""
        for days in range(_ROUND, (last - begin).days + 1, _ROUND):
            self._timeline.call(begin + timedelta(days=days), self._talk_round)
        for days in range(_MONTH, (last - begin).days + 1, _MONTH):
            day = begin + timedelta(days=days)
            self._timeline.call(day, lambda on: self._visit_round(on, last))
            self._task_round(day, done=(last - day).days > _MONTH)
        self._timeline.call(last, self._coming)

    def _talk_round(self, day: date) -> None:
        for seller, known in self._known.items():
            for each in self._some(known, _TALKS_A_ROUND):
                talk = self._random.choice(self._talks)
                language = "zh" if each.buyer.chinese else "en"
                when = self._at(day - timedelta(days=self._random.randint(0, 9)))
                then = when + timedelta(days=self._random.randint(5, 20))
                values: Values = {
                    "type": talk["type"],
                    "time": when.isoformat(),
                    "customer": str(each.buyer.id),
                    "contact": str(each.contact),
                    "content": talk[language],
                    "result": talk["result"],
                    "next_time": then.isoformat(),
                    "next_plan": talk[f"next_{language}"],
                }
                self._timeline.at(day, Act(seller, "create", "activity", values=values))
                if then.toordinal() % _FORGOTTEN:
                    self._timeline.at(max(day, then.date()), _kept(seller, values))

    def _visit_round(self, day: date, last: date) -> None:
        for seller, known in self._known.items():
            for each in self._some(known, 2):
                planned = day + timedelta(days=self._random.randint(2, 9))
                home, abroad = self._random.choice(_PURPOSES)
                values: Values = {
                    "customer": str(each.buyer.id),
                    "contact": str(each.contact),
                    "planned_at": self._at(planned).isoformat(),
                    "purpose": home if each.buyer.chinese else abroad,
                }
                done = self._random.random() < _VISITED

                def made(
                    on: date,
                    own: RecordChange,
                    seller: str = seller,
                    planned: date = planned,
                    done: bool = done,
                ) -> None:
                    if done:
                        act = Act(seller, "convert", "visit_plan", own.id, to="to_activity")
                        self._timeline.at(planned + timedelta(days=1), act)

                act = Act(seller, "create", "visit_plan", values=values, then=made)
                self._timeline.at(day, act)

    def _task_round(self, day: date, *, done: bool) -> None:
        for person, title, kind in _TASKS:
            due = self._at(day + timedelta(days=self._random.randint(3, 25)))
            values: Values = {"title": title, "kind": kind, "due": due.isoformat()}
            if done:
                values |= {"status": "done", "done_at": due.isoformat(), "progress": "1"}
            self._timeline.at(day, Act(person, "create", "task", values=values))

    def _coming(self, day: date) -> None:
        """Plan what the calendar shows of the days ahead."""
        for seller, known in self._known.items():
            for each in self._some(known, 6):
                start = self._at(day + timedelta(days=self._random.randint(1, _AHEAD)))
                home = each.buyer.chinese
                values: Values = {
                    "title": "技术交流" if home else "Technical meeting",
                    "kind": self._random.choice(("appointment", "meeting", "trial")),
                    "start": start.isoformat(),
                    "end": (start + timedelta(minutes=90)).isoformat(),
                    "customer": str(each.buyer.id),
                    "contact": str(each.contact),
                    "attendees": [{"contact": str(each.contact), "response": "accepted"}],
                }
                self._timeline.at(day, Act(seller, "create", "calendar_event", values=values))

    def _some(self, known: list[_Known], number: int) -> list[_Known]:
        return self._random.sample(known, min(number, len(known)))

    def _at(self, day: date) -> datetime:
        """Return a time of the working day."""
        clock = time(self._random.randint(9, 17), self._random.choice((0, 15, 30, 45)))
        return datetime.combine(day, clock, tzinfo=self._timeline.zone)


def _kept(seller: str, talk: Values) -> Act:
    """Return the act that does what a talk ended with, at the time that was agreed on."""
    values: Values = {
        "type": "call",
        "time": talk["next_time"],
        "customer": talk["customer"],
        "contact": talk["contact"],
        "content": f"{talk['next_plan']} ✓",
        "result": "progress",
    }
    return Act(seller, "create", "activity", values=values)
