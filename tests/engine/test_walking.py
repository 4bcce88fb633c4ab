"""Looking at every tenant in turn: what breaks in one is told, and no other feels it."""

from __future__ import annotations

import logging

import pytest

from engine.walking import one_by_one


def test_what_breaks_in_one_is_told_by_its_kind_alone_and_no_other_feels_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looked_at: list[str] = []

    def look(name: str) -> None:
        looked_at.append(name)
        if name == "broken":
            raise ZeroDivisionError("the salary of Ann divided by nothing")

    complain = (logging.getLogger("looking"), "Nothing was done")
    one_by_one(["first", "broken", "last"], str, look, complain)

    assert looked_at == ["first", "broken", "last"]
    assert caplog.messages == ["Nothing was done in broken: ZeroDivisionError"]
