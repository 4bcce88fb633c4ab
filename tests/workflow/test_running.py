"""Automations set off by changes: which, when, with which effect."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.changes import RecordChange
from engine.errors import RecordRefused
from engine.records.conditions import hold, written
from engine.records.work import Work
from tests.workflow.conftest import Yard, Yards, product


def test_a_run_after_a_change_makes_what_its_steps_say_for_each_member(yard: Yard) -> None:
    """Requirement P-05."""
    customer = yard.create("customer", {"name": "Acme"})
    pump = yard.create("product", {"name": "Pump", "needs_install": True})
    oil = product(yard, needs_install=False)
    lines = [{"product": str(pump), "count": 2}, {"product": str(oil)}]
    values = {"code": "D-1", "customer": str(customer), "lines": lines}
    delivery = yard.create("delivery", values)
    assert yard.rows("job", "name") == []

    yard.update("delivery", delivery, status="received")

    assert [run.state for run in yard.runs("install")] == ["waiting"]
    assert yard.rows("job", "name") == []
    assert yard.work() == 1
    assert yard.rows("job", "name", "customer", "about") == [("Pump × 2", customer, delivery)]
    assert yard.rows("note", "about", "job")[0][0] == "D-1"
    (run,) = yard.runs("install")
    assert (run.state, [step.what for step in run.steps]) == (
        "done", ["begun", "done", "done", "done"],
    )  # fmt: skip


def test_a_condition_that_does_not_hold_begins_nothing(yard: Yard) -> None:
    delivery = yard.create("delivery", {"code": uuid4().hex})
    before = len(yard.runs("install"))

    yard.update("delivery", delivery, note="careful")
    yard.update("delivery", delivery, status="received", note="there")
    yard.update("delivery", delivery, note="again")

    assert len(yard.runs("install")) == before + 1


@pytest.mark.parametrize(("value", "size"), [(5, "small"), (1000, "large"), (0, None)])
def test_an_immediate_run_is_part_of_the_change(yard: Yard, value: int, size: str | None) -> None:
    delivery = yard.create("delivery", {"code": uuid4().hex, "value": value})

    assert yard.get("delivery", delivery)["size"] == size


def test_a_change_is_refused_with_the_automation_that_could_not_be_done(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  wrong:
    label: Wrong
    immediate: true
    trigger: {on: created, entity: delivery}
    steps:
      job: {create: job, set: {name: code, minutes: "0 - 5"}}
""")

    with pytest.raises(RecordRefused) as refused:
        yard.create("delivery", {"code": "D-9"})

    assert refused.value.errors[0].code == "automation_failed"
    assert refused.value.errors[0].params["step"] == "job"
    assert (yard.rows("delivery", "code"), yard.runs()) == ([], [])


def test_a_run_that_cannot_be_done_does_nothing_and_says_why(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  wrong:
    label: Wrong
    trigger: {on: created, entity: delivery}
    steps:
      fine: {create: note, set: {about: code}}
      job: {create: job, set: {name: code, minutes: "0 - 5"}}
""")
    yard.create("delivery", {"code": "D-9"})

    yard.work()

    (run,) = yard.runs()
    assert (run.state, run.steps[-1].step, run.steps[-1].what) == ("failed", "job", "failed")
    assert run.error is not None and run.error["refused"] == [
        {"code": "out_of_range", "path": ["minutes"]}
    ]
    assert yard.rows("note", "about") == []


def test_what_automations_set_off_in_turn_goes_on_until_it_is_too_deep(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  again:
    label: Again
    trigger: {on: updated, entity: job, fields: [minutes]}
    when: minutes > 0
    steps: {more: {set: {minutes: minutes + 1}}}
""")
    job = yard.create("job", {"name": "Endless", "minutes": 0})

    yard.update("job", job, minutes=1)
    yard.work()

    runs = yard.runs()
    assert sorted(run.state for run in runs) == ["done"] * 10 + ["stopped"]
    assert len({run.root for run in runs}) == 1
    assert yard.get("job", job)["minutes"] == 11


