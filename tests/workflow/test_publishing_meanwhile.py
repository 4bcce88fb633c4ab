"""Runs that wait while the app changes: the plan tells of them, nothing is lost or done twice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from engine.planning import report
from engine.publish import Proposal
from engine.schema.revisions import Author
from engine.tenants.reshape import with_layer
from tests.workflow.conftest import Yard, Yards
from tests.workflow.test_waiting import SLOW, abouts
from workflow.run_book import Asked


def planned(yard: Yard, layer: str) -> Proposal:
    publisher, tenant = yard.house.publisher, yard.ctx.tenant
    return publisher.propose(tenant, with_layer(publisher.documents(tenant), layer, "t"))


def published(yard: Yard, layer: str) -> tuple[Yard, dict[str, tuple[str, int]]]:
    """Publish a layer; return the yard as it is then, and what the plan told of runs."""
    proposal = planned(yard, layer)
    done = yard.house.publisher.publish(
        yard.ctx.tenant, proposal, author=Author("T"), allow_loss=True
    )
    ctx = replace(yard.ctx, compiled=done.compiled, revision=done.revision)
    told: dict[str, tuple[str, int]] = {
        each.code: (each.verdict, each.rows)
        for each in proposal.plan.effects
        if each.code.startswith("runs_")
    }
    return replace(yard, ctx=ctx), told


def waiting(yards: Yards, automations: str = SLOW) -> Yard:
    """Return a yard in which one run has done its first step, and waits."""
    yard = yards(automations)
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    assert abouts(yard) == ["first"]
    return yard


def ended(yard: Yard) -> tuple[str, str]:
    (run,) = yard.runs("slow")
    return run.state, str((run.error or {}).get("code", ""))


RENAMED = "entities: {delivery: {fields: {state: {renamed_from: [status]}}}}"


def test_a_run_that_waits_follows_a_field_that_is_renamed(yard_with: Yards) -> None:
    """Requirement P-03, P-05."""
    yard, told = published(waiting(yard_with), RENAMED)

    yard.later(days=4).work()

    assert told == {}
    assert (abouts(yard), ended(yard)) == (["first", "second"], ("done", ""))


WITHOUT_PAUSE = "automations: {slow: {steps: {pause: {$retire: true}}}}"


def test_a_run_whose_step_goes_is_told_of_and_can_be_done_from_where_it_was(
    yard_with: Yards,
) -> None:
    """Requirement P-03, P-05."""
    yard, told = published(waiting(yard_with), WITHOUT_PAUSE)
    assert told == {"runs_lose_place": ("loses", 1)}

    yard = yard.later(days=4)
    yard.work()
    assert (abouts(yard), ended(yard)) == (["first"], ("stopped", "place_gone"))

    book = yard.house.services.runs
    (run,) = book.page(yard.ctx, Asked(automation="slow"))
    book.again(yard.ctx, run.id, from_step="second")
    yard.work()
    assert abouts(yard) == ["first", "second"]


@pytest.mark.parametrize("change", ["$retire: true", "active: false"])
def test_runs_of_an_automation_that_goes_end_unless_it_is_back_in_time(
    yard_with: Yards, change: str
) -> None:
    """Requirement P-03, P-05."""
    yard, told = published(waiting(yard_with), f"automations: {{slow: {{{change}}}}}")
    assert told == {"runs_end": ("loses", 1)}
    early = yard.later(days=1)
    early.work()
    assert ended(early)[0] == "waiting"

    publisher = yard.house.publisher
    back = publisher.propose(yard.ctx.tenant, publisher.documents(yard.ctx.tenant)[:1])
    done = publisher.publish(yard.ctx.tenant, back, author=Author("T"), allow_loss=True)
    yard = replace(yard, ctx=replace(yard.ctx, compiled=done.compiled, revision=done.revision))
    yard.later(days=4).work()
    assert (abouts(yard), ended(yard)) == (["first", "second"], ("done", ""))


def test_a_run_whose_automation_is_gone_when_its_time_comes_says_so(yard_with: Yards) -> None:
    yard, _ = published(waiting(yard_with), "automations: {slow: {$retire: true}}")

    yard.later(days=4).work()

    assert (abouts(yard), ended(yard)) == (["first"], ("stopped", "automation_gone"))


GONE = """
entities:
  delivery: {$retire: true}
  delivery_line: {$retire: true}
  customer: {fields: {received: {$retire: true}}}
  job: {fields: {about: {$retire: true}}}
