"""Calls are counted over a sliding minute, for each caller by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.throttle import HEADROOM, Throttle, TooMany


class Clock:
    """A clock that is moved by hand."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def test_one_more_than_allowed_is_asked_to_wait_and_another_caller_is_not() -> None:
    throttle = Throttle(3, clock=Clock())
    for _ in range(3):
        throttle.count("shop", "Lin")

    with pytest.raises(TooMany):
        throttle.count("shop", "Lin")
    throttle.count("shop", "Wang")


def test_a_limit_of_nothing_counts_nothing() -> None:
    throttle = Throttle(0)

    for _ in range(1000):
        throttle.count("Lin")


@given(
    most=st.integers(1, 20),
    start=st.floats(0, 300, allow_nan=False),
    pauses=st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=120),
)
def test_whoever_waits_as_long_as_told_is_let_in(
    most: int, start: float, pauses: list[float]
) -> None:
    clock = Clock(start)
    throttle = Throttle(most, clock=clock)

    for pause in pauses:
        clock.at += pause
        try:
            throttle.count("Lin")
        except TooMany as refusal:
            assert 0 < refusal.wait <= 120 + HEADROOM
            clock.at += refusal.wait
            throttle.count("Lin")


@given(
    most=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_minute_of_the_clock_lets_more_in_than_allowed(most: int, pauses: list[float]) -> None:
    clock = Clock(0.0)
    throttle = Throttle(most, clock=clock)
    let_in: dict[int, int] = {}

    for pause in pauses:
        clock.at += pause
        try:
            throttle.count("Lin")
        except TooMany:
            continue
        let_in[int(clock.at // 60)] = let_in.get(int(clock.at // 60), 0) + 1

    assert max(let_in.values()) <= most


def test_callers_who_stay_away_are_forgotten() -> None:
    clock = Clock()
    throttle = Throttle(5, clock=clock)
    for number in range(100):
        throttle.count(str(number))

    clock.at += 180
    throttle.count("somebody")

    assert len(throttle._now) + len(throttle._before) == 1
