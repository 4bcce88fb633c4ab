"""The demo's year: written through the same doors as everybody's work, and true to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from boot.demo import PERSONS, Filled, fill
from boot.demo.cast import clients
from boot.demo.sharing import share
from engine.access.policy import Policy
from engine.access.shares import Shares
from engine.audit.log import AuditLog
from engine.context import Actor, Context
from engine.database import Database, driver_of
from engine.doors import Reader
from engine.query.reader import Records as Reading
from engine.query.spec import AggregateQuery, ListQuery, Row
from engine.records.recompute import check
from engine.records.writer import Records as Writing
from engine.tenants.people import actor_of, actor_sentence
from engine.tenants.starters import plant
from engine.values.sending import said
from metamodel import bundle, parse_formula, read_app
from tests.conftest import Installation, TenantMaker

pytestmark = pytest.mark.thorough
"""A year takes a while; by hand it is written for the journeys of those who work with it."""

TEMPLATE = Path(__file__).parents[3] / "apps" / "crm_template.yaml"


@dataclass(frozen=True, slots=True)
class Demo:
    ctx: Context
    database: Database
    reader: Reader
    filled: Filled
    progress: tuple[float, ...]

    def rows(self, entity: str) -> tuple[Row, ...]:
        pages: list[Row] = []
        cursor: str | None = None
        while True:
            page = self.reader.find(self.ctx, ListQuery(entity, limit=500, cursor=cursor))
            pages += page.rows
            cursor = page.next
            if cursor is None:
                return tuple(pages)

    def as_person(self, email: str) -> Context:
        tenant, user = self.ctx.tenant, self.filled.users[email]
        question = said(actor_sentence(self.ctx.compiled), tenant, {"who": user})
        with self.database.reading(self.ctx) as connection:
            actor = actor_of(user, driver_of(connection).execute(*question).fetchall())
        assert isinstance(actor, Actor)
        return replace(self.ctx, actor=actor)


@pytest.fixture(scope="module")
def demo(installation: Installation, tenant_of: TenantMaker) -> Iterator[Demo]:
    ctx = tenant_of(bundle([read_app(TEMPLATE)]))
    access = Policy(installation.database)
    reader = Reading(installation.database, access, "a secret of tests")
    writer = Writing(installation.database, access)
    plant(ctx, writer)
    heard: list[float] = []
    filled = fill(ctx, reader=reader, writer=writer, progress=heard.append)
    yield Demo(ctx, installation.database, reader, filled, tuple(heard))


PLENTY = {
    "customer": 60, "contact": 120, "product": 20, "opportunity": 110, "quote": 80,
    "sales_order": 50, "receivable_plan": 90, "payment": 70, "return_order": 3, "ticket": 50,
    "lead": 100, "activity": 200, "visit_plan": 40, "task": 100, "calendar_event": 8, "campaign": 8,
    "channel_stat": 30, "partner": 4, "landing_page": 3, "web_message": 5, "asset": 40,
    "service_contract": 8, "kb_article": 10, "survey_answer": 50, "user_voice": 8,
    "competitor": 4, "price_book": 1, "delivery": 30, "invoice": 25, "invoice_profile": 20,
    "contract": 5, "expense": 10,
}  # fmt: skip


@pytest.mark.parametrize("entity", PLENTY)
def test_there_is_enough_of_everything_to_look_at(demo: Demo, entity: str) -> None:
    assert len(demo.rows(entity)) >= PLENTY[entity]


def test_no_stored_value_differs_from_what_it_must_be(demo: Demo) -> None:
    assert list(check(demo.database, demo.ctx)) == []


def test_balances_are_one_figure_on_orders_customers_and_receivables(demo: Demo) -> None:
    orders, customers = demo.rows("sales_order"), demo.rows("customer")
    directly = _sum(demo.rows("contract"), "owed_directly")

    assert _sum(orders, "outstanding") + directly == _sum(customers, "outstanding") > directly > 0
    for order in orders:
        parts = ("returned", "received", "written_off", "outstanding")
        assert order.values["total"] == sum((_money(order, part) for part in parts), Decimal(0))


def test_some_payments_cover_several_instalments(demo: Demo) -> None:
    lines = [row.values["payment"] for row in demo.rows("payment_line")]

    assert len(lines) > len({str(line) for line in lines}) > 0


def test_every_stage_of_selling_is_taken_and_won_deals_fill_a_year(demo: Demo) -> None:
    deals = demo.rows("opportunity")
    stages = {row.values["stage"] for row in deals}
    months = {row.values["close_date"].replace(day=1) for row in deals if _is(row, "won")}

    assert stages == {"lead", "qualify", "proposal", "negotiation", "won", "lost"}
    assert len(months) >= 10


def test_some_customers_were_leads_before(demo: Demo) -> None:
    converted = [row for row in demo.rows("lead") if _is(row, "converted")]
    brought = [row for row in demo.rows("customer") if row.values["source_lead"]]
    ends = {row.values["stage"] for row in demo.rows("lead")}

    assert len(converted) == len(brought) >= 10
    assert ends >= {"converted", "invalid", "recycled", "following", "new"}


def test_nothing_happened_today_or_later_or_on_a_weekend(demo: Demo) -> None:
    days = [
        row.values["created_at"].astimezone(_zone(demo)).date() for row in demo.rows("sales_order")
    ]

    assert max(days) < demo.ctx.moment.today
    assert min(days) > demo.ctx.moment.today - timedelta(days=450)
    assert {day.weekday() for day in days} <= {0, 1, 2, 3, 4}


def test_each_salesperson_sees_own_customers_and_the_manager_sees_all(demo: Demo) -> None:
    counts = {
        person.role + person.language: _count(demo, demo.as_person(person.email), "customer")
        for person in PERSONS
    }

    assert counts["saleszh"] + counts["salesen"] == counts["sales_managerzh"] == 60
    assert min(counts["saleszh"], counts["salesen"]) > 10


def test_the_map_the_age_of_debts_and_the_desk_of_service_have_something_to_show(
    demo: Demo,
) -> None:
    """Provinces, debts of several ages, machines whose warranty cannot be told, fresh tickets."""
    provinces = {row.values["province"] for row in demo.rows("customer")} - {None}
    aging = parse_formula(demo.ctx.model, "receivable_plan", "aging")
    query = AggregateQuery(
        "receivable_plan",
        group_by={"age": aging},
        measures={"n": parse_formula(demo.ctx.model, "receivable_plan", "COUNT()", measure=True)},
    )
    ages = {row["age"] for row in demo.reader.aggregate(demo.ctx, query).rows}

    assert len(provinces) > 20
    assert len(ages - {"paid"}) >= 3
    assert any(row.values["install_date"] is None for row in demo.rows("asset"))
    assert any(row.values["first_response_at"] is None for row in demo.rows("ticket"))
    assert sum(bool(row.values["satisfaction"]) for row in demo.rows("ticket")) >= 50


def test_every_person_of_the_demo_has_a_row_of_their_own(demo: Demo) -> None:
    assert {person.email for person in PERSONS} == set(demo.filled.users)
    assert len(set(demo.filled.users.values())) == len(PERSONS)
    assert all(isinstance(user, UUID) for user in demo.filled.users.values())


def test_progress_grows_up_to_the_last_day(demo: Demo) -> None:
    assert list(demo.progress) == sorted(demo.progress)
    assert 0 <= demo.progress[0] < 0.05
    assert 0.95 < demo.progress[-1] <= 1


def test_one_seed_makes_the_same_customers() -> None:
    assert list(clients(Random(7))) == list(clients(Random(7)))
    assert list(clients(Random(7))) != list(clients(Random(8)))


def test_no_address_of_the_demo_belongs_to_anybody() -> None:
    everybody = [client.values for client in clients(Random(7))]
    everybody += [values for client in clients(Random(7)) for values in client.contacts]

    assert all(str(values["email"]).endswith(".example") for values in everybody)
    assert all(str(values["email"]).isascii() for values in everybody)
    assert all(person.email.endswith(".example") for person in PERSONS)


def _count(demo: Demo, ctx: Context, entity: str) -> int:
    measure = parse_formula(ctx.model, entity, "COUNT()", measure=True)
    (row,) = demo.reader.aggregate(ctx, AggregateQuery(entity, measures={"n": measure})).rows
    return int(str(row["n"]))


def _sum(rows: tuple[Row, ...], field: str) -> Decimal:
    return sum((_money(row, field) for row in rows), Decimal(0))


def _money(row: Row, field: str) -> Decimal:
    value = row.values[field]
    assert isinstance(value, Decimal)
    return value


def _is(row: Row, stage: str) -> bool:
    return row.values["stage"] == stage


def _zone(demo: Demo) -> ZoneInfo:
    return ZoneInfo(demo.ctx.model.app.timezone)


def test_in_the_end_customers_are_shared_and_somebody_stands_in(demo: Demo) -> None:
    """A-05: the screens of rights have something to show."""
    access = Policy(demo.database)
    shares = Shares(demo.database, access, AuditLog(demo.database))
    seller, emma = (demo.as_person(f"{each}@joinery.example") for each in ("sales", "emma"))
    mine, before = _count(demo, seller, "customer"), _count(demo, emma, "customer")

    share(demo.ctx, demo.filled.users, reader=demo.reader,
          writer=Writing(demo.database, access), shares=shares)  # fmt: skip

    emma = demo.as_person("emma@joinery.example")
    assert _count(demo, emma, "customer") == before + mine
    rows = demo.reader.find(seller, ListQuery("customer", limit=100)).rows
    given = [each for row in rows for each in shares.shares_of(seller, "customer", row.id)]
    assert {each.kind for each in given} == {"person", "role"}
    assert {each.right for each in given} == {"read", "write"}
