"""What time sets off: schedules and days of records, each once, whatever clocks and workers do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.context import Context
from metamodel import DefinitionInvalid
from metamodel.actions import Lapse
from metamodel.automation import Trigger
from tests.budget import examples
from tests.workflow.conftest import Yard, Yards
from workflow.clock import Clock, _struck
from workflow.due import Window, _candidates, moment_of

REMIND = """
automations:
  remind:
    label: Remind
    trigger: {on: date, entity: delivery, field: checked_on, offset: -1d, at: "09:00"}
    when: 'status == "sent"'
    steps: {note: {create: note, set: {about: code}}}
"""


def abouts(yard: Yard) -> list[str]:
    return sorted(about for (about,) in yard.rows("note", "about"))


def ticking(yard: Yard, moment: str) -> list[str]:
    """Look at the time then, and do what is begun; return the notes that there are."""
    yard.at(moment).tick()
    yard.at(moment).work()
    return abouts(yard)


def test_a_day_of_a_record_sets_off_once_at_its_time(yard_with: Yards) -> None:
    """Requirement P-05."""
    yard = yard_with(REMIND)
    yard.create("delivery", {"code": "due", "checked_on": "2026-03-03"})
    yard.create("delivery", {"code": "gone", "checked_on": "2026-03-03", "status": "received"})
    yard.create("delivery", {"code": "later", "checked_on": "2026-03-04"})

    assert ticking(yard, "2026-03-01T12:00") == []
    assert ticking(yard, "2026-03-02T08:59") == []
    assert ticking(yard, "2026-03-02T09:00") == ["due"]
    assert ticking(yard, "2026-03-02T09:01") == ["due"]
    assert ticking(yard, "2026-03-03T12:00") == ["due", "later"]


def test_what_no_worker_was_there_for_is_made_up_for(yard_with: Yards) -> None:
    yard = yard_with(REMIND)
    ticking(yard, "2026-03-01T12:00")
    for day in (3, 4, 9):
        yard.create("delivery", {"code": f"D-{day}", "checked_on": f"2026-03-0{day}"})

    assert ticking(yard, "2026-03-05T12:00") == ["D-3", "D-4"]


def test_an_instant_within_the_second_of_a_look_is_found_by_one_look_alone(
    yard_with: Yards,
) -> None:
    yard = yard_with("""
automations:
  remind:
    label: Remind
    trigger: {on: date, entity: delivery, field: created_at, offset: 1h}
    steps: {note: {create: note, set: {about: code}}}
""")
    ticking(yard, "2026-03-01T11:59:59.9")
    for moment in ("2026-03-01T11:00:00.4", "2026-03-01T11:00:00.8", "2026-03-01T11:00:01"):
        yard.at(moment).create("delivery", {"code": moment[-4:]})

    assert ticking(yard, "2026-03-01T12:00:00.6") == []
    assert ticking(yard, "2026-03-01T12:00:01") == ["00.4", "00.8", "0:01"]
    assert ticking(yard, "2026-03-01T12:00:02") == ["00.4", "00.8", "0:01"]


def test_a_clock_that_is_set_back_sets_nothing_off_again(yard_with: Yards) -> None:
    yard = yard_with(REMIND)
    yard.create("delivery", {"code": "due", "checked_on": "2026-03-03"})
    for moment in ("2026-03-02T08:00", "2026-03-02T10:00", "2026-03-02T08:30", "2026-03-02T09:30"):
        ticking(yard, moment)

    assert abouts(yard) == ["due"]


SCHEDULE = """
automations:
  weekly:
    label: Weekly
    trigger: {on: schedule, entity: delivery, every: week, at: "08:30"}
    when: 'status == "sent"'
    steps: {note: {create: note, set: {about: code}}}
  nightly:
    label: Nightly
    trigger: {on: schedule, cron: "0 2 * * *"}
    steps: {note: {create: note, set: {about: '"night"'}}}
