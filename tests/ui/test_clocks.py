"""How the service levels of a record stand, and what a pool is about to take, is on its page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from boot.wiring import House
from engine.doors import Edit
from tests.conftest import TenantMaker
from tests.ui.conftest import Visitor, visits
from workflow.pools.returning import Returns
from workflow.service_levels.ticking import Ticking
from workflow.service_levels.timekeeper import Timekeeper

APP = """
format: 1
app: {name: desk, label: {zh: 服务台, en: Desk}, version: "1", languages: [zh, en]}
entities:
  ticket:
    label: {zh: 工单, en: Ticket}
    owned: true
    title: name
    fields:
      name: {type: text, required: true, label: {zh: 名称, en: Name}}
      waiting: {type: boolean, label: {zh: 等待, en: Waiting}}
      answered: {type: boolean, label: {zh: 已答复, en: Answered}}
  job: {label: Job, title: name, fields: {name: {type: text, required: true}}}
roles:
  agent: {label: Agent, rights: {ticket: {create: all, read: all, update: all}}}
service_levels:
  promise:
    label: {zh: 承诺, en: Promise}
    entity: ticket
    pause_when: waiting
    targets: {answer: {label: {zh: 响应, en: Answer}, within: 4h, stop_when: answered}}
    escalation: {late: {after: 1h, target: answer, steps: {n: {set: {waiting: waiting}}}}}
  care:
    label: Care
    entity: job
    targets:
      greet: {label: Greeting, within: 4h}
      check: {label: Check, within: 8h}
      answer: {label: Answer, within: 9h}
pools:
  free:
    label: {zh: 公海, en: Free ones}
    entity: ticket
    warn_before: 2d
    returns: {silent: {label: {zh: 无人答复, en: nobody answered}, when: 'not answered'}}
"""


@pytest.fixture(scope="module")
def desk(serving: House, tenant_of: TenantMaker) -> Visitor:
    return visits(serving, tenant_of(APP))("administrator")


def ticket(desk: Visitor, *, hours_ago: int) -> UUID:
    """Make a ticket as if that were some hours ago, with nobody its owner."""
    moment = desk.ctx.moment
    then = replace(moment, now=moment.now - timedelta(hours=hours_ago))
    ctx = replace(desk.ctx, moment=then)
    return desk.house.writer.create(ctx, "ticket", [{"name": "Pump", "owner": None}]).ids[0]


def clock_of(desk: Visitor, record: UUID, language: str = "en") -> tuple[str, str]:
    """Return the tone of a ticket's clock, and all that it says."""
    page = desk.get(f"/records/ticket/{record}", language=language).text
    [(tone, said)] = re.findall(r'<li class="clock is-(\w+)">(.*?)</li>', page, re.S)
    return tone, " ".join(unescape(re.sub(r"<[^>]+>", " ", said)).split())


@pytest.mark.parametrize(
    ("hours_ago", "tone", "said"),
    # The tenant was made some minutes ago at most.
    [(1, "calm", r"(3 h 0|2 h 5\d) min left"), (9, "late", r"5 h \d+ min over")],
)
def test_what_is_left_of_a_target_is_on_the_records_page(
    desk: Visitor, hours_ago: int, tone: str, said: str
) -> None:
    """Requirements V-21, V-10."""
    record = ticket(desk, hours_ago=hours_ago)

    found, text = clock_of(desk, record)

    assert found == tone
    assert re.match(f"Answer .*{said}", text)
    assert re.match("响应 .*(剩余|已超时) [0-9]+ 小时", clock_of(desk, record, "zh")[1])


def test_a_clock_that_waits_or_has_ended_says_so(desk: Visitor) -> None:
    record = ticket(desk, hours_ago=1)
    writer = desk.house.writer

    writer.update(desk.ctx, "ticket", [Edit(record, {"waiting": True})])
    paused = clock_of(desk, record)
    writer.update(desk.ctx, "ticket", [Edit(record, {"waiting": False, "answered": True})])
    ended = clock_of(desk, record)

    assert (paused[0], ended[0]) == ("paused", "over")
    assert "left" in paused[1] and "paused since" in paused[1]
    assert "In time" in ended[1] and "ended" in ended[1]


def test_what_a_pool_is_about_to_take_back_says_when_and_why(desk: Visitor) -> None:
    """Requirement C-15."""
    record = ticket(desk, hours_ago=0)
    desk.house.writer.update(desk.ctx, "ticket", [Edit(record, {"owner": str(desk.user)})])
    hands = desk.house.runner.hands
    Returns(desk.house.database, hands, lambda: (), lambda _: desk.ctx).look(desk.ctx)

    said = unescape(desk.get(f"/records/ticket/{record}").text)
    told = unescape(desk.get("/inbox?show=notices").text)

    assert "It goes back to “Free ones” at" in said
    assert "unless it is looked after: nobody answered." in said
    assert "无人答复" in desk.get(f"/records/ticket/{record}", language="zh").text
    assert "unless it is looked after: nobody answered" in told


def test_a_pool_says_what_comes_back_to_it(desk: Visitor) -> None:
    page = desk.get("/pools/free").text

    assert "What comes back here by itself: nobody answered" in page


def test_what_a_service_level_did_is_told_with_the_escalation_that_it_was(desk: Visitor) -> None:
    """Requirement V-21."""
    ticket(desk, hours_ago=6)
    keeper = Timekeeper(desk.house.runner.hands)
    Ticking(desk.house.database, keeper, lambda: (), lambda _: desk.ctx).look(desk.ctx)

    page = desk.get("/admin/automations/runs").text

    assert "Promise · 1 h too late" in page
    assert "承诺 · 超时 1 小时后" in desk.get("/admin/automations/runs", language="zh").text


def test_clocks_stand_in_the_order_of_the_app(desk: Visitor) -> None:
    """Requirement V-21: clocks that begin at one instant stand the same way on every record."""
    jobs = desk.house.writer.create(desk.ctx, "job", [{"name": f"Job {n}"} for n in range(6)]).ids

    for job in jobs:
        found = desk.house.services.pools.clocks(desk.ctx, "job", job)
        assert list(found) == ["greet", "check", "answer"]
