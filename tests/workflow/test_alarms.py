"""Who looks after an app is told of automations that cannot be done, and not flooded with it."""

from __future__ import annotations

from uuid import UUID

from tests.workflow.conftest import Yard, Yards

BROKEN = """
automations:
  wrong:
    label: Wrong
    trigger: {on: created, entity: delivery}
    when: note == ""
    steps: {job: {create: job, set: {name: code, minutes: "0 - 5"}}}
  endless:
    label: Endless
    trigger: {on: updated, entity: job, fields: [minutes]}
    when: minutes > 0
    steps: {more: {set: {minutes: minutes + 1}}}
"""


def alarms(yard: Yard, person: UUID) -> list[tuple[str, str]]:
    """Return of which automations somebody was told, and where that leads."""
    found = [words for who, words in yard.told() if who == person]
    assert {words["what"] for words in found} <= {"run_failed"}
    return [(words["script"], words["url"].rpartition("/")[2]) for words in found]


def test_administrators_are_told_once_a_day_of_what_cannot_be_done(yard_with: Yards) -> None:
    """Requirement P-05."""
    yard = yard_with(BROKEN)
    boss = yard.create("user", {"name": "Boss", "email": "b@x.example", "roles": ["administrator"]})
    other = yard.create("user", {"name": "Ann", "email": "a@x.example", "roles": []})
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (first,) = yard.runs("wrong")
    yard.create("delivery", {"code": "D-2"})
    yard.work()

    assert alarms(yard, boss) == [("wrong", str(first.id))]
    assert alarms(yard, other) == []

    later = yard.later(hours=25)
    later.create("delivery", {"code": "D-3"})
    later.work()
    assert len(alarms(yard, boss)) == 2


def test_administrators_are_told_of_automations_that_set_each_other_off(yard_with: Yards) -> None:
    """Requirement P-05."""
    yard = yard_with(BROKEN)
    boss = yard.create("user", {"name": "Boss", "email": "b@x.example", "roles": ["administrator"]})
    job = yard.create("job", {"name": "J", "minutes": 0})

    yard.update("job", job, minutes=1)
    yard.work()

    (stopped,) = (run for run in yard.runs("endless") if run.state == "stopped")
    assert alarms(yard, boss) == [("endless", str(stopped.id))]
