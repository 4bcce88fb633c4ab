"""Runs that wait: for a time, for a moment of the record, for a condition; and go on there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from engine.jobs import Job
from tests.workflow.conftest import Yard, Yards, nobody, product, silent
from workflow.task import RunTask

SLOW = """
automations:
  slow:
    label: Slow
    trigger: {on: created, entity: delivery}
    steps:
      first: {create: note, set: {about: '"first"'}}
      pause: {wait: 3d}
      second: {when: 'status == "sent"', create: note, set: {about: '"second"'}}
"""


def abouts(yard: Yard) -> list[str]:
    return sorted(about for (about,) in yard.rows("note", "about"))


def test_a_run_goes_on_when_its_time_has_come_and_not_before(yard_with: Yards) -> None:
    """Requirement P-05."""
    yard = yard_with(SLOW)
    yard.create("delivery", {"code": "D-1"})

    yard.work()
    assert abouts(yard) == ["first"]
    assert yard.later(days=2).work() == 0
    later = yard.later(days=3, minutes=1)
    assert later.work() == 1

    assert abouts(yard) == ["first", "second"]
    (run,) = yard.runs()
    assert (run.state, [step.what for step in run.steps]) == ("done", ["done", "waits", "done"])


def test_what_holds_when_a_run_goes_on_is_what_counts(yard_with: Yards) -> None:
    yard = yard_with(SLOW)
    delivery = yard.create("delivery", {"code": "D-1"})
    yard.work()

    yard.update("delivery", delivery, status="received")
    yard.later(days=4).work()

    assert abouts(yard) == ["first"]


def test_a_run_waits_inside_branches_and_members_and_goes_on_where_it_was(
    yard_with: Yards,
) -> None:
    yard = yard_with("""
automations:
  inside:
    label: Inside
    trigger: {on: created, entity: delivery}
    steps:
      way:
        branch:
          lined:
            when: COUNT(lines) > 0
            steps:
              all:
                each: lines
                steps:
                  job: {create: job, set: {name: product.name}}
                  pause: {wait: 1h}
                  note: {create: note, set: {about: product.name, job: input.job}}
      end: {create: note, set: {about: '"end"'}}
""")
    lines = [{"product": str(product(yard))} for _ in range(2)]
    yard.create("delivery", {"code": "D-1", "lines": lines})

    yard.work()
    assert (len(yard.rows("job", "name")), abouts(yard)) == (1, [])
    yard = yard.later(hours=1, minutes=1)
    yard.work()
    assert (len(yard.rows("job", "name")), len(abouts(yard))) == (2, 1)
    yard.later(hours=1, minutes=1).work()

    assert len(abouts(yard)) == 3
    assert {row[0] for row in yard.rows("note", "job")} == {
        *(row[0] for row in yard.rows("job", "id")), None
    }  # fmt: skip


def test_a_run_goes_on_as_soon_as_a_condition_holds_or_its_time_is_up(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  patient:
    label: Patient
    trigger: {on: created, entity: delivery}
    steps:
      arrives: {wait: {when: 'status == "received"', for: 2d}}
      note: {create: note, set: {about: status}}
""")
    first, second = (yard.create("delivery", {"code": code}) for code in ("D-1", "D-2"))
    yard.work()
    yard.update("delivery", first, status="received")

    soon = yard.later(minutes=2)
    soon.work()
    assert abouts(yard) == ["received"]
    yard.later(days=3).work()

    assert abouts(yard) == ["received", "sent"]
    assert second != first


