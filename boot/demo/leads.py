"""Leads: where they come from, how far they are followed, and which of them become customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from boot.demo.cast import Client
from boot.demo.data import rows
from boot.demo.timeline import Act, Timeline, Values
from engine.changes import Change, RecordChange

_PLACES = {
    "zh": ("苏州", "无锡", "佛山", "青岛", "合肥", "东莞", "长沙", "西安", "嘉兴", "南通"),
    "en": ("Northgate", "Lakeside", "Alder", "Kestrel", "Bergmann", "Hollow Oak", "Stonebridge"),
}
_WORDS = {
    "zh": ("盛达", "恒通", "瑞丰", "联创", "德润", "广源", "凯诺", "嘉禾", "鼎信", "正泽"),
    "en": ("Marine", "Alpine", "Delta", "Union", "Harbour", "Summit", "Crown"),
}
_TRADES = {
    "zh": (("机械", "machinery"), ("电气", "electronics"), ("食品", "food"), ("化工", "chemicals"),
           ("物流", "logistics"), ("汽车配件", "automotive"), ("新能源", "energy")),
    "en": (("Engineering", "machinery"), ("Foods", "food"), ("Controls", "electronics"),
           ("Logistics", "logistics"), ("Chemicals", "chemicals"), ("Power", "energy")),
}  # fmt: skip
_FORMS = {"zh": ("有限公司",), "en": (" Ltd", " GmbH", " BV", " AS")}
_NEEDS = (
    ("产线改造需要液压站 2 台", "Two power units for a new line"),
    ("伺服电机替换询价", "Quote for replacing servo motors"),
    ("想了解设备监控平台", "Wants to know about machine monitoring"),
    ("年度备件采购", "Spares for a year"),
    ("新厂规划，预算未定", "A new plant is planned, no budget yet"),
)
_POSITIONS = (("采购经理", "Purchasing"), ("设备主管", "Maintenance"), ("总经理", "Director"))
_CHANNELS = ("website", "search", "search", "wechat", "fair", "phone", "phone", "referral")
_OPEN = ("following", "prequal", "assigned", "new", "qualified")
_ENDS = ("invalid", "invalid", "recycled", "following", "qualified", "prequal")
_REASONS = ("wrong_number", "irrelevant", "no_budget", "no_answer", "competitor", "duplicate")
_FUNNEL = {"invalid": "left_data", "recycled": "valid", "prequal": "mql", "following": "mql",
           "qualified": "sql"}  # fmt: skip
_FAMILIES = {row["language"]: row["names"].split() for row in rows("names")
             if row["part"] == "family"}  # fmt: skip
_GIVEN = {row["language"]: row["names"].split() for row in rows("names") if row["part"] == "man"}
_LEADS_A_ROUND = 2
_ROUND = 14
_AS_FOLLOWED = timedelta(days=9)

Became = Callable[[date, Change], None]
"""What goes on once a lead is customer, contact and opportunity."""


class Leads:
    """Plots leads on the timeline, from a seeded chance; `channels` gives a channel's name."""

    def __init__(self, random: Random, timeline: Timeline, channels: dict[str, str]) -> None:
        self._random = random
        self._timeline = timeline
        self._channels = channels
        self._number = 0
        self._begin = date.min

    def plan(self, begin: date, last: date) -> None:
        """Plan the leads that come to nothing yet, some every fortnight."""
        self._begin = begin
        for days in range(0, (last - begin).days, _ROUND):
            day = begin + timedelta(days=days)
            for seller, language in (("sales", "zh"), ("export", "en")):
                for _ in range(_LEADS_A_ROUND):
                    self._come(seller, language, day, old=(last - day).days > 60)

    def bring(self, client: Client, day: date, became: Became) -> None:
        """Plan a lead that becomes a customer on a day."""
        first = client.contacts[0]
        values: Values = {
            **self._origin(),
            "company": client.company.name,
            "contact_name": first["name"],
            "position": first["position"],
            "mobile": first["mobile"],
            "email": first["email"],
            "industry": client.company.industry,
            "region": client.company.region,
            "need": self._random.choice(_NEEDS)[0 if client.company.chinese else 1],
            "expected_revenue": f"{self._random.randint(2, 30) * 10000}.00",
        }

        def met(on: date, own: RecordChange) -> None:
            known: Values = {"prequal_result": "intent", "marketing_stage": "sql"}
            self._move(client.seller, own.id, on, "following", known)
            act = Act(
                client.seller, "convert", "lead", own.id, to="to_customer", then_all=became
            )  # fmt: skip
            self._timeline.at(day, act)

        act = Act(client.seller, "create", "lead", values=values, then=met)
        self._timeline.at(max(day - _AS_FOLLOWED, self._begin), act)

    def _come(self, seller: str, language: str, day: date, *, old: bool) -> None:
        home = language == "zh"
        trade, industry = self._random.choice(_TRADES[language])
        place = self._random.choice(_PLACES[language])
        word = self._random.choice(_WORDS[language])
        form = self._random.choice(_FORMS[language])
        company = f"{place}{word}{trade}{form}" if home else f"{place} {word} {trade}{form}"
        self._number += 1
        values: Values = {
            **self._origin(),
            "company": company,
            "contact_name": self._name(language),
            "position": self._random.choice(_POSITIONS)[0 if home else 1],
            "mobile": f"1590000{self._number:04}" if home else f"+99 555 01{self._number:04}",
            "industry": industry,
            "need": self._random.choice((*_NEEDS, ("", "")))[0 if home else 1] or None,
            "expected_revenue": f"{self._random.randint(1, 40) * 5000}.00",
            "marketing_stage": "left_data",
        }
        end = self._random.choice(_ENDS[:3] if old else (*_ENDS, *_OPEN))

        def came(on: date, own: RecordChange) -> None:
            self._end(seller, own.id, on + timedelta(days=self._random.randint(1, 3)), end)

        self._timeline.at(day, Act(seller, "create", "lead", values=values, then=came))

    def _end(self, seller: str, lead: UUID, day: date, end: str) -> None:
        if end == "new":
            return
        values: Values = {"marketing_stage": _FUNNEL[end]} if end in _FUNNEL else {}
        if end == "invalid":
            values["invalid_reason"] = self._random.choice(_REASONS)
        if end in ("following", "qualified"):
            values["prequal_result"] = self._random.choice(("intent", "unsure"))
        if end == "qualified":
            self._move(seller, lead, day, "following", {})
            values["need"] = "已确认需求 Need confirmed"
        self._move(seller, lead, day, end, values)

    def _origin(self) -> Values:
        return {
            "channel": {"name": self._channels[self._random.choice(_CHANNELS)]},
            "capture_mode": self._random.choice(("manual", "form", "import", "call", "card")),
        }

    def _name(self, language: str) -> str:
        family = self._random.choice(_FAMILIES[language])
        given = self._random.choice(_GIVEN[language])
        return family + given if language == "zh" else f"{given} {family}"

    def _move(self, seller: str, lead: UUID, day: date, stage: str, values: Values) -> None:
        self._timeline.at(day, Act(seller, "move", "lead", lead, values, stage, "following"))
