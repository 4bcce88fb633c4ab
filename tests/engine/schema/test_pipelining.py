"""Statements that are sent without waiting for each: what fails first is raised, and said once."""

from __future__ import annotations

import logging
from typing import Any

import psycopg
import pytest

from engine.database import driver_of
from engine.pipelining import pipelined


def test_what_could_not_be_done_after_a_refusal_is_not_warned_of(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with shop.database.reading(shop.ctx()) as connection:
        driver = driver_of(connection)
        with (
            caplog.at_level(logging.DEBUG, "psycopg"),
            pytest.raises(psycopg.errors.DivisionByZero),
            pipelined(driver),
        ):
            driver.execute("SELECT 1 / 0")
            # It is told while others are still being sent.
            for _ in range(100_000):
                driver.execute("SELECT 1")

    assert [each.getMessage() for each in caplog.records if each.name == "psycopg"] == []


def test_what_is_answered_only_at_the_end_is_raised_there(shop: Any) -> None:
    with (
        pytest.raises(psycopg.errors.DivisionByZero),
        shop.database.reading(shop.ctx()) as connection,
        pipelined(driver_of(connection)),
    ):
        driver_of(connection).execute("SELECT 1 / 0")
