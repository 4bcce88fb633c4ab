"""Clocks of service levels count what is worked, and nothing that is waited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from formula.calendars import Calendar
from metamodel.actions import Lapse
from metamodel.label import Label
from metamodel.model import App, Model
from tests.budget import examples
from workflow.service_levels.business import Business
from workflow.service_levels.clock import Clock, Promise, go_on
from workflow.service_levels.remaining import remaining

HOURS = ((540, 720), (780, 1080))
OFFICE = Calendar("", (HOURS,) * 5 + ((), ()), ((date(2026, 3, 5), ()), (date(2026, 3, 7), HOURS)))
APP = App("x", Label({"": "X"}), "1.0", timezone="Asia/Shanghai")
MODEL = Model(app=APP, entities={}, calendars={"": OFFICE})
BUSINESS = Business(MODEL)
START = datetime(2026, 3, 2, tzinfo=UTC)

minutes = st.integers(0, 14 * 24 * 60)


@st.composite
def waits(draw: st.DrawFn) -> list[datetime]:
    """Return instants in order, at which waiting begins and ends by turns."""
    found = sorted(draw(st.sets(minutes, max_size=6)))
    return [START + timedelta(minutes=each) for each in found]


@given(waits(), st.integers(1, 40), st.booleans())
@settings(max_examples=examples(60), deadline=None)
def test_a_clock_is_due_once_its_hours_were_worked_outside_of_pauses(
    moments: list[datetime], hours: int, in_lapse: bool
) -> None:
    """Requirement V-21."""
    length = Lapse(hours, "working_hour") if in_lapse else Decimal(hours)
    clock: Clock | None = go_on(None, Promise("l", "t", length, BUSINESS), START)
    for at, moment in enumerate(moments):
        clock = go_on(clock, Promise("l", "t", length, BUSINESS, paused=at % 2 == 0), moment)
    last = moments[-1] if moments else START
    clock = go_on(clock, Promise("l", "t", length, BUSINESS), last)

    assert clock is not None and clock.due is not None
    waited = sum((BUSINESS.between(*span) for span in clock.pauses), Decimal(0))
    assert round(BUSINESS.between(START, clock.due) - waited, 9) == hours
    assert clock.state == ("late" if clock.due <= last else "running")


@given(waits(), st.integers(1, 40), minutes)
@settings(max_examples=examples(60), deadline=None)
def test_what_is_left_and_what_was_worked_outside_of_pauses_are_the_whole_time(
    moments: list[datetime], hours: int, passed: int
) -> None:
    """Requirement V-21."""
    length = Decimal(hours)
    clock: Clock | None = go_on(None, Promise("l", "t", length, BUSINESS), START)
    for at, moment in enumerate(moments):
        clock = go_on(clock, Promise("l", "t", length, BUSINESS, paused=at % 2 == 0), moment)
    assert clock is not None
    now = (moments[-1] if moments else START) + timedelta(minutes=passed)
    waits_now = [(clock.paused_at, now)] if clock.paused_at is not None else []

    found = remaining(clock, BUSINESS, now)

    assert found is not None
    waited = sum((BUSINESS.between(*span) for span in (*clock.pauses, *waits_now)), Decimal(0))
    left = hours - (BUSINESS.between(START, now) - waited)
    assert abs(found.left - timedelta(hours=float(left))) < timedelta(seconds=1)
    assert found.whole == timedelta(hours=hours)


@given(waits())
@settings(max_examples=examples(40), deadline=None)
def test_time_in_which_a_clock_had_stopped_counts_like_a_pause(moments: list[datetime]) -> None:
    length = Decimal(8)
    paused = stopped = go_on(None, Promise("l", "t", length, BUSINESS), START)
    for at, moment in enumerate(moments[: len(moments) // 2 * 2]):
        waits_now = at % 2 == 0
        paused = go_on(paused, Promise("l", "t", length, BUSINESS, paused=waits_now), moment)
        stopped = go_on(stopped, Promise("l", "t", length, BUSINESS, stopped=waits_now), moment)

    assert paused is not None and stopped is not None
    assert (paused.due, paused.state) == (stopped.due, stopped.state)


@given(st.integers(1, 99))
@settings(max_examples=examples(30), deadline=None)
def test_a_share_of_a_time_is_used_when_so_much_of_it_was_worked(percent: int) -> None:
    length, share = Lapse(3, "working_day"), Decimal(percent) / 100
    whole, part = BUSINESS.until(START, length), BUSINESS.part(START, length, share)

    assert whole is not None and part is not None
    used = BUSINESS.between(START, whole) * share
    assert round(BUSINESS.between(START, part) - used, 9) == 0
