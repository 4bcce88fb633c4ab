"""Who reads more records in a short time than people do is told of (A-11)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection

from engine.audit.event import Event
from engine.audit.watch import LIMIT, READ, WINDOW, Watch
from engine.context import Context
from engine.tenants.taken import Takings
from tests.conftest import Installation, TenantMaker

APP = """
app: {name: watched, label: {en: Watched}}
settings:
  bulk_read_limit: {type: integer, default: 100, label: {en: Records in ten minutes}}
entities:
  customer: {label: {en: Customer}, fields: {name: {type: text}}}
"""


@dataclass(slots=True)
class Told:
    """An audit log and a clock that tests hold in their hands."""

    events: list[Event] = field(default_factory=list)
    now: float = 1.0

    def note(self, ctx: Context, event: Event) -> None:
        self.events.append(event)

    def within(self, connection: Connection, ctx: Context, events: object) -> None:
        raise AssertionError("reading changes nothing")

    def clock(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def tenant(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


@pytest.fixture
def ctx(tenant: Context) -> Context:
    return replace(tenant, actor=replace(tenant.actor, user=uuid4(), kind="person"))


@pytest.fixture
def told() -> Told:
    return Told()


@dataclass(slots=True)
class Shared:
    """What every process counts together; `asked` is how often one did."""

    totals: dict[tuple[UUID, datetime], int] = field(default_factory=dict)
    asked: int = 0

    def add(self, ctx: Context, since: datetime, records: int) -> int:
        self.asked += 1
        who = (ctx.actor.user, since)
        self.totals[who] = self.totals.get(who, 0) + records
        return self.totals[who]


@pytest.fixture
def shared() -> Shared:
    return Shared()


@pytest.fixture
def watch(told: Told, shared: Shared) -> Watch:
    return Watch(told, shared, clock=told.clock)


def test_too_much_is_told_once_with_its_number(ctx: Context, told: Told, watch: Watch) -> None:
    for _ in range(5):
        watch.count(ctx, "customer", 40)

    assert [(each.kind, each.entity, each.detail["records"]) for each in told.events] == [
        ("bulk_read", "customer", 120)
    ]


def test_what_is_read_slowly_is_not_told(ctx: Context, told: Told, watch: Watch) -> None:
    for _ in range(5):
        watch.count(ctx, "customer", 90)
        told.now += WINDOW + 1

    assert told.events == []


def test_each_person_counts_for_themselves(ctx: Context, told: Told, watch: Watch) -> None:
    other = replace(ctx, actor=replace(ctx.actor, user=uuid4()))

    watch.count(ctx, "customer", 90)
    watch.count(other, "customer", 90)

    assert told.events == []


def test_without_a_setting_the_limit_is_ours(
    ctx: Context, told: Told, watch: Watch, tenant_of: TenantMaker
) -> None:
    plain = tenant_of("app: {name: plain, label: {en: Plain}}\nentities: {}\n")
    person = replace(plain, actor=ctx.actor)

    watch.count(person, "customer", LIMIT)
    before = len(told.events)
    watch.count(person, "customer", 1)

    assert (before, len(told.events)) == (0, 1)


def test_the_system_reads_what_it_must(tenant: Context, told: Told, watch: Watch) -> None:
    watch.count(tenant, "customer", 1_000_000)

    assert told.events == []


def test_what_several_processes_show_is_counted_together_and_told_once(
    ctx: Context, told: Told, shared: Shared, watch: Watch
) -> None:
    other = Watch(told, shared, clock=told.clock)

    for _ in range(4):
        watch.count(ctx, "customer", 20)
        other.count(ctx, "customer", 20)

    assert [each.detail["records"] for each in told.events] == [120]


def test_who_reads_as_people_do_is_counted_in_memory_alone(
    ctx: Context, shared: Shared, watch: Watch
) -> None:
    for _ in range(9):
        watch.count(ctx, "customer", 1)

    assert shared.asked == 0


def test_the_registry_counts_for_all_processes_and_forgets_the_time_before(
    ctx: Context, installation: Installation
) -> None:
    takings = Takings(installation.database, READ)
    first, later = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)

    assert [takings.add(ctx, first, 40), takings.add(ctx, first, 2)] == [40, 42]
    assert takings.add(ctx, later, 5) == 5
    assert (takings.of(ctx, first), takings.of(ctx, later)) == (0, 5)
    assert takings.add(ctx, later, 6, most=10) is None
    assert takings.of(ctx, later) == 5
