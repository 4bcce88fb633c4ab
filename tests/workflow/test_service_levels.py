"""Service levels: clocks in business time, pauses, reopening, escalation, and what records show."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text, update

from engine.jobs import Job
from tests.workflow.conftest import Yard, Yards, silent
from workflow.service_levels.ticking import LookAgain, Ticking
from workflow.service_levels.timekeeper import Timekeeper

APP = """
format: 1
app: {name: desk, label: Desk, version: "1.0", languages: [en, zh], timezone: Asia/Shanghai}
calendars:
  office:
    label: Office
    week: {mon-fri: '09:00-12:00, 13:00-18:00'}
    holidays: {2026-05-01/2026-05-05: Labour Day}
    workdays: {2026-05-09: true}
entities:
  ticket:
    label: Ticket
    owned: true
    title: name
    fields:
      name: {type: text, required: true}
      urgent: {type: boolean}
      hours: {type: decimal, scale: 1}
      answered: {type: boolean, formula: 'COUNT(replies) > 0'}
      late_count: {type: integer, default: 0}
    pipelines:
      way:
        field: stage
        stages:
          new: {label: New}
          waiting: {label: Waiting}
          solved: {label: Solved}
          closed: {label: Closed, ends: done}
  reply:
    label: Reply
    title: name
    fields: {name: {type: text}, ticket: {type: link, to: ticket, inverse: replies}}
"""

LEVELS = """
service_levels:
  promise:
    label: {en: Promise, zh: 承诺}
    entity: ticket
    calendar: office
    pause_when: 'stage == "waiting"'
    stop_when: 'stage == "closed"'
    targets:
      answer_urgent: {group: answer, when: urgent, within: 1wh, stop_when: answered}
      answer: {group: answer, within: 4wh, stop_when: answered}
      solve: {hours: 'COALESCE(hours, 16)', stop_when: 'stage == "solved"'}
    escalation:
      warn: {target: answer, share: 50%, steps: {n: {set: {late_count: late_count + 1}}}}
      late: {target: answer, after: 1wh, steps: {n: {set: {late_count: late_count + 10}}}}
