"""Has runs gone on with by workers, after the transaction that began or paused them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine.jobs import defer
from workflow.runs import Run

TASK = "automation.run"

AT_ONCE = 200
"""Runs that one job goes on with."""


def later(connection: Connection, runs: Sequence[Run]) -> None:
    """Defer jobs for runs, many that are due together in one."""
    groups: dict[datetime | None, list[str]] = {}
    for run in runs:
        groups.setdefault(run.due, []).append(str(run.id))
    for due, ids in groups.items():
        for start in range(0, len(ids), AT_ONCE):
            defer(connection, TASK, {"runs": ids[start : start + AT_ONCE]}, not_before=due)


def never(connection: Connection, runs: Sequence[Run]) -> None:
    """Leave runs to whoever looks for them: nobody works in a rehearsal."""
