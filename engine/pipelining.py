"""Statements sent to the database one after the other, without waiting for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from engine.database import Driver


@contextmanager
def pipelined(driver: Driver) -> Iterator[None]:
    """Send statements without waiting for each; whichever fails first is what is raised.

    Those behind it cannot be done, which the driver would warn of on leaving.
    """
    failed: psycopg.Error | None = None
    try:
        with driver.pipeline():
            try:
                yield
            except psycopg.Error as error:
                failed = error
    except psycopg.Error:
        if failed is None:
            raise
    if failed is not None:
        raise failed
