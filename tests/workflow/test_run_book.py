"""Runs as they are read, done again, and tried without a trace."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.errors import NotFound
from tests.workflow.conftest import Yard, Yards
from workflow.run_book import Asked, RunBook, RunUnderWay

APP = """
automations:
  ready:
    label: Ready
    trigger: {on: updated, entity: delivery, fields: [status]}
    when: 'status == "received" and previous.status != "received"'
    steps:
      first: {create: note, set: {about: code}}
      job: {create: job, set: {name: code, minutes: value}}
      pause: {wait: 2d}
      last: {set: {note: '"over"'}}
"""


@pytest.fixture(scope="module")
def ready(yard_with: Yards) -> Yard:
    return yard_with(APP)


def book(yard: Yard) -> RunBook:
    return yard.house.services.runs


def delivered(yard: Yard, **values: object) -> str:
    code = uuid4().hex[:8]
    delivery = yard.create("delivery", {"code": code, **values})
    yard.update("delivery", delivery, status="received")
    yard.work()
    return code


def test_a_run_tells_what_its_condition_read_and_how_long_each_step_took(ready: Yard) -> None:
    """Requirement P-05."""
    delivered(ready, value=5)

    (run,) = book(ready).page(ready.ctx, Asked(automation="ready", limit=1))

    assert run.steps[0].what == "begun"
    assert run.steps[0].words["values"] == {"status": "received", "previous.status": "sent"}
    assert [step.step for step in run.steps[1:]] == ["first", "job", "pause"]
    assert all(step.took >= 0 for step in run.steps)
    with pytest.raises(RunUnderWay):
        book(ready).again(ready.ctx, run.id)


def test_a_run_that_failed_is_done_again_from_the_step_that_failed(ready: Yard) -> None:
    code = delivered(ready, value=-5)
    (failed,) = book(ready).page(ready.ctx, Asked(state="failed", limit=1))
    assert (failed.steps[-1].step, failed.error) == ("job", failed.error)
    assert ("note", code) not in ready.rows("note", "about")
    assert failed.stand.record is not None
    ready.update("delivery", failed.stand.record, value=7)

    again = book(ready).again(ready.ctx, failed.id, from_step="job")
    ready.work()

    run = book(ready).one(ready.ctx, again)
    assert [step.step for step in run.steps] == ["job", "pause"]
    assert (code,) not in ready.rows("note", "about")
    assert (code, 7) in ready.rows("job", "name", "minutes")
    assert run.root == failed.root


def test_a_run_is_not_done_again_from_a_step_that_is_not_there(ready: Yard) -> None:
    delivered(ready, value=-5)
    (failed,) = book(ready).page(ready.ctx, Asked(state="failed", limit=1))

    with pytest.raises(NotFound):
        book(ready).again(ready.ctx, failed.id, from_step="nowhere")


def test_what_is_tried_is_told_whole_and_leaves_nothing(ready: Yard) -> None:
    delivery = ready.create("delivery", {"code": uuid4().hex[:8], "value": 3})
    before = (ready.rows("note", "about"), ready.rows("job", "name"), ready.runs())
    automation = ready.ctx.model.automations["ready"]

    trial = ready.house.services.trials.on(ready.ctx, automation, delivery)

    assert not trial.holds
    assert (trial.run.state, trial.run.steps[-1].step) == ("done", "last")
    made = {(each.entity, each.operation) for each in trial.changes}
    assert made >= {("note", "create"), ("job", "create"), ("delivery", "update")}
    note = next(each for each in trial.changes if each.record == delivery)
    assert "over" in note.after.values()
    assert (ready.rows("note", "about"), ready.rows("job", "name"), ready.runs()) == before
    assert ready.get("delivery", delivery)["note"] is None


def test_what_would_fail_says_where(ready: Yard) -> None:
    delivery = ready.create("delivery", {"code": uuid4().hex[:8], "value": -3})
    automation = ready.ctx.model.automations["ready"]

    trial = ready.house.services.trials.on(ready.ctx, automation, delivery)

    assert (trial.run.state, trial.run.steps[-1].step) == ("failed", "job")
