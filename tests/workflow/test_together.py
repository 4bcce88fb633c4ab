"""Automations over many records: one write for each step, the same in the end as one by one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from engine.doors import Bulk
from engine.errors import RecordRefused
from engine.jobs import Job
from engine.records.setwise.fitting import why_not
from engine.records.setwise.obstacles import why_not_set
from tests.workflow.conftest import Yard, Yards, nobody, silent
from workflow import runner, spreading
from workflow.runs import Run, newest
from workflow.task import RunTask

NIGHT, MORNING = "2026-03-02 01:00", "2026-03-02 03:00"

MANY = """
automations:
  received:
    label: Received
    trigger: {on: schedule, entity: delivery, cron: "0 2 * * *"}
    when: 'status == "sent"'
    steps:
      get: {set: {status: '"received"', note: 'code & "!"'}}
      job: {create: job, set: {name: code, about: id, customer: customer, minutes: value}}
      over: {when: 'value > 100', set: {size: '"large"'}}
  after:
    label: After
    trigger: {on: updated, entity: delivery, fields: [status]}
    when: 'status == "received" and value > 50'
    steps: {note: {create: note, set: {about: '"after " & code'}}}
  listed:
    label: Listed
    trigger: {on: created, entity: job}
    steps:
      note: {create: note, set: {about: '"job " & name'}}
      first: {find: customer, filter: 'name == "C0"'}
      theirs: {set: {customer: input.first, minutes: minutes + 1}}
"""


def deliveries(yard: Yard, count: int, **values: Any) -> None:
    customers = [yard.create("customer", {"name": f"C{at}"}) for at in range(3)]
    rows = [
        {"code": f"D-{at:03d}", "value": str(at), "customer": str(customers[at % 3]), **values}
        for at in range(count)
    ]
    yard.house.writer.bulk(yard.ctx, "delivery", Bulk(create=rows))


def waiting(yard: Yard) -> list[Run]:
    with yard.house.database.reading(yard.ctx) as connection:
        runs = newest(connection, yard.ctx, "", 2000)
    return [run for run in runs[::-1] if run.state == "waiting"]


def work_at_once(yard: Yard) -> None:
    """Run all that waits as one job, until nothing does."""
    task = RunTask(yard.house.database, yard.house.runner, lambda name: yard.ctx, nobody)
    while runs := [str(run.id) for run in waiting(yard)]:
        task.run(Job(0, yard.ctx.tenant.name, {"runs": runs}, 1, silent))


def work_one_by_one(yard: Yard) -> None:
    task = RunTask(yard.house.database, yard.house.runner, lambda name: yard.ctx, nobody)
    while runs := waiting(yard):
        for run in runs:
            task.run(Job(0, yard.ctx.tenant.name, {"runs": [str(run.id)]}, 1, silent))


def everything(yard: Yard) -> list[Any]:
    """Return all that is there, and what is kept of how it came to be."""
    changes = yard.ctx.compiled.tables.of("sys_change")
    fields = yard.ctx.model.entities["sys_change"].fields
    with yard.house.database.reading(yard.ctx) as connection:
        kept = connection.execute(select(*(
            changes.c[fields[key].column]
            for key in ("entity", "operation", "computed", "before", "after")
        ))).all()  # fmt: skip
        runs = newest(connection, yard.ctx, "", 5000)
    told = Counter(
        (entity, operation, computed, str(sorted(before)), str(_plain(after)))
        for entity, operation, computed, before, after in kept
        if not (entity == "customer" and computed)
    )
    return [
        sorted(yard.rows("customer", "name", "received")),
        sorted(yard.rows("delivery", "code", "status", "note", "size"), key=str),
        sorted(yard.rows("job", "name", "minutes")),
        sorted(yard.rows("note", "about")),
        told,
        Counter((run.automation, run.chain, run.state, len(run.steps)) for run in runs),
    ]


def _plain(after: dict[str, Any]) -> list[tuple[str, Any]]:
    links = ("id", "about", "customer", "job", "owner", "department")
    return sorted((key, value) for key, value in after.items() if key not in links)


def test_many_runs_at_once_do_what_they_do_one_by_one(yard_with: Yards) -> None:
    """Requirement P-05."""
    at_once, one_by_one = (yard_with(MANY).at(NIGHT) for _ in range(2))
    for yard in (at_once, one_by_one):
        deliveries(yard, 130)
        yard.tick()
        assert yard.at(MORNING).tick() == 130
    work_at_once(at_once.at(MORNING))
    work_one_by_one(one_by_one.at(MORNING))

    assert everything(at_once) == everything(one_by_one)
    entity = at_once.ctx.model.entities["delivery"]
    assert why_not_set(at_once.ctx.compiled, entity, frozenset({"status", "note"})) == ""
    assert why_not(at_once.ctx.compiled, entity) == ""
    roots = {run.stand.record: run.root for run in runs_of(at_once, "received")}
    after = runs_of(at_once, "after")
    assert len(after) == 79
    assert all(run.root == roots[run.stand.record] for run in after), "whose chain is it?"
    assert {run.root for run in runs_of(at_once, "listed")} == set(roots.values())


def runs_of(yard: Yard, automation: str) -> list[Run]:
    with yard.house.database.reading(yard.ctx) as connection:
        return newest(connection, yard.ctx, automation, 2000)


def test_one_that_cannot_be_done_holds_none_of_the_others_up(yard_with: Yards) -> None:
    yard = yard_with(MANY).at(NIGHT)
    deliveries(yard, 8)
    # Nobody works less than no time at all.
    broken = yard.create("delivery", {"code": "D-bad", "value": "-1"})
    yard.tick()
    yard.at(MORNING).tick()
    work_at_once(yard.at(MORNING))

    states = {run.stand.record: run.state for run in runs_of(yard, "received")}
    assert states.pop(broken) == "failed"
    assert set(states.values()) == {"done"} and len(states) == 8
    assert yard.get("delivery", broken)["status"] == "sent"
    assert len(yard.rows("job", "name")) == 8


GIVEN = """
automations:
  give:
    label: Give
    trigger: {on: created, entity: customer}
    steps: {give: {assign: {way: WAY, roles: [seller]}}}