"""


@pytest.fixture(scope="module")
def desk(yard_with: Yards) -> Yard:
    return yard_with(LEVELS, APP)


class Ticket:
    """A ticket, at moments on the clock of the desk; 2026-03-02 is a Monday."""

    def __init__(self, desk: Yard, moment: str, **values: Any) -> None:
        self.desk = desk
        self.id = desk.at(moment).create("ticket", {"name": "Pump", **values})

    def at(self, moment: str, **values: Any) -> dict[str, Any]:
        """Let time come to a moment, and what is due be done; change the ticket, return it."""
        desk = self.desk.at(moment)
        tick(desk)
        desk.work()
        if values:
            desk.update("ticket", self.id, **values)
        return {name: local(value) for name, value in desk.get("ticket", self.id).items()}


def tick(desk: Yard) -> None:
    keeper = Timekeeper(desk.house.runner.hands)
    Ticking(desk.house.database, keeper, lambda: (), lambda _: desk.ctx).look(desk.ctx)


def local(value: Any) -> Any:  # Any: values of every type
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"
    return value


def test_targets_are_due_in_working_hours(desk: Yard) -> None:
    """Requirement V-21."""
    usual = Ticket(desk, "2026-03-06T16:00").at("2026-03-06T16:01")
    urgent = Ticket(desk, "2026-03-06T16:00", urgent=True, hours="2").at("2026-03-06T16:01")

    assert (usual["answer_due"], usual["answer_state"]) == ("03-09 11:00", "running")
    assert (usual["solve_due"], usual["solve_state"]) == ("03-10 16:00", "running")
    assert (urgent["answer_due"], urgent["solve_due"]) == ("03-06 17:00", "03-06 18:00")


def test_holidays_do_not_count_and_saturdays_that_are_worked_for_them_do(desk: Yard) -> None:
    """Requirement V-21."""
    before = Ticket(desk, "2026-04-30T16:00").at("2026-04-30T16:01")
    friday = Ticket(desk, "2026-05-08T16:00").at("2026-05-08T16:01")

    assert (before["answer_due"], before["solve_due"]) == ("05-06 11:00", "05-07 16:00")
    assert (friday["answer_due"], friday["solve_due"]) == ("05-09 11:00", "05-11 16:00")


def test_a_condition_that_changes_changes_the_target(desk: Yard) -> None:
    ticket = Ticket(desk, "2026-03-02T10:00")

    assert ticket.at("2026-03-02T10:10", urgent=True)["answer_due"] == "03-02 11:00"
    assert ticket.at("2026-03-02T10:20", urgent=False)["answer_due"] == "03-02 15:00"
    assert ticket.at("2026-03-02T10:30", hours="1")["solve_due"] == "03-02 11:00"


def test_time_that_is_waited_does_not_count(desk: Yard) -> None:
    """Requirement V-21."""
    ticket = Ticket(desk, "2026-03-02T10:00")

    paused = ticket.at("2026-03-02T11:00", stage="waiting")
    assert (paused["answer_due"], paused["answer_state"]) == (None, "paused")
    going = ticket.at("2026-03-03T10:00", stage="new")
    assert (going["answer_due"], going["answer_state"]) == ("03-03 14:00", "running")


def test_what_stops_a_clock_may_follow_from_other_records(desk: Yard) -> None:
    in_time, late = Ticket(desk, "2026-03-02T10:00"), Ticket(desk, "2026-03-02T10:00")

    desk.at("2026-03-02T14:00").create("reply", {"name": "Hello", "ticket": str(in_time.id)})
    desk.at("2026-03-02T16:00").create("reply", {"name": "Hello", "ticket": str(late.id)})

    assert in_time.at("2026-03-02T17:00")["answer_state"] == "met"
    assert late.at("2026-03-02T17:00")["answer_state"] == "missed"


def test_escalations_are_done_once_each_at_their_time(desk: Yard) -> None:
    """Requirements L-14, V-21."""
    ticket = Ticket(desk, "2026-03-02T10:00")
    moments = ("11:59", "13:01", "14:00", "15:01", "15:59", "16:00", "17:00")

    seen = [ticket.at(f"2026-03-02T{each}") for each in moments]

    assert [each["late_count"] for each in seen] == [0, 1, 1, 1, 1, 11, 11]
    assert [each["answer_state"] for each in seen] == ["running"] * 3 + ["late"] * 4


def test_a_ticket_that_was_not_solved_goes_on_and_a_reopened_one_begins_anew(desk: Yard) -> None:
    """Requirement V-21."""
    ticket = Ticket(desk, "2026-03-02T10:00", hours="4")

    assert ticket.at("2026-03-02T11:00", stage="solved")["solve_state"] == "met"
    assert ticket.at("2026-03-02T14:00", stage="new")["solve_due"] == "03-02 17:00"
    ticket.at("2026-03-02T15:00", stage="solved")
    assert ticket.at("2026-03-02T15:30", stage="closed")["solve_state"] == "met"
    assert ticket.at("2026-03-03T09:00", stage="new")["solve_due"] == "03-03 14:00"


def test_what_is_in_the_trash_escalates_nothing(desk: Yard) -> None:
    ticket = Ticket(desk, "2026-03-02T10:00")
    desk.house.writer.delete(desk.at("2026-03-02T10:30").ctx, "ticket", [ticket.id])

    tick(desk.at("2026-03-02T18:00"))
    desk.house.writer.restore(desk.at("2026-03-02T18:30").ctx, "ticket", [ticket.id])

    assert ticket.at("2026-03-03T09:00")["late_count"] == 11


def test_a_record_that_cannot_be_written_holds_no_other_clock_up(yard_with: Yards) -> None:
    """Requirement V-21."""
    app = APP.replace(
        "    pipelines:\n      way:",
        "    rules: {much: {refuse_when: 'late_count > 100', message: Too much}}\n"
        "    pipelines:\n      way:",
    )
    desk = yard_with(LEVELS, app)
    broken, sound = (Ticket(desk, "2026-03-02 09:00", name=name) for name in ("broken", "sound"))
    table = desk.ctx.compiled.tables.of("ticket")
    column = table.c[desk.ctx.model.entities["ticket"].fields["late_count"].column]
    with desk.house.database.owner(desk.ctx.tenant) as connection:
        # As an older version of the app let it be.
        connection.execute(update(table).where(table.c.id == broken.id).values({column: 101}))

    found = sound.at("2026-03-02 17:00")

    assert (found["answer_state"], found["late_count"]) == ("late", 11)


def test_a_record_that_the_database_refuses_holds_no_other_clock_up(yard_with: Yards) -> None:
    desk = yard_with(LEVELS, APP)
    broken, sound = (Ticket(desk, "2026-03-02 09:00", name=name) for name in ("broken", "sound"))
    table = desk.ctx.compiled.tables.of("ticket").name
    refusing = f"ALTER TABLE {desk.ctx.tenant.schema}.{table} ADD CHECK (id <> '{broken.id}')"
    with desk.house.database.owner(desk.ctx.tenant) as connection:
        connection.execute(text(f"{refusing} NOT VALID"))

    found = sound.at("2026-03-02 17:00")

    assert (found["answer_state"], found["late_count"]) == ("late", 11)


def test_records_of_before_are_looked_at_when_a_service_level_comes(yard_with: Yards) -> None:
    """Requirement V-21."""
    desk = yard_with(
        LEVELS.replace("    entity: ticket", "    entity: ticket\n    when: urgent"), APP
    )
    plain = Ticket(desk, "2026-03-02T10:00")
    assert plain.at("2026-03-02T10:01")["answer_due"] is None
    forget(desk)
    urgent = Ticket(desk, "2026-03-02T10:00", urgent=True)
    forget(desk)

    now = desk.at("2026-03-02T14:00")
    keeper = Timekeeper(now.house.runner.hands)
    again = LookAgain(now.house.database, keeper, lambda _: now.ctx)
    again.run(Job(0, now.ctx.tenant.name, {"level": "promise"}, 1, silent))

    found = urgent.at("2026-03-02T14:01")
    assert (found["answer_due"], found["answer_state"]) == ("03-02 11:00", "late")
    assert found["late_count"] == 0


def forget(desk: Yard) -> None:
    """Take all clocks away, as if the service level had not been there."""
    table = desk.ctx.compiled.tables.of("sys_clock")
    with desk.house.database.owner(desk.ctx.tenant) as connection:
        connection.execute(table.delete())
