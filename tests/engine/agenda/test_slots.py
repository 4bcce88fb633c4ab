"""When people are free together (T-11): the same as trying every quarter of an hour."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.agenda import Slot, free_slots
from engine.agenda.slots import working_hours
from formula.calendars import Calendar
from tests.budget import examples

HOURS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))

HOLIDAY, WORKED = date(2026, 10, 1), date(2026, 10, 10)

OFFICE = Calendar("", (*(HOURS,) * 5, (), ()), ((HOLIDAY, ()), (WORKED, HOURS)))

SHANGHAI = ZoneInfo("Asia/Shanghai")

BEGINNING = datetime(2026, 9, 28, tzinfo=SHANGHAI)

QUARTER = timedelta(minutes=15)

minutes = st.integers(0, 14 * 24 * 60)

stretches = st.builds(
    lambda at, long: Slot(_at(at), _at(at + long)), minutes, st.integers(1, 3 * 24 * 60)
)


def _at(count: int) -> datetime:
    return BEGINNING + timedelta(minutes=count)


def _is_free(begins: datetime, length: timedelta, taken: list[Slot], within: Slot) -> bool:
    """Whether every minute of a time is worked, and nobody is taken in it: minute by minute."""
    here = begins.astimezone(SHANGHAI)
    first = here.hour * 60 + here.minute
    last = first + length // timedelta(minutes=1)
    worked = any(a <= first and last <= b for a, b in working_hours(OFFICE, here.date()))
    open_then = within.begins <= begins and begins + length <= within.ends
    clear = all(each.ends <= begins or each.begins >= begins + length for each in taken)
    return worked and open_then and clear


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(stretches, max_size=8), stretches, st.sampled_from([15, 30, 60, 90, 240]))
def test_free_slots_are_those_that_a_naive_search_finds(
    taken: list[Slot], within: Slot, length: int
) -> None:
    long = timedelta(minutes=length)

    found = list(free_slots(taken, within, long, OFFICE, SHANGHAI))

    expected, at = [], datetime.combine(within.begins.date(), time(), SHANGHAI)
    while at < within.ends:
        if _is_free(at, long, taken, within):
            expected.append(Slot(at, at + long))
            at += long
        else:
            at += QUARTER
    assert found == expected


def test_a_holiday_has_no_free_time_and_a_make_up_day_has() -> None:
    def on(day: date) -> list[Slot]:
        begins = datetime.combine(day, time(), SHANGHAI)
        within = Slot(begins, begins + timedelta(days=1))
        return list(free_slots([], within, timedelta(hours=1), OFFICE, SHANGHAI))

    assert on(HOLIDAY) == []
    assert len(on(WORKED)) == 8