roles:
  seller: {label: Seller, rights: {customer: {read: own}}}
"""


@pytest.mark.parametrize("way", ["round_robin", "least_busy"])
def test_records_that_are_imported_are_given_out_evenly(yard_with: Yards, way: str) -> None:
    yard = yard_with(GIVEN.replace("WAY", way))
    people = [
        yard.create("user", {"name": f"P{at}", "email": f"p{at}@x.org", "roles": ["seller"]})
        for at in range(3)
    ]
    yard.create("customer", {"name": "First", "owner": str(people[1])})
    yard.work()
    rows = [{"name": f"C{at}"} for at in range(150)]
    yard.house.writer.bulk(yard.ctx, "customer", Bulk(create=rows, atomic=False))
    work_at_once(yard)

    held = Counter(owner for (owner,) in yard.rows("customer", "owner"))
    assert sum(held.values()) == 151
    assert max(held.values()) - min(held.values()) <= 1
    assert set(held) == set(people)


BORN = """
automations:
  large:
    label: Large
    trigger: {on: created, entity: delivery}
    when: 'value >= 100 and customer.name == "C0"'
    steps: {mark: {set: {size: '"large"'}}}
  at_once:
    label: At once
    immediate: true
    trigger: {on: created, entity: delivery}
    when: 'value == 7'
    steps: {mark: {set: {note: '"seven"'}}}
  never:
    label: Never
    immediate: true
    trigger: {on: created, entity: delivery}
    when: 'value == 1000'
    steps: {wrong: {create: job, set: {name: code, minutes: '-1'}}}
