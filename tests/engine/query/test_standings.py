"""A pipeline's past, held against a plain walk over what was done to each record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.access.policy import Policy
from engine.errors import NotFound
from engine.query.parse import parse_filter
from engine.query.reader import Records
from engine.query.spec import ListQuery, Mark, MarkKind, Span
from engine.query.standings import BRIDGE, PastQuery, Standings
from formula.backends.contract import Moment
from tests.budget import examples
from tests.conftest import Installation, TenantMaker
from tests.engine.records.shop import Shop

APP = """
format: 1
app: {name: past, label: Past, version: "1.0", timezone: Asia/Shanghai}
entities:
  deal:
    label: Deal
    title: name
    owned: true
    fields: {name: {type: text}, amount: {type: money}, due: {type: date}}
    pipelines:
      sales:
        field: stage
        stages:
          open: {label: Open}
          sent: {label: Sent}
          won: {label: Won, ends: won}
          lost: {label: Lost, ends: lost}
roles:
  seller: {label: Seller, rights: {deal: {read: own, create: all}}, fields: {deal: {amount: none}}}
"""

BEGIN = date(2026, 3, 2)

DAYS = 6

STAGES = ("open", "sent", "won", "lost")


@dataclass(frozen=True, slots=True)
class State:
    """What a record is at the end of a day."""

    stage: str
    amount: Decimal
    due: int


@dataclass(slots=True)
class Story:
    """What a record was at the end of each day it was changed on."""

    states: dict[int, State] = field(default_factory=dict)

    def at(self, day: int | None) -> State | None:
        known = [each for each in self.states if day is not None and each <= day]
        return self.states[max(known)] if known else None


states = st.builds(
    State,
    st.sampled_from(STAGES),
    st.integers(0, 9).map(Decimal),
    st.integers(0, 9),
)
stories = st.builds(Story, st.dictionaries(st.integers(0, DAYS), states, min_size=1, max_size=4))


@pytest.fixture(scope="module")
def past(tenant_of: TenantMaker, installation: Installation) -> Shop:
    return Shop.open(tenant_of(APP), installation.database)


def on(shop: Shop, day: int) -> Shop:
    """Return the shop at ten in the morning of a day."""
    instant = datetime(2026, 3, 2, 2, tzinfo=UTC) + timedelta(days=day)
    moment = Moment(instant, BEGIN + timedelta(days=day), "Asia/Shanghai")
    return replace(shop, ctx=replace(shop.ctx, moment=moment))


def lived(shop: Shop, story: Story, batch: str) -> None:
    """Have a record go through its story."""
    record = None
    for day, state in sorted(story.states.items()):
        values: dict[str, Any] = {
            "stage": state.stage,
            "amount": str(state.amount),
            "due": (BEGIN + timedelta(days=state.due)).isoformat(),
        }
        if record is None:
            record = on(shop, day).create("deal", {"name": batch, **values})
        else:
            on(shop, day).update("deal", record, values)


def inside(state: State | None, by: int | None) -> bool:
    return state is not None and active(state) and (by is None or state.due <= by)


def active(state: State | None) -> bool:
    return state is not None and state.stage in ("open", "sent")


def parts(story: Story, since: int, until: int, by: int | None) -> dict[MarkKind, Decimal]:
    """Return what one record adds to each part of the bridge, told in plain words."""
    old, new = story.at(since), story.at(until)
    if new is None:
        return {}
    counts, won = inside(new, by), new.stage == "won"
    closing: dict[MarkKind, Decimal] = {"closing": new.amount} if counts else {}
    if old is not None and inside(old, by):
        return {"opening": old.amount, **moved(old, new, counts=counts), **closing}
    if old is not None and active(old):
        entered: MarkKind | None = "brought" if counts or won else None
    else:
        fresh = won and (old is None or old.stage == "lost")
        entered = "added" if counts or fresh or (old is None and new.stage == "lost") else None
    if entered is None:
        return {}
    return {entered: new.amount, **left(new), **closing}


def moved(old: State, new: State, *, counts: bool) -> dict[MarkKind, Decimal]:
    """Return what became of a record that counted at the beginning."""
    if not counts and active(new):
        return {"slipped": -old.amount}
    if new.amount == old.amount:
        return left(new)
    change: MarkKind = "grown" if new.amount > old.amount else "shrunk"
    return {change: new.amount - old.amount, **left(new)}


def left(new: State) -> dict[MarkKind, Decimal]:
    if new.stage == "won":
        return {"won": -new.amount}
    return {"lost": -new.amount} if new.stage == "lost" else {}


@settings(
    max_examples=examples(4),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(stories, min_size=1, max_size=5),
    st.integers(-1, DAYS - 1),
    st.integers(1, 4),
    st.none() | st.integers(0, 9),
)
def test_what_became_of_the_open_amount_is_what_a_plain_walk_finds(
    past: Shop, told: list[Story], since: int, length: int, by: int | None
) -> None:
    """Every mark counts what it opens, and the parts add up to the end (T-*, ux "Stages")."""
    batch = f"B{datetime.now(UTC).timestamp()}"
    for story in told:
        lived(past, story, batch)
    ctx = on(past, DAYS + 1).ctx
    until = min(since + length, DAYS)
    span = Span(
        "sales",
        BEGIN + timedelta(days=until),
        BEGIN + timedelta(days=since),
        *(("due", BEGIN + timedelta(days=by)) if by is not None else ()),
    )
    own = parse_filter(ctx, "deal", f'name == "{batch}"')
    records = Records(past.database, Policy(past.database), "secret")

    bridge = Standings(past.database, Policy(past.database)).told(
        ctx, PastQuery("deal", span, "bridge", own)
    )

    walked = [parts(story, since, until, by) for story in told]
    for mark in bridge.marks:
        mine = [each[mark.kind] for each in walked if mark.kind in each]
        listed = ListQuery("deal", filter=own, mark=Mark(span, mark.kind), count="exact")
        assert (mark.kind, mark.count, mark.amount) == (mark.kind, len(mine), sum(mine))
        assert records.find(ctx, listed).total == mark.count
    amounts = {mark.kind: mark.amount or 0 for mark in bridge.marks}
    assert sum(amounts[kind] for kind in BRIDGE[:-1]) == amounts["closing"]


@settings(
    max_examples=examples(4),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(stories, min_size=1, max_size=5), st.integers(0, DAYS), st.integers(-1, DAYS))
def test_a_pipeline_as_of_a_day_and_its_funnel_are_a_plain_count(
    past: Shop, told: list[Story], until: int, since: int
) -> None:
    batch = f"F{datetime.now(UTC).timestamp()}"
    for story in told:
        lived(past, story, batch)
    ctx = on(past, DAYS + 1).ctx
    span = Span("sales", BEGIN + timedelta(days=until), BEGIN + timedelta(days=since))
    own = parse_filter(ctx, "deal", f'name == "{batch}"')
    standings = Standings(past.database, Policy(past.database))

    stood = standings.told(ctx, PastQuery("deal", span, "as_of", own)).of("stood")
    funnel = standings.told(ctx, PastQuery("deal", span, "funnel", own))

    ends = [each.at(until) for each in told]
    for stage in STAGES:
        there = [state.amount for state in ends if state is not None and state.stage == stage]
        assert (stood[stage].count, stood[stage].amount) == (len(there), sum(there))
    cohort = [each for each in told if since < min(each.states) <= until]
    come = [furthest(each, until) for each in cohort]
    reached, fell = funnel.of("reached"), funnel.of("fell")
    for place, stage in enumerate(("open", "sent", "won"), start=1):
        assert reached[stage].count == sum(each >= place for each in come)
        assert fell[stage].count == sum(
            far == place
            and story.states[max(d for d in story.states if d <= until)].stage == "lost"
            for far, story in zip(come, cohort, strict=True)
        )
    counts = [reached[stage].count for stage in ("open", "sent", "won")]
    assert all(one >= other for one, other in pairwise(counts))


def furthest(story: Story, until: int) -> int:
    """Return how far a record came: 0 where it never was in a stage that leads on."""
    order = ("open", "sent", "won")
    seen = [state.stage for day, state in story.states.items() if day <= until]
    return max((order.index(stage) + 1 for stage in seen if stage in order), default=0)


def test_who_may_not_read_the_amount_is_told_numbers_and_nothing_of_growth(past: Shop) -> None:
    seller = past.acting(kind="person", roles=("seller",))
    span = Span("sales", BEGIN + timedelta(days=DAYS), BEGIN)
    policy = Policy(past.database)
    records = Records(past.database, policy, "secret")

    bridge = Standings(past.database, policy).told(seller.ctx, PastQuery("deal", span, "bridge"))

    assert {mark.amount for mark in bridge.marks} == {None}
    assert "grown" not in {mark.kind for mark in bridge.marks}
    with pytest.raises(NotFound):
        records.find(seller.ctx, ListQuery("deal", mark=Mark(span, "grown")))
    with pytest.raises(NotFound):
        records.find(seller.ctx, ListQuery("deal", mark=Mark(span, "stood", "nowhere")))