def test_a_step_over_many_sets_off_what_waits_for_each_and_what_comes_of_that_has_an_end(
    yard_with: Yards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement P-05."""
    monkeypatch.setattr("workflow.automations.MOST_OF_CHAIN", 3)
    yard = yard_with("""
automations:
  all:
    label: All
    trigger: {on: created, entity: delivery}
    steps: {each: {update: job, filter: 'minutes == 0', set: {minutes: "1"}}}
  noted:
    label: Noted
    trigger: {on: updated, entity: job, fields: [minutes]}
    steps: {note: {create: note, set: {about: name, job: id}}}
  spread:
    label: Spread
    trigger: {on: created, entity: note}
    steps: {job: {create: job, set: {name: about, minutes: "5"}}}
""")
    for name in "abcde":
        yard.create("job", {"name": name, "minutes": 0})

    yard.create("delivery", {"code": "D-1"})
    yard.work()

    assert [run.state for run in yard.runs("noted")] == ["done"] * 5
    assert sorted(run.state for run in yard.runs("spread")) == ["done"] * 3 + ["stopped"] * 2
    assert len(yard.rows("note", "about")) == 5


def test_values_that_follow_from_another_record_set_off_what_waits_for_them(
    yard_with: Yards,
) -> None:
    yard = yard_with("""
automations:
  regular:
    label: Regular
    immediate: true
    trigger: {on: updated, entity: customer, fields: [received]}
    when: "received >= 2 and previous.received < 2"
    steps: {mark: {set: {big: "true"}}}
""")
    customer = yard.create("customer", {"name": "Acme"})
    for _ in range(3):
        values = {"code": uuid4().hex, "customer": str(customer), "status": "received"}
        yard.create("delivery", values)

    assert yard.get("customer", customer)["big"] is True
    assert len(yard.runs("regular")) == 1


def test_a_step_finds_a_record_that_fits_or_none(yard_with: Yards) -> None:
    """Requirement L-09: what came in before is known by what it has in common."""
    yard = yard_with("""
automations:
  known:
    label: Known
    trigger: {on: created, entity: delivery}
    steps:
      before: {find: delivery, filter: "note == this.note and code < this.code"}
      job: {create: job, set: {name: code, about: input.before}}
      again: {when: "not ISBLANK(input.before)", set: {size: '"again"'}}
""")
    first = yard.create("delivery", {"code": "D-1", "note": "pump"})
    yard.create("delivery", {"code": "D-2", "note": "pump"})
    yard.create("delivery", {"code": "D-3", "note": "oil"})

    yard.work()

    assert sorted(yard.rows("job", "name", "about")) == [
        ("D-1", None), ("D-2", first), ("D-3", None),
    ]  # fmt: skip
    assert sorted(yard.rows("delivery", "code", "size")) == [
        ("D-1", None), ("D-2", "again"), ("D-3", None),
    ]  # fmt: skip


def test_stages_set_off_what_waits_for_them_when_they_are_entered(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  over:
    label: Over
    immediate: true
    trigger: {on: stage, entity: job, from: [busy], to: [over]}
    steps: {note: {create: note, set: {about: name, job: id}}}
""")
    job = yard.create("job", {"name": "Fix"})
    move = yard.house.writer.move

    move(yard.ctx, "job", [job], pipeline="way", to="over")
    assert yard.rows("note", "about") == []
    move(yard.ctx, "job", [job], pipeline="way", to="busy")
    move(yard.ctx, "job", [job], pipeline="way", to="over")

    assert yard.rows("note", "about", "job") == [("Fix", job)]


def test_steps_read_what_a_conversion_or_an_earlier_step_made(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  chain:
    label: Chain
    trigger: {on: created, entity: delivery}
    steps:
      job: {create: job, set: {name: code, about: id}}
      small: {when: "value < 10", create: note, set: {about: '"small"', job: input.job}}
      others: {update: job, filter: "about == this.id", set: {minutes: minutes + 1}}
      gone: {delete: note, filter: 'about == "old"'}
""")
    yard.create("note", {"about": "old"})
    delivery = yard.create("delivery", {"code": "D-1", "value": 50})

    yard.work()

    assert yard.rows("job", "name", "about", "minutes") == [("D-1", delivery, 1)]
    assert yard.rows("note", "about") == []
    assert [step.what for step in yard.runs()[0].steps] == ["done", "skipped", "done", "done"]


@pytest.mark.parametrize("read", ["note", "customer.name"])
def test_what_bears_the_same_name_is_asked_its_own_condition(yard_with: Yards, read: str) -> None:
    """An automation and an approval of one form may both be called `terms`."""
    yard = yard_with(f"""
automations:
  first:
    label: First
    trigger: {{on: updated, entity: delivery}}
    when: '{read} == "Acme"'
    steps: {{say: {{set: {{note: '"said"'}}}}}}
  second:
    label: Second
    trigger: {{on: updated, entity: delivery}}
    when: '{read} == "Other"'
    steps: {{say: {{set: {{note: '"said"'}}}}}}
""")
    customer = yard.create("customer", {"name": "Acme"})
    delivery = yard.create("delivery", {"code": "D", "customer": str(customer), "note": "Acme"})
    ctx, entity = yard.ctx, yard.ctx.model.entities["delivery"]
    change = RecordChange("delivery", delivery, "update", {}, {}, computed=True)

    def holds(name: str) -> bool:
        when = ctx.model.automations[name].when
        assert when is not None
        with yard.house.database.reading(ctx) as connection:
            work = Work.begin(ctx, connection, yard.house.access)
            return bool(hold(work, entity, {"terms": when}, written(work, [change], ()))[delivery])

    assert [holds(name) for name in ("first", "second", "first")] == [True, False, True]
