"""When something is sent again, by the clock where somebody is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.delivering.schedule import EVERY, Rhythm, following

rhythms = st.builds(
    Rhythm,
    st.sampled_from(EVERY),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo"]),
    st.integers(1, 7),
)
moments = st.integers(0, 5 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)

CASES = {
    "a day": (Rhythm("daily", time(8), "Asia/Shanghai"), "2026-11-23T08:00+08:00"),
    "a week": (Rhythm("weekly", time(8), "Asia/Shanghai", 3), "2026-11-25T08:00+08:00"),
    "a month": (Rhythm("monthly", time(18, 30), "Asia/Shanghai", 31), "2026-11-30T18:30+08:00"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_next_time_is_the_first_that_the_clock_shows(case: str) -> None:
    rhythm, expected = CASES[case]

    found = following(rhythm, datetime(2026, 11, 22, 13, tzinfo=UTC))

    assert found == datetime.fromisoformat(expected)


@given(rhythms, moments)
def test_the_next_time_is_later_soon_enough_and_of_the_rhythm(
    rhythm: Rhythm, after: datetime
) -> None:
    found = following(rhythm, after)

    longest = {"daily": 2, "weekly": 8, "monthly": 32}[rhythm.every]
    assert after < found <= after + timedelta(days=longest)
    local = found.astimezone(ZoneInfo(rhythm.zone))
    if rhythm.every == "weekly":
        assert local.isoweekday() == rhythm.day or local.time() != rhythm.at


@given(rhythms, moments)
def test_no_time_between_is_left_out(rhythm: Rhythm, after: datetime) -> None:
    found = following(rhythm, after)

    assert following(rhythm, found - timedelta(seconds=1)) == found
