"""How long each step of a plan takes, and who waits for it meanwhile.

Rates were measured by `bench.reshape` on rows of usual width; a table whose rows are wider
takes longer by as much. They are for people who choose the hour of a publish, not a promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.schema.live import Live
from engine.schema.steps import Lock, Step

INSTANT = 0.01
"""Seconds of a step that PostgreSQL only notes."""

USUAL = 400
"""Bytes of a row that the rates were measured with."""

WRITTEN = 60_000.0
"""Rows a second that a statement writes anew, their index entries included."""

READ = 1_500_000.0
"""Rows a second that are only looked at."""

RATES: Mapping[str, float] = MappingProxyType(
    {
        "create_index": 500_000.0,
        "create_unique_index": 500_000.0,
        "validate_constraint": READ,
        "fill_computed": 40_000.0,
        "fill_sort_keys": 6_000.0,
        "encrypt_values": 8_000.0,
    }
)
"""Rows a second by the code of a step; others are `WRITTEN`."""

NOTED = frozenset(
    {
        "add_column",
        "widen_column",
        "keep_values",
        "add_constraint",
        "drop_column",
        "drop_constraint",
        "drop_index",
        "swap_column",
        "swap_index",
    }
)
"""Steps that hold everybody for an instant: PostgreSQL notes something about a whole table."""


def costed(steps: Sequence[Step], live: Live) -> tuple[Step, ...]:
    """Return steps with the lock that each takes and the seconds that it is likely to take."""
    return tuple(
        replace(step, lock=_lock(step), seconds=_seconds(step, _width(step, live)))
        for step in steps
    )


def _lock(step: Step) -> Lock:
    if step.lock != "none":
        return step.lock
    if step.code in NOTED:
        return "exclusive"
    held = step.phase == "switch" or (step.cost == "builds" and not step.alone)
    return "share" if held and step.rows else "none"


def _seconds(step: Step, width: float) -> float:
    if step.seconds:
        return step.seconds
    if step.code in NOTED or step.late or not step.rows:
        return INSTANT
    rate = RATES.get(step.code, WRITTEN)
    return max(INSTANT, round(step.rows * max(1.0, width) / rate, 2))


def _width(step: Step, live: Live) -> float:
    """Return how many times wider than usual the rows of a step's table are."""
    name = str(step.params.get("table", "")) or step.table.rpartition(".")[2].strip('"')
    there = live.get(name)
    if there is None or not there.rows:
        return 1.0
    return there.bytes / there.rows / USUAL