def test_a_run_waits_for_a_day_of_its_record(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  dated:
    label: Dated
    trigger: {on: created, entity: delivery}
    steps:
      day: {wait: {until: checked_on}}
      note: {create: note, set: {about: code}}
""")
    soon = yard.ctx.moment.today.isoformat()
    yard.create("delivery", {"code": "past", "checked_on": "2020-01-01"})
    yard.create("delivery", {"code": "today", "checked_on": soon})
    yard.create("delivery", {"code": "far", "checked_on": "2199-01-01"})

    yard.work()

    assert abouts(yard) == ["past", "today"]


MINDFUL = """
automations:
  mindful:
    label: Mindful
    trigger: {on: created, entity: delivery}
    steps:
      pause: {wait: 3d}
      made: {create: note, set: {about: code}}
      told: {email: {to: '"buyer@example.com"', subject: Hi, text: 'About {{ code }}'}}
  gone:
    label: Gone
    trigger: {on: deleted, entity: delivery}
    steps:
      pause: {wait: 3d}
      made: {create: note, set: {about: '"gone " & code'}}
  at_once:
    label: At once
    trigger: {on: created, entity: delivery}
    when: note == "now"
    steps: {made: {create: note, set: {about: code}}}
"""


def test_nothing_is_made_or_sent_of_a_record_that_was_thrown_away_meanwhile(
    yard_with: Yards,
) -> None:
    yard = yard_with(MINDFUL)
    kept, trashed, purged = (yard.create("delivery", {"code": code}) for code in "KTP")
    yard.work()
    yard.house.writer.delete(yard.ctx, "delivery", [trashed])
    forget(yard, "delivery", purged)

    yard.work()
    yard.later(days=4).work()

    assert abouts(yard) == ["K", "gone T"]
    ends = {run.stand.record: (run.state, (run.error or {}).get("code"))
            for run in yard.runs("mindful")}  # fmt: skip
    assert ends == {
        kept: ("done", None),
        trashed: ("stopped", "record_trashed"),
        purged: ("stopped", "record_purged"),
    }


def test_a_run_of_a_record_that_came_back_is_done_again_from_where_it_waited(
    yard_with: Yards,
) -> None:
    yard = yard_with(SLOW)
    delivery = yard.create("delivery", {"code": "D-1"})
    yard.work()
    yard.house.writer.delete(yard.ctx, "delivery", [delivery])
    yard.later(days=4).work()
    (stopped,) = yard.runs()

    yard.house.writer.restore(yard.ctx, "delivery", [delivery])
    yard.house.services.runs.again(yard.ctx, stopped.id, from_step="pause")
    yard.later(days=5).work()

    assert (stopped.error or {}).get("code") == "record_trashed"
    assert abouts(yard) == ["first", "second"]


def test_what_was_thrown_away_before_workers_came_sets_nothing_off_alone_or_among_many(
    yard_with: Yards,
) -> None:
    yard = yard_with(MINDFUL)
    alone = yard.create("delivery", {"code": "alone", "note": "now"})
    yard.house.writer.delete(yard.ctx, "delivery", [alone])
    yard.work()
    several = [yard.create("delivery", {"code": code, "note": "now"}) for code in "ABC"]
    yard.house.writer.delete(yard.ctx, "delivery", several[:1])

    runs = [str(run.id) for run in yard.runs("at_once") if run.state == "waiting"]
    task = RunTask(yard.house.database, yard.house.runner, lambda name: yard.ctx, nobody)
    task.run(Job(0, yard.ctx.tenant.name, {"runs": runs}, 1, silent))

    assert abouts(yard) == ["B", "C"]
    states = sorted(run.state for run in yard.runs("at_once"))
    assert states == ["done", "done", "stopped", "stopped"]


def forget(yard: Yard, entity: str, record: UUID) -> None:
    """Delete a record for good."""
    table = yard.ctx.compiled.tables.of(entity)
    yard.house.database.unit(
        yard.ctx, lambda connection: connection.execute(delete(table).where(table.c.id == record))
    )


PATIENT = """
automations:
  patient:
    label: Patient
    trigger: {on: created, entity: delivery}
    steps:
      arrives: {wait: {when: 'status == "received" or 100 / value > 5', for: 2d}}
      note: {create: note, set: {about: code}}
"""


def test_runs_whose_condition_does_not_hold_yet_are_left_to_wait_without_a_worker(
    yard_with: Yards,
) -> None:
    yard = yard_with(PATIENT)
    there, gone, _ = (yard.create("delivery", {"code": code, "value": 99}) for code in "TGL")
    yard.work()
    yard.later(minutes=2).tick()
    assert yard.later(minutes=2).work() == 0

    yard.update("delivery", there, status="received")
    yard.house.writer.delete(yard.ctx, "delivery", [gone])
    forget(yard, "delivery", gone)
    soon = yard.later(minutes=4)
    soon.tick()

    assert soon.work() == 2
    assert abouts(yard) == ["T"]
    assert yard.later(days=1).tick() == yard.later(days=1).work() == 0
    late = yard.later(days=2, minutes=1)
    late.tick()
    assert (late.work(), abouts(yard)) == (1, ["L", "T"])
