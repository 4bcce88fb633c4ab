"""The same thing again and again is told once a minute, and nothing is lost of its number."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from engine.audit.repeats import MOST, WINDOW, Repeats


@dataclass(slots=True)
class Clock:
    """A clock that tests set."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_told_at_once_and_the_rest_when_the_minute_is_over() -> None:
    clock = Clock()
    repeats: Repeats[str] = Repeats(clock=clock)

    first, second, third = (repeats.count("a", "A") for _ in range(3))
    clock.now += WINDOW
    later = repeats.count("b", "B")

    assert (first, second, third) == ([("A", 1)], [], [])
    assert later == [("A", 2), ("B", 1)]


def test_no_more_is_remembered_than_fits() -> None:
    repeats: Repeats[int] = Repeats(clock=Clock())
    repeats.count(0, 0)
    repeats.count(0, 0)

    told = [each for at in range(1, MOST + 1) for each in repeats.count(at, at)]

    assert (0, 1) in told
    assert repeats.all() == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, WINDOW)), max_size=40))
def test_every_occurrence_is_told_exactly_once(coming: list[tuple[str, float]]) -> None:
    clock = Clock()
    repeats: Repeats[str] = Repeats(clock=clock)
    told: list[tuple[str, int]] = []

    for key, pause in coming:
        clock.now += pause
        told += repeats.count(key, key)
    told += repeats.all()

    for key in "abc":
        assert sum(times for each, times in told if each == key) == [k for k, _ in coming].count(
            key
        )
