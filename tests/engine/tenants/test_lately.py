"""What is kept for a moment, and what is not."""

from __future__ import annotations

from engine.tenants.lately import MOMENT, MOST, Lately


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Answers what it holds, and counts how often it was asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self) -> str | None:
        self.asked += 1
        return self.answer


def test_an_answer_is_given_again_for_a_moment_and_then_read_anew() -> None:
    clock, source = Clock(), Source("first")
    lately: Lately[str, str] = Lately(clock=clock)

    assert lately.get("key", source) == "first"
    source.answer = "second"
    clock.now += MOMENT * 0.99
    assert lately.get("key", source) == "first"

    clock.now += MOMENT * 0.02
    assert lately.get("key", source) == "second"
    assert source.asked == 2


def test_no_answer_is_not_kept_so_that_what_is_made_now_works_now() -> None:
    source = Source(None)
    lately: Lately[str, str] = Lately(clock=Clock())

    assert lately.get("key", source) is None
    source.answer = "made"

    assert lately.get("key", source) == "made"


def test_what_is_forgotten_is_read_at_once() -> None:
    source = Source("before")
    lately: Lately[str, str] = Lately(clock=Clock())
    lately.get("key", source)

    source.answer = None
    lately.forget()

    assert lately.get("key", source) is None


def test_no_more_is_kept_than_the_bound() -> None:
    lately: Lately[int, str] = Lately(clock=Clock())
    for key in range(MOST + 1):
        lately.get(key, Source("x"))

    again = Source("y")

    assert lately.get(0, again) == "y"
    assert again.asked == 1
