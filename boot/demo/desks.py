"""What lies on people's desks when the demo begins: approvals, what nobody has yet, what is sent.

Everything before is a year that is over; this is what its people, and those who try the demo,
go on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from boot.demo.filling import channels_of
from boot.demo.people import PERSONS
from boot.demo.timeline import Values, workday
from engine.context import Actor, Context
from engine.doors import Reader, Writer
from engine.query.parse import parse_filter, parse_sort
from engine.query.spec import LinkValue, ListQuery, Row
from workflow.approvals.service import Approvals, Deed

_LEADS = (
    ("website", "苏州德润精密机械有限公司", "顾海涛", "machinery", "产线改造需要液压站 2 台"),
    ("search", "佛山恒通食品机械有限公司", "罗敏", "food", "包装线提速，想先看案例"),
    ("wechat", "合肥联创新能源有限公司", "夏雨", "energy", "关键设备状态监测询价"),
    ("website", "Lakeside Union Foods Ltd", "Nora Lindqvist", "food", "Lubricants for two sites"),
    ("search", "Kestrel Marine Power AS", "Jonas Berg", "energy", "Motors for winches, 12 pieces"),
)
"""Leads that came in by themselves, which nobody has taken yet."""

_CUSTOMERS = (
    ("常州鼎信电气有限公司", "021-5550-0101", "electronics", "east_china"),
    ("洛阳正泽轴承有限公司", "0379-5550-0102", "machinery", "central_china"),
    ("Harbour Controls BV", "+99 555 020304", "electronics", "europe"),
)
"""Customers that nobody looks after any more."""

_TICKETS = (
    ("伺服驱动器报警，产线停机 Drive alarm, line stopped", "repair"),
    ("索取备件图纸 Drawings of spares", "question"),
)
"""What service may take: the first to come has it."""

_TALK = (
    ("报价与交期确认 Quote and delivery", "<p>附上报价，交期 30 天，请确认。</p>",
     "<p>价格可以，交期能否提前到 20 天？</p>"),
    ("年度维保安排 Yearly maintenance", "<p>建议下月中旬安排巡检，您看哪天方便？</p>",
     "<p>15 日以后都可以，请提前两天通知门卫。</p>"),
    ("Spare parts for the overhaul", "<p>The list is attached; all of it is in stock.</p>",
     "<p>Thank you, we order this week.</p>"),
)  # fmt: skip
"""What was written to customers lately, and what they answered."""

_NEWS = (
    ("新品与节能方案 What is new", "email",
     "{{ contact.name }}，新一代伺服与节能方案 What is new for {{ customer.name }}",
     "<p>您好 {{ contact.name }}，新一代伺服电机已上市，节能可达 18%。回信即可预约演示。</p>"),
    ("回访预约 Return visit", "sms", "", "您好 {{ contact.name }}，本月回访，方便时请回电。"),
)  # fmt: skip

_MEMBERS = 12

_THEIRS = "owner == user.id and not ISBLANK(primary_contact)"


@dataclass(frozen=True, slots=True)
class Desks:
    """Lays out what waits for somebody; `ctx` is the system's, `users` the people by address."""

    ctx: Context
    users: Mapping[str, UUID]
    reader: Reader
    writer: Writer
    approvals: Approvals

    def lay_out(self) -> None:
        """Write everything through the doors that people use, each thing as whoever does it."""
        seller, abroad = self._as("sales"), self._as("emma")
        known, foreign = (self._rows(each, "customer", _THEIRS, "-order_amount")
                          for each in (seller, abroad))  # fmt: skip
        self._submissions(seller, known)
        self._contract(abroad, foreign[0])
        self._nobodys()
        self._letters(seller, known[:2])
        self._letters(abroad, foreign[:1], _TALK[2:])
        self._news()

    def _submissions(self, seller: Context, known: Sequence[Row]) -> None:
        """Submit a discount that is too large, and expenses: one waits, one was sent back."""
        quote = self._made(seller, "quote", {
            "customer": str(known[0].id), "tax_rate": "0.13", "delivery_days": 30,
            "payment_terms": "预付 30%，余款 30 天",
            "lines": [{"product": {"code": "SM-750"}, "quantity": 40, "discount": "0.35"}],
        })  # fmt: skip
        self._submit(
            seller, "quote", quote, "quote_discount", "客户承诺年内追加 60 台，申请 35% 折扣"
        )
        manager = self._as("manager")
        fair = self._spent(seller, known[0], "展会差旅 Travel to the fair", "4680.00")
        case = self._submit(seller, "expense", fair, "expense", "三人四天，票据已附")
        self.approvals.act(manager, case, Deed("approve", "同意"))
        dinner = self._spent(seller, known[1], "客户招待 Dinner with the customer", "860.00")
        case = self._submit(seller, "expense", dinner, "expense", "")
        self.approvals.act(manager, case, Deed("return", "请补充参加人员名单"))

    def _contract(self, seller: Context, customer: Row) -> None:
        contract = self._made(seller, "contract", {
            "name": "Yearly maintenance and spares", "kind": "service",
            "customer": str(customer.id), "amount": "180000.00",
            "end_date": (self.ctx.moment.today + timedelta(days=365)).isoformat(),
        })  # fmt: skip
        self._submit(seller, "contract", contract, "contract_terms", "Same terms as last year")

    def _nobodys(self) -> None:
        """Write what is there to be taken: leads, customers, tickets."""
        marketing, service = self._as("marketing"), self._as("service")
        channels = channels_of(self.ctx)
        self.writer.create(marketing, "lead", [
            {
                "channel": {"name": channels[channel]}, "company": company,
                "contact_name": name, "industry": industry, "need": need, "owner": None,
                "mobile": f"1570000{at:04}", "email": f"info{at}@visitor.example",
                "capture_mode": "manual", "marketing_stage": "left_data",
            }
            for at, (channel, company, name, industry, need) in enumerate(_LEADS, start=1)
        ])  # fmt: skip
        self.writer.create(self._as("manager"), "customer", [
            {"name": name, "phone": phone, "industry": industry, "region": region, "owner": None}
            for name, phone, industry, region in _CUSTOMERS
        ])  # fmt: skip
        orders = self._rows(service, "sales_order", "true", "-created_at")
        self.writer.create(service, "ticket", [
            {
                "subject": subject, "customer": str(_linked(order, "customer")),
                "order": str(order.id), "kind": kind, "channel": "web", "priority": "high",
                "assign_mode": "grab", "owner": None,
            }
            for (subject, kind), order in zip(_TICKETS, orders, strict=False)
        ])  # fmt: skip

    def _letters(
        self,
        seller: Context,
        customers: Sequence[Row],
        talk: Sequence[tuple[str, str, str]] = _TALK,
    ) -> None:
        """Write what went to some customers in the last days, and what came back."""
        for days, (customer, (subject, written, answer)) in enumerate(
            zip(customers, talk, strict=False), start=2
        ):
            (who,) = self.reader.get(seller, "contact", [_linked(customer, "primary_contact")])
            about = {"customer": str(customer.id), "contact": str(who.id), "channel": "email",
                     "address": who.values["email"]}  # fmt: skip
            self.writer.create(seller, "message", [
                {**about, "direction": "out", "subject": subject, "body": written,
                 "status": "replied", "sent_at": self._ago(days, 10)},
                {**about, "direction": "in", "subject": f"Re: {subject}", "body": answer,
                 "status": "sent", "sent_at": self._ago(days - 1, 9)},
            ])  # fmt: skip

    def _news(self) -> None:
        """Write templates, and a sending that was agreed on and goes out by itself tomorrow."""
        marketing = self._as("marketing")
        templates = self.writer.create(marketing, "message_template", [
            {"name": name, "channel": channel, "subject": subject or None, "body": body,
             "status": "approved"}
            for name, channel, subject, body in _NEWS
        ]).ids  # fmt: skip
        campaign = self._rows(marketing, "campaign", 'stage == "running"', "-start")[0]
        reached = self._rows(self.ctx, "customer", "not ISBLANK(primary_contact.email)", "name")
        self.writer.create(marketing, "campaign_member", [
            {"campaign": str(campaign.id), "customer": str(each.id)} for each in reached[:_MEMBERS]
        ])  # fmt: skip
        sending = self._made(marketing, "mass_send", {
            "name": _NEWS[0][0], "template": str(templates[0]), "campaign": str(campaign.id),
            "audience": "有联系人的客户 Customers with a contact",
        })  # fmt: skip
        day = workday(self.ctx.moment.today + timedelta(days=1))
        self.writer.move(
            marketing, "mass_send", [sending], pipeline="process", to="approved",
            values={"scheduled_at": self._at(day, 10)},
        )  # fmt: skip

    def _spent(self, seller: Context, customer: Row, subject: str, amount: str) -> UUID:
        day = self.ctx.moment.today - timedelta(days=3)
        return self._made(seller, "expense", {
            "subject": subject, "category": "travel", "amount": amount,
            "spent_on": day.isoformat(), "customer": str(customer.id),
        })  # fmt: skip

    def _submit(
        self, person: Context, entity: str, record: UUID, approval: str, comment: str
    ) -> UUID:
        kind = person.model.entities[entity]
        return self.approvals.submit(person, kind, record, approval, comment=comment).id

    def _made(self, person: Context, entity: str, values: Values) -> UUID:
        return self.writer.create(person, entity, [values]).ids[0]

    def _rows(self, person: Context, entity: str, which: str, sort: str) -> tuple[Row, ...]:
        """Return some records that a person reads."""
        query = ListQuery(
            entity, filter=parse_filter(person, entity, which),
            sort=parse_sort(person, entity, sort), limit=2 * _MEMBERS,
        )  # fmt: skip
        return self.reader.find(person, query).rows

    def _as(self, who: str) -> Context:
        address = f"{who}@joinery.example"
        person = next(each for each in PERSONS if each.email == address)
        return replace(self.ctx, actor=Actor(self.users[address], person.name, (person.role,)))

    def _ago(self, days: int, hour: int) -> str:
        return self._at(self.ctx.moment.today - timedelta(days=days), hour)

    def _at(self, day: date, hour: int) -> str:
        at = datetime.combine(day, time(hour), tzinfo=ZoneInfo(self.ctx.moment.zone))
        return at.isoformat()


def _linked(row: Row, field: str) -> UUID:
    value = row.values[field]
    if not isinstance(value, LinkValue):
        raise TypeError(field)
    return value.id