"""


def test_a_schedule_strikes_no_more_while_what_it_set_off_is_not_done(yard_with: Yards) -> None:
    yard = yard_with(SCHEDULE.replace('every: week, at: "08:30"', "cron: '30 8 * * *'"))
    yard.create("delivery", {"code": "D-1"})
    monday = yard.at("2026-03-02T08:00")
    monday.tick()

    assert yard.at("2026-03-02T08:30").tick() == 1
    yard.create("delivery", {"code": "D-2"})
    # Nobody has done anything by the next day.
    held = [yard.at(f"2026-03-03T08:{minute}").tick() for minute in ("29", "30", "31")]

    assert held == [1, 0, 0]
    assert len(yard.runs("weekly")) == 1
    yard.at("2026-03-03T08:32").work()
    assert [yard.at(f"2026-03-03T08:{minute}").tick() for minute in ("33", "34")] == [2, 0]
    assert ticking(yard, "2026-03-03T08:35") == ["D-1", "D-1", "D-2", "night"]


def test_a_run_that_waits_holds_no_schedule_up(yard_with: Yards) -> None:
    yard = yard_with("""
automations:
  often:
    label: Often
    trigger: {on: schedule, cron: "* * * * *"}
    steps: {later: {wait: {for: 3d}}}
""")
    begun = []
    for minute in ("00", "01", "02"):
        begun.append(yard.at(f"2026-03-02T08:{minute}").tick())
        yard.at(f"2026-03-02T08:{minute}").work()

    assert begun == [0, 1, 1]


def test_a_schedule_is_over_the_records_for_which_its_condition_holds(yard_with: Yards) -> None:
    """Requirement P-06."""
    yard = yard_with(SCHEDULE)
    yard.create("delivery", {"code": "sent"})
    yard.create("delivery", {"code": "there", "status": "received"})

    assert ticking(yard, "2026-03-01T12:00") == []
    assert ticking(yard, "2026-03-02T01:59") == []
    assert ticking(yard, "2026-03-02T02:00") == ["night"]
    assert ticking(yard, "2026-03-02T08:29") == ["night"]
    assert ticking(yard, "2026-03-02T08:30") == ["night", "sent"]
    # A week in which nobody worked is made up for once.
    assert ticking(yard, "2026-03-20T08:30") == ["night", "night", "sent", "sent"]


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "* * * * * *"], ids=["never", "each second"])
def test_a_schedule_whose_day_never_comes_or_that_comes_each_second_is_refused(
    yard_with: Yards, cron: str
) -> None:
    with pytest.raises(DefinitionInvalid, match=re.escape(cron)):
        yard_with(SCHEDULE.replace("0 2 * * *", cron))


def test_a_schedule_of_every_minute_is_set_off_once_a_minute_however_often_it_is_looked_at(
    yard_with: Yards,
) -> None:
    yard = yard_with(SCHEDULE.replace("0 2 * * *", "* * * * *"))
    yard.create("delivery", {"code": "D-1", "status": "sent"})
    yard.at("2026-03-02T08:00").tick()

    seconds = ("08:01:00", "08:01:01", "08:01:30", "08:01:59", "08:02:00", "08:02:01")

    begun = []
    for each in seconds:
        begun.append(yard.at(f"2026-03-02T{each}").tick())
        yard.at(f"2026-03-02T{each}").work()
    assert begun == [1, 0, 0, 0, 1, 0]


def test_one_tenant_in_which_anything_breaks_keeps_no_other_waiting(yard_with: Yards) -> None:
    yard = yard_with(REMIND)
    yard.create("delivery", {"code": "due", "checked_on": "2026-03-03"})
    seen: list[str] = []

    def system(name: str) -> Context:
        seen.append(name)
        if name == "broken":
            raise ZeroDivisionError
        return yard.ctx

    clock = Clock(yard.house.database, yard.house.runner, lambda: ["broken", "sound"], system)
    clock.tick(yard.ctx.now)

    assert seen == ["broken", "sound"]


def test_what_has_its_hour_comes_once_where_clocks_are_set_back_and_what_comes_hourly_twice(
    yard_with: Yards,
) -> None:
    ctx = yard_with(SCHEDULE).ctx
    app = replace(ctx.model.app, timezone="America/New_York")
    there = replace(ctx, compiled=replace(ctx.compiled, model=replace(ctx.model, app=app)))
    begin = datetime(2026, 11, 1, 4, tzinfo=UTC)

    def struck(cron: str) -> list[str]:
        moments = [begin + timedelta(minutes=10 * at) for at in range(1, 25)]
        return [
            each.strftime("%H:%M")
            for each in moments
            if _struck(cron, Window(each - timedelta(minutes=10), each), there)
        ]

    assert struck("30 1 * * *") == ["05:30"]
    assert struck("30 * * * *") == ["04:30", "05:30", "06:30", "07:30"]
    assert struck("0 2 * * *") == ["07:00"]


@pytest.mark.parametrize("cron", ["0 2 * * *", "30 2 * * *", "59 2 * * *"])
def test_what_has_an_hour_that_is_left_out_comes_once_when_clocks_are_set_forward(
    yard_with: Yards, cron: str
) -> None:
    ctx = yard_with(SCHEDULE).ctx
    app = replace(ctx.model.app, timezone="Europe/Berlin")
    there = replace(ctx, compiled=replace(ctx.compiled, model=replace(ctx.model, app=app)))
    moments = [datetime(2026, 3, 28, 23, tzinfo=UTC) + timedelta(minutes=at) for at in range(360)]

    struck = [
        each.strftime("%H:%M")
        for each in moments
        if _struck(cron, Window(each - timedelta(minutes=1), each), there)
    ]

    assert struck == ["01:00"]


UNITS = st.sampled_from(["minute", "hour", "day", "week", "month", "year", "working_day"])


@given(
    amount=st.integers(-40, 40), unit=UNITS, at=st.sampled_from(["", "00:00", "09:30", "23:59"]),
    day=st.dates(date(2024, 1, 1), date(2027, 12, 31)), minutes=st.integers(0, 3000),
)  # fmt: skip
@settings(max_examples=examples(300))
def test_no_day_that_is_due_is_left_out_of_those_looked_at(
    yard: Yard, amount: int, unit: str, at: str, day: date, minutes: int
) -> None:
    trigger = Trigger("date", "delivery", offset=Lapse(amount, unit), at=at)  # type: ignore[arg-type]
    moment = moment_of(yard.ctx.model, trigger, day)
    if moment is None:
        return
    zone = ZoneInfo(yard.ctx.model.app.timezone)
    now = (moment + timedelta(minutes=minutes)).astimezone(zone)
    here = yard.at(now.replace(tzinfo=None).isoformat())

    class Looking:
        ctx = here.ctx

    last = moment - timedelta(minutes=1)
    assert day in _candidates(Looking(), trigger, Window(last, here.ctx.now))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("offset", "at", "found", "expected"),
    [
        (Lapse(-1, "day"), "09:00", date(2026, 3, 3), "2026-03-02T09:00"),
        (Lapse(1, "month"), "", date(2026, 1, 31), "2026-02-28T00:00"),
        (Lapse(-3, "working_day"), "08:00", date(2026, 3, 4), "2026-02-27T08:00"),
        (Lapse(-2, "hour"), "", date(2026, 3, 3), "2026-03-02T22:00"),
    ],
)
def test_moments_are_counted_on_the_clock_of_the_app(
    yard: Yard, offset: Lapse, at: str, found: date, expected: str
) -> None:
    trigger = Trigger("date", "delivery", offset=offset, at=at)
    zone = ZoneInfo(yard.ctx.model.app.timezone)

    moment = moment_of(yard.ctx.model, trigger, found)

    assert moment == datetime.fromisoformat(expected).replace(tzinfo=zone)
