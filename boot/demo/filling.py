"""Filling a new tenant with a year of plausible work, the same every time, through the Writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from boot.demo.care import Care
from boot.demo.cast import Client, clients
from boot.demo.deals import Buyer, Deals
from boot.demo.follow_up import FollowUp
from boot.demo.leads import Leads
from boot.demo.market import enter_market
from boot.demo.marketing import Marketing
from boot.demo.orders import Order, Orders
from boot.demo.papers import Papers
from boot.demo.people import DEPARTMENTS, PERSONS, POSITIONS, Person
from boot.demo.products import catalogue
from boot.demo.tickets import Tickets
from boot.demo.timeline import Act, Timeline, Values, created, workday_before
from engine.changes import Change, RecordChange
from engine.context import Actor, Context
from engine.doors import Reader, Writer
from engine.tenants.contexts import moment_of
from engine.tenants.starters import text_in

SEED = 1368
_DAYS = 440
"""Longer than a year, so that charts of twelve months are full from their first."""

_FROM_A_LEAD = 5
"""Every which customer was a lead before."""

_ARRIVALS = (0, 3, 7, 12, 21, 35, 49, 63, 84, 112, 140, 182, 231, 294)
"""Days after the beginning on which customers are entered, several at once."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The rows of the demo's persons in the tenant, by e-mail address."""

    users: Mapping[str, UUID]


def fill(
    ctx: Context,
    *,
    reader: Reader,
    writer: Writer,
    progress: Callable[[float], None] = lambda _: None,
) -> Filled:
    """Write the demo's year up to yesterday; `ctx` is the system's, on a new tenant.

    Starter records must be there. `progress` hears the part that is done, from 0 to 1.
    """
    last = ctx.moment.today - timedelta(days=1)
    begin = last - timedelta(days=_DAYS)
    early = _at(ctx, datetime.combine(begin, ctx.now.timetz()))
    staff = _Staff(early, writer)
    products = _products(staff.context("manager", early.now), writer)
    enter_market(staff.context("manager", early.now), writer, products)
    timeline = Timeline(reader, writer, staff.context, last=last, zone=ctx.model.app.timezone)
    year = _Year(timeline, products, channels_of(ctx), begin=begin, last=last)
    year.plan()
    timeline.run(lambda day: progress((day - begin).days / _DAYS))
    return Filled({person.email: staff.users[person.key] for person in PERSONS})


class _Staff:
    """The demo's departments and persons, hired through the Writer."""

    def __init__(self, ctx: Context, writer: Writer) -> None:
        self._ctx = ctx
        self._departments: dict[str, UUID] = {}
        self.users: dict[str, UUID] = {}
        for department in DEPARTMENTS:
            values: Values = {
                "name": department.name,
                "parent": _id(self._departments, department.parent),
            }
            self._departments[department.key] = writer.create(ctx, "department", [values]).ids[0]
        self._positions = {
            each.key: writer.create(
                ctx,
                "position",
                [{"name": each.name, "level": each.level, "roles": list(each.roles)}],
            ).ids[0]
            for each in POSITIONS
        }
        for person in PERSONS:
            self.users[person.key] = writer.create(ctx, "user", [self._row(person)]).ids[0]
        self._actors = {person.key: self._actor(person) for person in PERSONS}

    def context(self, key: str, now: datetime) -> Context:
        """Return the context of a person at an instant."""
        return replace(_at(self._ctx, now), actor=self._actors[key])

    def _row(self, person: Person) -> Values:
        return {
            "name": person.name,
            "email": person.email,
            "title": person.title,
            "department": _id(self._departments, person.department),
            "manager": _id(self.users, person.manager),
            "position": _id(self._positions, person.position),
            "roles": [person.role],
            "language": person.language,
        }

    def _actor(self, person: Person) -> Actor:
        return Actor(
            user=self.users[person.key],
            name=person.name,
            roles=(person.role,),
            department=self._departments[person.department],
            departments=tuple(self._departments[key] for key in _below(person.department)),
        )


