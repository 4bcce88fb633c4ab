"""What becomes of one opportunity: stages, quote, order, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal
from uuid import UUID

from boot.demo.market import COMPETITORS
from boot.demo.products import Article, catalogue
from boot.demo.timeline import Act, Then, Timeline, Values
from engine.changes import Change, RecordChange

_TOPICS = {
    "equipment": (
        ("二期产线自动化", "Second line automation"),
        ("液压系统改造", "Hydraulic system overhaul"),
        ("老旧设备更新", "Replacement of old machines"),
        ("新厂区设备采购", "Equipment for the new plant"),
        ("包装线提速项目", "Faster packaging line"),
        ("机器人上下料工作站", "Robot loading cell"),
    ),
    "spares": (
        ("备件年度框架", "Spare parts frame contract"),
        ("大修备件采购", "Spare parts for the overhaul"),
    ),
    "consumables": (("润滑油品季度采购", "Lubricants for the quarter"),),
    "software": (
        ("产线监控平台上线", "Line monitoring rollout"),
        ("设备数据采集试点", "Pilot for machine data"),
    ),
    "services": (
        ("年度维保服务", "Yearly maintenance"),
        ("操作人员培训", "Operator training"),
    ),
}
_KINDS = ("new_business", "new_business", "new_business", "repeat", "upgrade", "cross_sell")
_SOURCES = ("referral", "exhibition", "website", "phone", "existing", "tender", "partner")
_NEXT_STEPS = (
    ("约技术交流", "Arrange a technical meeting"),
    ("发送样本与方案", "Send samples and the proposal"),
    ("确认付款条件", "Settle the terms of payment"),
    ("邀请参观工厂", "Invite to visit the plant"),
    ("跟进预算审批", "Follow up on the budget"),
)
_LOSSES = (
    ("price", "竞争对手低价", "Undercut by a competitor"),
    ("competitor", "选择本地供应商", "A local supplier was chosen"),
    ("budget", "预算取消", "The budget was cancelled"),
    ("postponed", "项目延期至明年", "Postponed to next year"),
    ("product", "接口不兼容", "The interface does not fit"),
    ("no_response", "多次联系无回复", "No answer to several calls"),
)
_STAGES = ("lead", "qualify", "proposal", "negotiation", "won")
_OLD = 150
_LARGE = Decimal(60000)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as its deals see it."""

    id: UUID
    seller: str
    chinese: bool
    size: int


OrderPlaced = Callable[[date, Buyer, Change], None]


@dataclass(frozen=True, slots=True)
class _Path:
    """Where one deal is going: the day of each stage, how it ends, and its last stage."""

    buyer: Buyer
    lines: tuple[Values, ...]
    days: tuple[date, ...]
    outcome: Literal["won", "lost", "open"]
    last: int
    placed: OrderPlaced


