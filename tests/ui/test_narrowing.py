"""The periods that a dashboard can be narrowed to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.viewmodels.periods import PERIODS, bounds, former, own_period

TODAY = date(2026, 2, 28)

CASES = {
    "today": (date(2026, 2, 28), date(2026, 2, 28)),
    "this_week": (date(2026, 2, 23), date(2026, 3, 1)),
    "last_week": (date(2026, 2, 16), date(2026, 2, 22)),
    "next_month": (date(2026, 3, 1), date(2026, 3, 31)),
    "next_quarter": (date(2026, 4, 1), date(2026, 6, 30)),
    "last_30_days": (date(2026, 1, 30), date(2026, 2, 28)),
    "last_90_days": (date(2025, 12, 1), date(2026, 2, 28)),
    "last_12_months": (date(2025, 3, 1), date(2026, 2, 28)),
    "this_month": (date(2026, 2, 1), date(2026, 2, 28)),
    "last_month": (date(2026, 1, 1), date(2026, 1, 31)),
    "this_quarter": (date(2026, 1, 1), date(2026, 3, 31)),
    "last_quarter": (date(2025, 10, 1), date(2025, 12, 31)),
    "this_year": (date(2026, 1, 1), date(2026, 12, 31)),
    "last_year": (date(2025, 1, 1), date(2025, 12, 31)),
}


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_has_a_first_and_a_last_day(period: str) -> None:
    assert bounds(period, TODAY) == CASES[period]


@given(
    st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.sampled_from(["month", "quarter", "year"])
)
def test_the_last_period_ends_the_day_before_this_one_which_holds_today(
    today: date, unit: str
) -> None:
    first, last = bounds(f"this_{unit}", today)

    assert first <= today <= last
    assert bounds(f"last_{unit}", today)[1] == first - timedelta(days=1)


@given(
    st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    st.sampled_from([code for code in PERIODS if code.startswith(("this", "last"))]),
)
def test_the_period_before_ends_where_one_begins_and_a_year_before_begins_on_its_day(
    today: date, code: str
) -> None:
    first, last = bounds(code, today)

    before = former(code, today, "previous_period")
    earlier = former(code, today, "previous_year")

    assert before[1] == first - timedelta(days=1)
    assert before[0] <= before[1]
    assert earlier[0].year == first.year - 1
    assert (earlier[0].month, earlier[1].month) == (first.month, last.month)


@given(st.dates(), st.integers(0, 4000))
def test_two_days_of_ones_own_are_read_as_they_were_written(first: date, length: int) -> None:
    last = min(first.toordinal() + length, date.max.toordinal())
    days = (first, date.fromordinal(last))

    assert bounds(own_period(*days), TODAY) == days