class _Year:
    """Which customers come when, and what they want."""

    def __init__(
        self,
        timeline: Timeline,
        products: dict[str, UUID],
        channels: dict[str, str],
        *,
        begin: date,
        last: date,
    ) -> None:
        self._timeline = timeline
        self._random = Random(SEED)  # noqa: S311 - the same year every time
        self._begin = begin
        self._last = last
        self._bought: set[UUID] = set()
        aside = Random(SEED + 1)  # noqa: S311 - beside the year of sales, and as certain
        self._follow_up = FollowUp(aside, timeline)
        self._care = Care(aside, timeline)
        self._leads = Leads(aside, timeline, channels)
        self._marketing = Marketing(aside, timeline, channels)
        self._tickets = Tickets(self._random, timeline, closed=self._care.closed)
        self._papers = Papers(Random(SEED + 2), timeline)  # noqa: S311 - as certain, too
        self._deals = Deals(self._random, timeline, products, today=last)
        self._orders = Orders(self._random, timeline, ordered=self._ordered)

    def plan(self) -> None:
        """Plan the arrival of every customer; the rest follows from it."""
        everybody = list(clients(self._random))
        self._random.shuffle(everybody)
        for each in (self._follow_up, self._care, self._leads, self._marketing):
            each.plan(self._begin, workday_before(self._last))
        self._tickets.plan(workday_before(self._last))
        for number, client in enumerate(everybody):
            arrival = _ARRIVALS[number * len(_ARRIVALS) // len(everybody)]
            day = self._begin + timedelta(days=arrival)
            if number % _FROM_A_LEAD == _FROM_A_LEAD - 1:
                self._leads.bring(client, day, self._converted(client))
                continue
            act = Act(client.seller, "create", "customer", values=client.values)
            self._timeline.at(day, replace(act, then=self._arrived(client)))

    def _arrived(self, client: Client) -> Callable[[date, RecordChange], None]:
        def arrived(day: date, own: RecordChange) -> None:
            buyer = _buyer(client, own.id)
            self._settled(client, buyer, day, contacts=client.contacts)

        return arrived

    def _converted(self, client: Client) -> Callable[[date, Change], None]:
        """Return what goes on where a lead became customer, contact and opportunity."""

        def converted(day: date, change: Change) -> None:
            (customer,) = created(change, "customer")
            (contact,) = created(change, "contact")
            (deal,) = created(change, "opportunity")
            buyer = _buyer(client, customer.id)
            values = {**client.values, "primary_contact": str(contact.id), "status": "active"}
            self._timeline.at(day, Act(client.seller, "update", "customer", customer.id, values))
            self._follow_up.met(buyer, contact.id)
            self._settled(client, buyer, day, contacts=client.contacts[1:])
            self._deals.adopt(buyer, deal.id, day, self._orders.converted)

        return converted

    def _settled(
        self, client: Client, buyer: Buyer, day: date, *, contacts: Sequence[Values]
    ) -> None:
        """Plan a customer's people, credit and wishes."""
        for values in contacts:
            linked = {**values, "customer": str(buyer.id)}
            then = self._met(buyer) if values is client.contacts[0] else None
            act = Act(client.seller, "create", "contact", values=linked, then=then)
            self._timeline.at(day, act)
        if client.credit:
            limit: Values = {"credit_limit": client.credit}
            self._timeline.at(day, Act("finance", "update", "customer", buyer.id, limit))
        self._wishes(buyer, day)

    def _met(self, buyer: Buyer) -> Callable[[date, RecordChange], None]:
        """Return what notes the first contact as the customer's primary one."""

        def met(day: date, own: RecordChange) -> None:
            values: Values = {"primary_contact": str(own.id), "status": "active"}
            self._timeline.at(day, Act(buyer.seller, "update", "customer", buyer.id, values))
            self._follow_up.met(buyer, own.id)

        return met

    def _wishes(self, buyer: Buyer, arrival: date) -> None:
        """Plan the customer's opportunities, and orders that need no quote."""
        left = max(20, (self._last - arrival).days - 4)
        for _ in range(self._random.choice((1, 2, 2, 2, 3)) + buyer.size // 3):
            opened = arrival + timedelta(days=self._random.randint(2, left))
            self._deals.plot(buyer, opened, self._orders.converted)
        if self._random.random() < 0.3:
            self._order(buyer, arrival + timedelta(days=self._random.randint(30, 30 + left)))

    def _ordered(self, order: Order) -> None:
        """Note a customer's first order, and what is asked for after any."""
        buyer = order.buyer
        if buyer.id not in self._bought:
            self._bought.add(buyer.id)
            values: Values = {"status": "customer"}
            act = Act(buyer.seller, "update", "customer", buyer.id, values)
            self._timeline.at(order.day, act)
        self._tickets.after(order)
        self._papers.after(order)
        if order.line is not None:
            self._care.after(order, order.line)

    def _order(self, buyer: Buyer, day: date) -> None:
        values: Values = {
            "customer": str(buyer.id),
            "customer_reference": f"PO-{self._random.randint(10000, 99999)}",
            "tax_rate": "0.13" if buyer.chinese else "0",
            "lines": self._deals.order_lines(buyer),
        }

        def placed(on: date, change: Change) -> None:
            self._orders.converted(on, buyer, change)

        act = Act(buyer.seller, "create", "sales_order", values=values, then_all=placed)
        self._timeline.at(day, act)


def _buyer(client: Client, customer: UUID) -> Buyer:
    return Buyer(customer, client.seller, client.company.chinese, client.size)


def channels_of(ctx: Context) -> dict[str, str]:
    """Return the names of the channels that the template starts with, by key."""
    return {
        starter.key: str(text_in(starter.values["name"], ctx.language))
        for starter in ctx.model.starter_records
        if starter.entity == "channel"
    }


def _products(ctx: Context, writer: Writer) -> dict[str, UUID]:
    """Write the catalogue; categories are found by the names that their starters gave them."""
    names = {
        starter.key: text_in(starter.values["name"], ctx.language)
        for starter in ctx.model.starter_records
        if starter.entity == "product_category"
    }
    articles = catalogue()
    payloads = [
        {
            "code": article.code,
            "name": article.name,
            "model": article.code,
            "category": {"name": names[article.category]},
            "kind": article.kind,
            "unit": article.unit,
            "list_price": f"{article.price}",
            "cost": f"{article.cost}",
            "warranty_months": 12 if article.kind == "goods" else None,
        }
        for article in articles
    ]
    change = writer.create(ctx, "product", payloads)
    return {article.code: id for article, id in zip(articles, change.ids, strict=True)}


def _at(ctx: Context, now: datetime) -> Context:
    """Return a context at another instant."""
    return replace(ctx, moment=moment_of(ctx.model, now=now))


def _id(ids: Mapping[str, UUID], key: str) -> str | None:
    return str(ids[key]) if key else None


def _below(key: str) -> Iterator[str]:
    """Yield a department and all below it."""
    yield key
    for department in DEPARTMENTS:
        if department.parent == key:
            yield from _below(department.key)