automations: {slow: {$retire: true}}
"""


def test_runs_on_records_of_a_kind_that_goes_are_told_of_and_end(yard_with: Yards) -> None:
    yard, told = published(waiting(yard_with), GONE)

    yard.later(days=4).work()

    assert told == {"runs_end": ("loses", 1)}
    assert (abouts(yard), ended(yard)) == (["first"], ("stopped", "automation_gone"))


LONGER = "automations: {slow: {steps: {pause: {wait: 9d}}}}"


def test_a_run_that_waits_keeps_the_time_it_was_given(yard_with: Yards) -> None:
    yard, told = published(waiting(yard_with), LONGER)
    assert told == {"runs_keep_time": ("notice", 1)}

    yard.later(days=2).work()
    assert abouts(yard) == ["first"]
    yard.later(days=3, minutes=1).work()
    assert abouts(yard) == ["first", "second"]

    yard.create("delivery", {"code": "D-2"})
    yard.work()
    yard.later(days=8).work()
    assert abouts(yard) == ["first", "first", "second"]


MOVED = """
automations:
  slow:
    steps:
      first: {$after: pause}
      third: {$after: first, create: note, set: {about: '"third"'}}
"""


def test_a_step_that_was_done_is_not_done_again_where_it_was_moved_to(yard_with: Yards) -> None:
    """Requirement P-05."""
    yard, told = published(waiting(yard_with), MOVED)
    assert told == {"runs_go_on": ("notice", 1)}

    yard.later(days=4).work()

    assert abouts(yard) == ["first", "second", "third"]


def test_the_plan_says_in_words_what_becomes_of_runs_that_wait(yard_with: Yards) -> None:
    yard = waiting(yard_with)

    def said(layer: str, language: str) -> list[str]:
        found = report(planned(yard, layer), None, language)
        return [each.sentence for each in found.effects if each.code.startswith("runs_")]

    assert said("automations: {slow: {$retire: true}}", "en") == [
        "1 run of “Slow” waits, and ends when its time comes, with what was done so far, unless "
        "it is back by then. Under Automations › Runs it can be done again."
    ]
    assert said(LONGER, "zh") == [
        "“Slow”有 1 次运行已按原规则开始等待：仍在原定时间继续，之后按新步骤执行。"
    ]


MEMBERS = """
automations:
  slow:
    label: Slow
    trigger: {on: created, entity: customer}
    steps:
      first: {create: note, set: {about: '"first"'}}
      all:
        each: deliveries
        filter: 'status == "sent"'
        steps:
          pause: {wait: 1d}
          told: {create: note, set: {about: code}}
"""


@pytest.mark.parametrize("change", ["other status", "trash"])
def test_a_run_goes_on_though_the_member_it_waits_at_is_none_any_more(
    yard_with: Yards, change: str
) -> None:
    """Requirement P-05."""
    yard = yard_with(MEMBERS)
    customer = yard.create("customer", {"name": "Ada"})
    for code in ("D-1", "D-2", "D-3"):
        yard.create("delivery", {"code": code, "customer": str(customer)})
    yard.work()
    (run,) = yard.runs("slow")
    reached = UUID(run.place[1])
    code = yard.get("delivery", reached)["code"]
    if change == "trash":
        yard.house.writer.delete(yard.ctx, "delivery", [reached])
    else:
        yard.update("delivery", reached, status="received")

    for days in (1, 2, 3):
        yard.later(days=days, minutes=days).work()

    left_out = {code} if change == "trash" else set()
    assert abouts(yard) == sorted({"D-1", "D-2", "D-3", "first"} - left_out)
    assert ended(yard) == ("done", "")
