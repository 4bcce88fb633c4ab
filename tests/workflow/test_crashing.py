"""Workers that are killed at any step: what was begun is done once, and nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import Connection

from boot.wiring import House, furnish
from engine.context import Context
from engine.database import Database
from engine.errors import Busy
from engine.jobs import Job
from tests.workflow.conftest import Yard, Yards, nobody, silent
from workflow import runner
from workflow.clock import Clock
from workflow.doing import Here, Outcome
from workflow.task import RunTask

APP = """
automations:
  chain:
    label: Chain
    trigger: {on: created, entity: delivery}
    steps:
      first: {create: note, set: {about: code}}
      second: {set: {note: code}}
      pause: {wait: 2d}
      third: {create: job, set: {name: code, about: id}}
      last: {set: {size: '"over"'}}
"""


@pytest.fixture(scope="module")
def chained(yard_with: Yards) -> Yard:
    return yard_with(APP)


def in_a_child(work: Callable[[], None]) -> None:
    """Do something in a process of its own, which ends without looking back."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def own_house(house: House) -> House:
    """The same services over connections of this process: the parent's are not its to use."""
    url = house.database.engine_of("default").url.render_as_string(hide_password=False)
    return furnish(house.settings, house.address, Database.connect(url))


def dies_at(step: str) -> None:
    """Have this process killed when a step of that name has just been done."""
    for act, perform in list(runner.ACTS.items()):

        def deadly(here: Here, done: object, perform: runner.Perform = perform) -> Outcome:
            outcome = perform(here, done)
            if here.name == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        runner.ACTS[act] = deadly  # type: ignore[index]


def worked(house: House, ctx: Context, run: UUID) -> None:
    task = RunTask(house.database, house.runner, lambda _: ctx, nobody)
    task.run(Job(0, ctx.tenant.name, {"runs": [str(run)]}, 1, silent))


def worked_at_last(yard: Yard, run: UUID) -> None:
    """Do a run as soon as the database has let go of whoever died at it."""
    while True:
        try:
            return worked(yard.house, yard.ctx, run)
        except Busy:
            sleep(0.05)


@pytest.mark.parametrize("step", ["first", "second", "third", "last"])
def test_a_worker_killed_at_a_step_has_done_nothing_and_another_does_it_once(
    chained: Yard, step: str
) -> None:
    """Requirement P-05."""
    code = f"D-{step}"
    delivery = chained.create("delivery", {"code": code})
    (run,) = [each for each in chained.runs("chain") if each.stand.record == delivery]
    later = chained.later(days=3)

    def killed(yard: Yard) -> None:
        def work() -> None:
            house = own_house(yard.house)
            dies_at(step)
            worked(house, yard.ctx, run.id)

        in_a_child(work)

    for yard in (chained, later):
        killed(yard)
        worked_at_last(yard, run.id)
        worked(yard.house, yard.ctx, run.id)

    assert [each for each in chained.rows("note", "about") if each == (code,)] == [(code,)]
    assert [each for each in chained.rows("job", "name") if each == (code,)] == [(code,)]
    assert chained.get("delivery", delivery)["size"] == "over"
    assert chained.house.services.runs.one(chained.ctx, run.id).state == "done"


def test_a_clock_killed_while_it_sets_off_what_is_due_sets_it_off_once(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  daily:
    label: Daily
    trigger: {on: schedule, entity: delivery, every: day, at: "09:00"}
    steps: {note: {create: note, set: {about: code}}}
""").at("2026-03-02 08:00")
    yard.create("delivery", {"code": "D-1"})
    yard.tick()
    due = yard.at("2026-03-02 09:05")

    def killed() -> None:
        house = own_house(due.house)

        def dies(connection: Connection, runs: object, *, bulk: bool = False) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        hands = replace(house.runner.hands, later=dies)
        Clock(house.database, runner.Runner(hands), lambda: [], lambda _: due.ctx).look(due.ctx)

    in_a_child(killed)

    assert due.tick() == 1
    assert due.tick() == 0
    due.work()
    assert due.rows("note", "about") == [("D-1",)]