"""


def test_records_that_come_in_masses_set_off_what_they_do_one_by_one(yard_with: Yards) -> None:
    yard = yard_with(BORN)
    deliveries(yard, 130)

    found = runs_of(yard, "large")
    assert len(found) == 10
    assert {run.steps[0].words["values"]["value"] for run in found} == {  # type: ignore[index]
        f"{at}.00" for at in range(102, 130, 3)
    }
    assert [row for row in yard.rows("delivery", "code", "note") if row[1]] == [("D-007", "seven")]
    work_at_once(yard)
    assert [code for code, size in yard.rows("delivery", "code", "size") if size] == [
        f"D-{at}" for at in range(102, 130, 3)
    ]


def test_what_an_immediate_automation_refuses_of_many_is_refused_alone(yard_with: Yards) -> None:
    yard = yard_with(BORN)
    rows = [{"code": f"D-{at}", "value": "1000" if at == 50 else "1"} for at in range(120)]
    with pytest.raises(RecordRefused, match="automation_failed, out_of_range"):
        yard.house.writer.bulk(yard.ctx, "delivery", Bulk(create=rows))
    assert yard.rows("delivery", "code") == []


OVER = """
automations:
  close:
    label: Close
    trigger: {on: schedule, cron: "0 2 * * *"}
    steps:
      all: {update: delivery, filter: 'status == "sent"', set: {status: '"received"'}}
      told: {create: note, set: {about: '"closed"'}}
      gone: {delete: delivery, filter: 'value < 25'}
"""


def test_a_step_over_very_many_records_is_done_in_parts_and_tells_how_far_it_is(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STRETCH", 20)
    yard = yard_with(OVER).at(NIGHT)
    deliveries(yard, 50)
    yard.tick()
    yard.at(MORNING).tick()

    seen: list[tuple[str, Any]] = []
    task = RunTask(yard.house.database, yard.house.runner, lambda _: yard.at(MORNING).ctx, nobody)
    while runs := waiting(yard):
        task.run(Job(0, yard.ctx.tenant.name, {"runs": [str(runs[0].id)]}, 1, silent))
        (run,) = runs_of(yard, "close")
        seen.append((run.state, run.steps[-1].words))
        counted = Counter(status for (status,) in yard.rows("delivery", "status"))
        assert counted["received"] in (20, 40, 50, 30, 25)

    assert seen == [
        ("waiting", {"changed": ["delivery", 20]}),
        ("waiting", {"changed": ["delivery", 40]}),
        ("waiting", {"deleted": ["delivery", 20]}),
        ("done", {"deleted": ["delivery", 25]}),
    ]
    assert len(yard.rows("delivery", "id")) == 25
    assert yard.rows("note", "about") == [("closed",)]


BIRTHDAYS = """
automations:
  due:
    label: Due
    trigger: {on: date, entity: delivery, field: checked_on, at: "09:00"}
    when: 'value > 10'
    steps: {done: {set: {status: '"received"'}}}
"""


def test_a_day_that_has_come_for_very_many_records_begins_their_runs_in_parts(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement P-05."""
    monkeypatch.setattr(spreading, "PART", 30)
    yard = yard_with(BIRTHDAYS).at("2026-03-02T08:00")
    yard.tick()
    rows = [{"code": f"D-{n}", "checked_on": "2026-03-02", "value": n} for n in range(100)]
    yard.house.writer.create(yard.ctx, "delivery", rows)
    due = yard.at("2026-03-02T09:00")

    # Those of the first thirty records for which the condition holds, and who begins the rest.
    assert 30 - 11 < due.tick() <= 30 + 1
    work_at_once(due.at("2026-03-02T11:00"))

    assert Counter(status for (status,) in yard.rows("delivery", "status")) == {
        "received": 89, "sent": 11
    }  # fmt: skip
    (rest,) = [run for run in runs_of(yard, "due") if run.stand.record is None]
    assert (rest.state, rest.steps[0].words) == ("done", {"over": ["delivery", 89]})
    assert yard.at("2026-03-02T11:01").tick() == 0


def test_a_schedule_over_very_many_records_begins_their_runs_in_parts(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "PART", 40)
    yard = yard_with(MANY).at(NIGHT)
    deliveries(yard, 100)
    yard.tick()
    assert yard.at(MORNING).tick() == 1
    (whole,) = waiting(yard)
    work_at_once(yard.at(MORNING))

    runs = {run.id: run for run in runs_of(yard, "received")}
    assert (runs[whole.id].state, runs[whole.id].steps[0].words) == (
        "done", {"over": ["delivery", 100]}
    )  # fmt: skip
    assert len(runs) == 101 and {run.state for run in runs.values()} == {"done"}
    assert {status for (status,) in yard.rows("delivery", "status")} == {"received"}
    assert len(yard.rows("job", "id")) == 100
