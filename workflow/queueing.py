"""Has runs gone on with by workers, after the transaction that began or paused them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from engine.jobs import Queue, defer
from workflow.runs import Run

TASK = "automation.run"

AT_ONCE = 200
"""Runs that one job goes on with."""


def later(connection: Connection, runs: Sequence[Run], *, bulk: bool = False) -> None:
    """Defer jobs for runs, many in one; those that are due at a time are the clock's to wake."""
    ids = [str(run.id) for run in runs if run.due is None]
    # Of very many nobody waits for the last.
    queue: Queue = "bulk" if bulk or len(ids) > AT_ONCE else "interactive"
    for start in range(0, len(ids), AT_ONCE):
        defer(connection, TASK, {"runs": ids[start : start + AT_ONCE]}, queue=queue)


def alone(connection: Connection, runs: Sequence[str]) -> None:
    """Defer a job for each of some runs, so that one that cannot be done holds no other up."""
    for each in runs:
        defer(connection, TASK, {"runs": [each]}, queue="bulk")


def never(connection: Connection, runs: Sequence[Run], *, bulk: bool = False) -> None:
    """Leave runs to whoever looks for them: nobody works in a rehearsal."""
