"""The periods that a dashboard can be narrowed to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.viewmodels.narrowing import PERIODS, bounds

TODAY = date(2026, 2, 28)

CASES = {
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
