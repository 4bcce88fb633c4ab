"""Steps about people: who is given a record, who is told, and in which words."""

from __future__ import annotations

import threading
from collections import Counter
from uuid import UUID

import pytest

from tests.workflow.conftest import Yard, Yards

ROLES = """
roles:
  worker:
    label: Worker
    rights: {job: {read: all, update: all}, delivery: {read: all}}
  blind: {label: Blind, rights: {customer: {read: own}}}
messages:
  hello:
    label: Hello
    entity: job
    subject: {en: "Job {{ name }}", zh: "任务 {{ name }}"}
    text: {en: "{{ name }} takes {{ minutes }} minutes", zh: "{{ name }} 需要 {{ minutes }} 分钟"}
"""


def person(yard: Yard, name: str, role: str = "worker", **values: object) -> UUID:
    given = {"name": name, "email": f"{name}@yard.example", "roles": [role], **values}
    return yard.create("user", given)


def given(yard: Yard, count: int) -> list[UUID]:
    """Make jobs, one after the other; return whom each was given to."""
    for index in range(count):
        yard.create("job", {"name": f"J{index}"})
    return [worker for (worker,) in yard.rows("job", "worker")]


ASSIGN = (
    ROLES
    + """
automations:
  give:
    label: Give
    immediate: true
    trigger: {on: created, entity: job}
    steps: {give: {assign: {WAY, field: worker}}}
"""
)


def test_records_are_given_to_people_in_turn(yard_with: Yards) -> None:
    """Requirement C-15."""
    yard = yard_with(ASSIGN.replace("WAY", "way: round_robin, roles: [worker]"))
    people = [person(yard, name) for name in ("ann", "bob", "cy")]
    person(yard, "dan", active=False)
    person(yard, "eve", "blind")

    assert Counter(given(yard, 6)) == dict.fromkeys(people, 2)


def test_records_go_to_those_who_have_the_least_open(yard_with: Yards) -> None:
    yard = yard_with(ASSIGN.replace("WAY", "way: least_busy, roles: [worker]"))
    ann, bob = person(yard, "ann"), person(yard, "bob")
    first = given(yard, 4)
    assert Counter(first) == {ann: 2, bob: 2}

    done = [row[0] for row in yard.rows("job", "id", "worker") if row[1] == ann]
    yard.house.writer.move(yard.ctx, "job", done, pipeline="way", to="over")
    given(yard, 2)

    assert Counter(given(yard, 0)) == {ann: 4, bob: 2}


@pytest.mark.parametrize("way", ["least_busy", "round_robin"])
def test_records_that_come_at_once_are_given_out_evenly(yard_with: Yards, way: str) -> None:
    """Requirement L-05."""
    yard = yard_with(ASSIGN.replace("WAY", f"way: {way}, roles: [worker]"))
    people = [person(yard, name) for name in ("ann", "bob", "cy")]
    ready = threading.Barrier(6)

    def come() -> None:
        ready.wait()
        yard.create("job", {"name": "J"})

    threads = [threading.Thread(target=come) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert Counter(given(yard, 0)) == dict.fromkeys(people, 2)


def test_records_go_to_whoever_meets_a_condition(yard_with: Yards) -> None:
    among = "way: round_robin, roles: [worker], among: 'title == this.name'"
    yard = yard_with(ASSIGN.replace("WAY", among))
    person(yard, "ann", title="J1")
    bob = person(yard, "bob", title="J0")

    assert given(yard, 1) == [bob]


TELL = (
    ROLES
    + """
automations:
  tell:
    label: Tell
    trigger: {on: created, entity: job}
    steps: {tell: {notify: {to: worker, roles: [worker], message: hello}}}
"""
)


def test_people_are_told_once_in_their_own_language(yard_with: Yards) -> None:
    yard = yard_with(TELL)
    ann = person(yard, "ann", language="zh")
    bob = person(yard, "bob")
    yard.create("job", {"name": "Fix", "minutes": 90, "worker": str(ann)})

    yard.work()

    told = dict(yard.told())
    assert {each: words["text"] for each, words in told.items()} == {
        ann: "Fix 需要 90 分钟", bob: "Fix takes 90 minutes"
    }  # fmt: skip
    assert told[bob]["subject"] == "Job Fix"


def test_nobody_is_told_what_they_may_not_read(yard_with: Yards) -> None:
    yard = yard_with(TELL.replace("roles: [worker]}", "roles: [blind]}").replace(
        "roles: [worker]", "roles: [blind]"
    ))  # fmt: skip
    person(yard, "eve", "blind")
    yard.create("job", {"name": "Secret", "minutes": 1})

    yard.work()

    assert yard.told() == []


def test_giving_to_nobody_is_told_as_what_it_is(yard_with: Yards) -> None:
    given = ASSIGN.replace("WAY", "way: round_robin, roles: [worker]")
    yard = yard_with(given.replace("    immediate: true\n", ""))
    yard.create("job", {"name": "Alone"})

    yard.work()

    (run,) = yard.runs()
    assert (run.state, run.error and run.error["code"]) == ("failed", "nobody_fits")


@pytest.mark.parametrize("way", ["by: 'IF(minutes > 5, user, user)'"])
def test_records_are_given_to_whom_a_formula_names(yard_with: Yards, way: str) -> None:
    yard = yard_with(ASSIGN.replace("WAY", way))

    assert given(yard, 1) == [yard.ctx.actor.user]


def test_texts_tell_of_the_record_outside_what_their_reader_may_read(yard_with: Yards) -> None:
    """V-14: within `each` a text reads the member and, as `this`, the record outside."""
    yard = yard_with(
        ROLES.replace(
            "blind: {label: Blind, rights: {customer: {read: own}}}",
            "blind: {label: Blind, rights: {job: {read: all}}}",
        )
        + """
automations:
  tell:
    label: Tell
    trigger: {on: updated, entity: delivery, fields: [note]}
    steps:
      jobs:
        each: jobs
        steps:
          tell:
            notify:
              roles: [worker, blind]
              text: {en: "{{ name }}: {{ this.code }} {{ COALESCE(this.note, name) }}"}
"""
    )
    ann, eve = person(yard, "ann"), person(yard, "eve", "blind")
    sent = yard.create("delivery", {"code": "D-1"})
    yard.create("job", {"name": "Fix", "about": str(sent)})
    yard.update("delivery", sent, note="late")

    yard.work()

    told = {each: words["text"] for each, words in yard.told()}
    assert told == {ann: "Fix: D-1 late", eve: "Fix:  "}
