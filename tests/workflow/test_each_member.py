"""Steps for each member of very many: in parts, exactly once, and nobody in anybody's way."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from engine.jobs import Job
from metamodel.actions import CreateRecord
from tests.workflow.conftest import Yard, Yards, nobody, silent
from tests.workflow.test_crashing import in_a_child, own_house, worked_at_last
from tests.workflow.test_crashing import worked as work_at
from workflow import members, runner
from workflow.doing import Here, Outcome
from workflow.runs import Run
from workflow.task import RunTask

EACH = """
automations:
  tell:
    label: Tell
    trigger: {on: updated, entity: customer, fields: [state]}
    when: 'state == "good"'
    steps:
      begun: {create: note, set: {about: '"begun"'}}
      all:
        each: deliveries
        filter: 'this.state == "good" and status == "sent"'
        singly: true
        steps:
          got: {set: {note: 'code & "!"'}}
          job: {create: job, set: {name: code, about: id, minutes: value}}
        refused:
          mark: {set: {size: input.refusal}}
      over: {create: note, set: {about: '"over"'}}
"""


def customer_with(yard: Yard, values: list[int]) -> UUID:
    customer = yard.create("customer", {"name": "C", "state": "bad"})
    rows = [
        {"code": f"D-{at:03d}", "value": str(value), "customer": str(customer)}
        for at, value in enumerate(values)
    ]
    yard.house.writer.create(yard.ctx, "delivery", rows)
    return customer


def begun(yard: Yard, customer: UUID) -> Run:
    yard.update("customer", customer, state="good")
    return yard.runs("tell")[-1]


def go_on(yard: Yard, run: Run) -> Run:
    task = RunTask(yard.house.database, yard.house.runner, lambda _: yard.ctx, nobody)
    task.run(Job(0, yard.ctx.tenant.name, {"runs": [str(run.id)]}, 1, silent))
    return yard.house.services.runs.one(yard.ctx, run.id)


def told(run: Run) -> Any:
    """Return what the run tells of the step itself. Any: JSON of every shape."""
    (found,) = [each for each in run.steps if "members" in each.words]
    return dict(found.words)


@pytest.fixture
def by_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SINGLY", 4)


@pytest.mark.usefixtures("by_four")
def test_what_cannot_be_done_for_one_member_is_told_and_stops_none_of_the_others(
    yard_with: Yards,
) -> None:
    """Requirement M-12."""
    yard = yard_with(EACH)
    # A job of fewer than no minutes is refused.
    run = begun(yard, customer_with(yard, [1, -2, 3, 4, 5, -6, 7, 8, 9, 10]))

    seen = []
    while run.state == "waiting":
        run = go_on(yard, run)
        seen.append((run.state, told(run)["reached"]))
        assert len(yard.rows("job", "id")) == told(run)["reached"] - told(run).get("failed", 0)

    assert seen == [("waiting", 4), ("waiting", 8), ("done", 10)]
    assert told(run) == {"members": 10, "reached": 10, "failed": 2}
    failed = [each for each in run.steps if each.what == "failed"]
    assert [each.words["code"] for each in failed] == ["record_refused"] * 2
    assert sorted(size for (size,) in yard.rows("delivery", "size") if size) == [
        "record_refused", "record_refused",
    ]  # fmt: skip
    noted = dict(yard.rows("delivery", "code", "note"))
    # All of that member is taken back, what was done for it before included.
    assert {code for code, note in noted.items() if note is None} == {"D-001", "D-005"}
    assert sorted(yard.rows("note", "about")) == [("begun",), ("over",)]


@pytest.mark.usefixtures("by_four")
def test_a_worker_killed_between_members_has_each_done_exactly_once(yard_with: Yards) -> None:
    """Requirement M-12."""
    yard = yard_with(EACH)
    run = go_on(yard, begun(yard, customer_with(yard, [*range(10)])))

    def killed() -> None:
        house = own_house(yard.house)
        perform, count = runner.ACTS[CreateRecord], Counter[str]()

        def deadly(here: Here, act: Any) -> Outcome:  # Any: an act that makes a record
            outcome = perform(here, act)
            count["made"] += 1
            if count["made"] == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        runner.ACTS[CreateRecord] = deadly  # type: ignore[index]
        work_at(house, yard.ctx, run.id)

    in_a_child(killed)
    assert len(yard.rows("job", "id")) == 4, "the part that was under way is taken back"
    worked_at_last(yard, run.id)
    yard.work()

    made = Counter(name for (name,) in yard.rows("job", "name"))
    assert made == {f"D-{at:03d}": 1 for at in range(10)}
    assert sorted(yard.rows("note", "about")) == [("begun",), ("over",)]


@pytest.mark.usefixtures("by_four")
def test_a_condition_that_ends_to_hold_stops_what_is_left(yard_with: Yards) -> None:
    """Requirement M-12."""
    yard = yard_with(EACH)
    customer = customer_with(yard, [*range(10)])
    run = go_on(yard, begun(yard, customer))
    yard.update("customer", customer, state="bad")

    run = go_on(yard, run)

    assert run.state == "done"
    assert told(run) == {"members": 10, "reached": 4}
    assert len(yard.rows("job", "id")) == 4


def test_of_many_members_only_the_first_are_told_in_full(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.tally.TOLD", 3)
    yard = yard_with(EACH)
    run = go_on(yard, begun(yard, customer_with(yard, [1, 2, 3, 4, 5, -1, 7])))

    kinds = Counter(each.what for each in run.steps)
    assert (kinds["done"], kinds["failed"]) == (1 + 1 + 3 * 2 + 1, 1)
    assert told(run) == {"members": 7, "failed": 1}
    assert len(yard.rows("job", "id")) == 6


def test_a_collection_of_more_members_than_can_be_gone_through_is_said_to_be_so(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 5)
    yard = yard_with(EACH)
    run = go_on(yard, begun(yard, customer_with(yard, [*range(6)])))

    assert run.state == "failed"
    assert run.error is not None
    assert run.error["code"] == "members_too_many"
    assert yard.rows("note", "about") == []
