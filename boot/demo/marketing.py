"""What marketing does: campaigns with their cost, pages, messages from visitors, partners."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

from boot.demo.data import rows
from boot.demo.timeline import Act, Timeline, Values
from engine.changes import RecordChange

_PERSON = "marketing"
_PARTNERS = (
    ("华中机电代理有限公司", "agent", "gold", "central_china"),
    ("西南液压销售中心", "dealer", "silver", "southwest_china"),
    ("Nordic Drives Distribution AB", "dealer", "gold", "europe"),
    ("Pacific Rim Automation Pty", "agent", "silver", "asia_pacific"),
)
_PAGES = (
    ("液压泵选型指南 Pump guide", "pump-guide", "search"),
    ("伺服节能计算器 Energy calculator", "servo-energy", "search"),
    ("展会预约 Meet us at the fair", "meet-us", "fair"),
)
_INQUIRIES = (
    ("inquiry", "请报价 HP-200 两台", "陈先生"),
    ("callback", "请联系我谈产线改造", "周工"),
    ("landing", "Please send your catalogue", "J. Ortega"),
    ("suggestion", "网站希望有 3D 图纸下载", "吴工"),
    ("inquiry", "Price of SM-750 for 40 pieces?", "M. Lindgren"),
)
_COSTLY = {"search": 4200, "website": 900, "wechat": 1500}
_MONTH = 30


class Marketing:
    """Plots campaigns and what surrounds them; `channels` gives a channel's name."""

    def __init__(self, random: Random, timeline: Timeline, channels: dict[str, str]) -> None:
        self._random = random
        self._timeline = timeline
        self._channels = channels

    def plan(self, begin: date, last: date) -> None:
        """Plan partners, pages, channel figures and every campaign."""
        for name, kind, level, region in _PARTNERS:
            values: Values = {"name": name, "kind": kind, "level": level, "region": region}
            values |= {"valid_from": begin.isoformat(), "commission_rate": "0.05"}
            self._timeline.at(begin, Act("manager", "create", "partner", values=values))
        for name, slug, channel in _PAGES:
            page: Values = {
                "name": name,
                "slug": slug,
                "channel": self._channel(channel),
                "headline": name,
                "visits": self._random.randint(400, 4000),
                "stage": "online",
            }
            self._timeline.at(begin, Act(_PERSON, "create", "landing_page", values=page))
        for row in rows("campaigns"):
            self._campaign(row, last)
        for days in range(_MONTH, (last - begin).days + 1, _MONTH):
            self._figures(begin + timedelta(days=days))
        for kind, content, name in _INQUIRIES:
            message: Values = {"kind": kind, "content": content, "name": name}
            message["mobile"] = f"1580000{self._random.randint(1000, 9999)}"
            self._timeline.at(last, Act(_PERSON, "create", "web_message", values=message))

    def _campaign(self, row: dict[str, str], last: date) -> None:
        start = last - timedelta(days=int(row["started"]))
        end = start + timedelta(days=int(row["length"]))
        values: Values = {
            "name": row["name"],
            "kind": row["kind"],
            "channel": self._channel(row["channel"]),
            "start": start.isoformat(),
            "end": end.isoformat(),
            "budget": f"{row['budget']}.00",
            "other_cost": f"{row['cost']}.00",
            "goal": "获得有效线索 Valid leads",
        }

        def made(on: date, own: RecordChange) -> None:
            self._move(own.id, start, "set_up", {})
            self._move(own.id, start, "running", {})
            if row["conclusion"] and end < last:
                self._move(own.id, end, "analysed", {"conclusion": row["conclusion"]})

        act = Act(_PERSON, "create", "campaign", values=values, then=made)
        self._timeline.at(start - timedelta(days=20), act)

    def _figures(self, day: date) -> None:
        """Plan what the channels cost in a month, and how often they were seen."""
        for channel, cost in _COSTLY.items():
            seen = self._random.randint(8000, 40000)
            values: Values = {
                "channel": self._channel(channel),
                "date": day.isoformat(),
                "impressions": seen,
                "clicks": seen // self._random.randint(20, 60),
                "cost": f"{cost + self._random.randint(-400, 400)}.00",
                "source": "import",
            }
            self._timeline.at(day, Act(_PERSON, "create", "channel_stat", values=values))

    def _channel(self, key: str) -> Values:
        return {"name": self._channels[key]}

    def _move(self, campaign: UUID, day: date, stage: str, values: Values) -> None:
        act = Act(_PERSON, "move", "campaign", campaign, values, stage, "process")
        self._timeline.at(day, act)