class Deals:
    """Plots opportunities on the timeline, from a seeded chance."""

    def __init__(
        self, random: Random, timeline: Timeline, products: dict[str, UUID], *, today: date
    ) -> None:
        self._random = random
        self._timeline = timeline
        self._products = products
        self._catalogue = catalogue()
        self._today = today

    def plot(self, buyer: Buyer, opened: date, placed: OrderPlaced) -> None:
        """Plan one opportunity from the day it is opened; `placed` hears of its order."""
        articles = self._articles(buyer)
        lines = tuple(self._line(buyer, article) for article in articles)
        amount = sum((_net(line) for line in lines), Decimal(0)).quantize(Decimal("1E2"))
        days = self._days(opened)
        path = _Path(buyer, lines, days, *self._outcome(opened), placed)
        values = self._opportunity(buyer, articles[0], max(amount, Decimal(100)), days[-1])
        act = Act(buyer.seller, "create", "opportunity", values=values)
        self._timeline.at(opened, _with(act, lambda day, own: self._go_on(path, own.id, 1)))

    def adopt(self, buyer: Buyer, deal: UUID, opened: date, placed: OrderPlaced) -> None:
        """Go on with an opportunity that is there already."""
        articles = self._articles(buyer)
        lines = tuple(self._line(buyer, article) for article in articles)
        amount = sum((_net(line) for line in lines), Decimal(0)).quantize(Decimal("1E2"))
        path = _Path(buyer, lines, self._days(opened), *self._outcome(opened), placed)
        values = self._opportunity(buyer, articles[0], max(amount, Decimal(100)), path.days[-1])
        act = Act(buyer.seller, "update", "opportunity", deal, values)
        self._timeline.at(opened, _with(act, lambda day, own: self._go_on(path, deal, 1)))

    def order_lines(self, buyer: Buyer) -> list[Values]:
        """Return lines for something ordered without a quote."""
        return [self._line(buyer, article) for article in self._articles(buyer, "spares")]

    def _go_on(self, path: _Path, deal: UUID, stage: int) -> None:
        """Plan the next stage of a deal, or its end."""
        day = path.days[stage]
        if path.outcome == "lost" and stage == path.last:
            self._timeline.at(day, self._loss(path, deal, day))
            return
        if path.outcome == "open" and stage > path.last:
            return
        name = _STAGES[stage]
        values: Values = {"close_date": day.isoformat()} if name == "won" else {}
        act = Act(path.buyer.seller, "move", "opportunity", deal, values, name, "sales")

        def moved(on: date, own: RecordChange) -> None:
            if name == "proposal":
                self._offer(path, deal, on)
            if name != "won":
                self._go_on(path, deal, stage + 1)

        self._timeline.at(day, _with(act, moved))

    def _offer(self, path: _Path, deal: UUID, day: date) -> None:
        """Plan the quote of a deal: written, sent, and then ordered or rejected."""
        buyer = path.buyer
        values: Values = {
            "customer": str(buyer.id),
            "opportunity": str(deal),
            "tax_rate": "0.13" if buyer.chinese else "0",
            "freight": "0" if buyer.chinese else f"{self._random.randint(3, 18) * 100}.00",
            "delivery_days": self._random.choice((15, 30, 45)),
            "payment_terms": "预付 30%，余款 30 天"
            if buyer.chinese
            else "30 % down, rest in 30 days",
            "lines": list(path.lines),
        }
        act = Act(buyer.seller, "create", "quote", values=values)
        self._timeline.at(day, _with(act, lambda on, own: self._send(path, own.id, on)))

    def _send(self, path: _Path, quote: UUID, day: date) -> None:
        seller = path.buyer.seller
        sent = day + timedelta(days=self._random.randint(1, 3))
        self._timeline.at(sent, Act(seller, "move", "quote", quote, {}, "sent", "process"))
        if path.outcome == "won":
            ordered = max(path.days[-1], sent + timedelta(days=1))
            act = Act(
                seller, "convert", "quote", quote, to="to_order",
                then_all=lambda on, change: path.placed(on, path.buyer, change),
            )  # fmt: skip
            self._timeline.at(ordered, act)
        if path.outcome == "lost" and path.last > _STAGES.index("proposal"):
            reason = "未中标" if path.buyer.chinese else "Not chosen"
            refused = max(path.days[path.last], sent + timedelta(days=1))
            values: Values = {"reject_reason": reason}
            act = Act(seller, "move", "quote", quote, values, "rejected", "process")
            self._timeline.at(refused, act)

    def _loss(self, path: _Path, deal: UUID, day: date) -> Act:
        reason, home, abroad = self._random.choice(_LOSSES)
        values: Values = {
            "loss_reason": reason,
            "loss_note": home if path.buyer.chinese else abroad,
            "close_date": day.isoformat(),
        }
        if reason in ("price", "competitor"):
            values["lost_to"] = {"name": self._random.choice(COMPETITORS)}
        return Act(path.buyer.seller, "move", "opportunity", deal, values, "lost", "sales")

    def _opportunity(self, buyer: Buyer, article: Article, amount: Decimal, end: date) -> Values:
        home, abroad = self._random.choice(_TOPICS[article.category])
        step = self._random.choice(_NEXT_STEPS)
        # People hope for an earlier day than it takes.
        hoped = end + timedelta(days=self._random.randint(-12, 15))
        return {
            "name": home if buyer.chinese else abroad,
            "customer": str(buyer.id),
            "amount": f"{amount:.2f}",
            "close_date": hoped.isoformat(),
            "kind": self._random.choice(_KINDS),
            "source": self._random.choice(_SOURCES),
            "priority": "high" if amount > _LARGE else "normal",
            "product": str(self._products[article.code]),
            "next_step": step[0 if buyer.chinese else 1],
        }

    def _articles(self, buyer: Buyer, category: str = "") -> list[Article]:
        pool = [each for each in self._catalogue if category in ("", each.category)]
        return self._random.sample(pool, self._random.randint(1, 2 + buyer.size // 2))

    def _line(self, buyer: Buyer, article: Article) -> Values:
        quantity = max(1, round(article.usual * buyer.size * self._random.uniform(0.4, 1.3)))
        discount = self._random.choice(("0", "0", "0", "0.03", "0.05", "0.08", "0.1", "0.15"))
        return {
            "product": str(self._products[article.code]),
            "quantity": str(quantity),
            "unit_price": f"{article.price}",
            "discount": discount,
        }

    def _days(self, opened: date) -> tuple[date, ...]:
        """Return the day of each stage, the first one's being the day of opening."""
        days = [opened]
        for shortest, longest in ((4, 20), (7, 30), (8, 35), (6, 28)):
            days.append(days[-1] + timedelta(days=self._random.randint(shortest, longest)))
        return tuple(days)

    def _outcome(self, opened: date) -> tuple[Literal["won", "lost", "open"], int]:
        """Return how it ends, and the number of the last stage on the way."""
        chance = self._random.random()
        if chance < 0.52:
            return "won", len(_STAGES) - 1
        if chance < 0.76 or (self._today - opened).days > _OLD:
            return "lost", self._random.choice((1, 2, 3, 3, 4))
        return "open", self._random.randint(0, 3)


def _with(act: Act, then: Then) -> Act:
    return replace(act, then=then)


def _net(line: Values) -> Decimal:
    price = Decimal(str(line["unit_price"])) * Decimal(str(line["quantity"]))
    return price * (1 - Decimal(str(line["discount"])))
