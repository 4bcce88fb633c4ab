"""A series of appointments that is changed in part: one time, those that follow, or all (T-09)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.agenda.repeats import occurrences
from engine.agenda.series import Series
from tests.budget import examples
from tests.engine.agenda.test_repeats import AHEAD, START, rules

HOUR = timedelta(hours=1)

ENDS = ("", ";COUNT=5", ";UNTIL=20270401", ";EXDATE=20260206,20260302")


def times(series: Series, ends: datetime = START + AHEAD) -> list[datetime]:
    return list(occurrences(series.rule, series.begins, START, ends))


plain = st.builds(
    "FREQ={};INTERVAL={}".format, st.sampled_from(("DAILY", "WEEKLY", "YEARLY")), st.integers(1, 4)
)
"""Rules that name no days."""


@st.composite
def series_and_a_time(draw: st.DrawFn, of: st.SearchStrategy[str]) -> tuple[Series, datetime]:
    series = Series(draw(of) + draw(st.sampled_from(ENDS)), START, HOUR)
    found = list(islice(times(series), 6))
    return series, draw(st.sampled_from(found))


@settings(max_examples=examples(80), deadline=None)
@given(series_and_a_time(rules()))
def test_a_time_that_goes_its_own_way_leaves_all_others(chosen: tuple[Series, datetime]) -> None:
    series, at = chosen

    left = series.without(at.date())

    others = [each for each in times(series) if each != at]
    assert (times(left) if left is not None else []) == others


@settings(max_examples=examples(80), deadline=None)
@given(series_and_a_time(rules()))
def test_a_series_that_is_parted_takes_place_as_before(chosen: tuple[Series, datetime]) -> None:
    series, at = chosen
    assume(at.date() != series.first)

    before, rest = series.before(at.date()), series.rest(at.date())

    assert times(before) + times(rest) == times(series)
    assert times(rest)[0] == at


@settings(max_examples=examples(80), deadline=None)
@given(series_and_a_time(plain), st.integers(-9, 9), st.integers(-3, 8))
def test_all_times_move_as_one_of_them_is_moved(
    chosen: tuple[Series, datetime], days: int, hours: int
) -> None:
    series, at = chosen
    to = at + timedelta(days=days, hours=hours)

    moved = series.moved(at.date(), to, 2 * HOUR)

    assert moved is not None and moved.length == 2 * HOUR
    ends = START + AHEAD
    there = occurrences(moved.rule, moved.begins, START - AHEAD, ends + (to - at))
    assert [each - (to - at) for each in there] == times(series)


@pytest.mark.parametrize(
    ("rule", "at", "days", "found"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", "02-06", 3, ["02-02", "02-09", "02-16"]),
        ("FREQ=WEEKLY;BYDAY=WE,FR", "02-04", 1, ["01-30", "02-05", "02-06"]),
        ("FREQ=WEEKLY;BYDAY=WE,FR;EXDATE=20260204", "02-11", -1, ["01-30", "02-06", "02-10"]),
        ("FREQ=WEEKLY;BYDAY=WE,FR", "02-04", 9, None),
        ("FREQ=MONTHLY;BYDAY=-1FR", "02-27", 1, None),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "02-15", 1, None),
    ],
)
def test_a_rule_of_weekdays_moves_to_others_and_one_of_the_month_stays(
    rule: str, at: str, days: int, found: list[str] | None
) -> None:
    series = Series(rule, START, HOUR)
    day = datetime.fromisoformat(f"2026-{at}T09:30")

    moved = series.moved(day.date(), day + timedelta(days=days), HOUR)

    shown = [f"{each:%m-%d}" for each in times(moved)[:3]] if moved is not None else None
    assert shown == found
