"""Runs that wait while a change is published: which go on, by what, and which come to their end.

A run goes on by the steps that are published when its time comes. A plan says of which this is
not what whoever set it off has seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from engine.context import Context
from engine.database import driver_of
from engine.schema.ddl import qualified
from engine.schema.live import Live
from engine.schema.steps import Effect, Verdict
from metamodel.actions import ActionStep, CallAutomation
from metamodel.diff import said
from metamodel.model import Model
from metamodel.scripts import step_at, steps_of

RUNS = "sys_run"

Place = tuple[str, ...]

VERDICTS: Mapping[str, Verdict] = {
    "runs_end": "loses",
    "runs_lose_place": "loses",
    "runs_keep_time": "notice",
    "runs_go_on": "notice",
}
"""What becomes of runs that wait, from the worst to the mildest."""


def run_effects(connection: Connection, ctx: Context, old: Model, live: Live) -> Iterator[Effect]:
    """Yield what a plan does to runs that wait."""
    if RUNS not in live:
        return
    counted: Counter[tuple[str, str, str]] = Counter()
    for script, entity, place, rows in _waiting(connection, ctx):
        code = _becomes(old, ctx.model, script, place)
        if code:
            counted[code, script, entity] += rows
    for code, verdict in VERDICTS.items():
        for (each, script, entity), rows in sorted(counted.items()):
            if each == code:
                yield Effect(code, entity, verdict, rows, params={"automation": script})


def _waiting(connection: Connection, ctx: Context) -> Iterator[tuple[str, str, Place, int]]:
    """Yield what runs wait, grouped: whose, over which kind of record, where, and how many."""
    table = qualified(ctx.tenant.schema, RUNS)
    statement = (
        "SELECT automation, coalesce(entity, ''), place::text, count(*) "  # noqa: S608
        f"FROM {table} WHERE state IN ('waiting', 'parked') GROUP BY 1, 2, 3"
    )
    for script, entity, place, rows in driver_of(connection).execute(statement.encode()):
        yield script, entity, tuple(json.loads(place or "[]")), int(rows)


def _becomes(old: Model, new: Model, script: str, place: Place) -> str:
    """Return the code of what becomes of a run; "" where it goes on as if nothing had changed."""
    before, after = steps_of(old, script), steps_of(new, script)
    if before is None:
        return ""
    if after is None:
        return "runs_end"
    here, there = step_at(old, before, place), step_at(new, after, place)
    if here is not None and there is None:
        return "runs_lose_place"
    if here is not None and there is not None and said(here.act) != said(there.act):
        return "runs_keep_time"
    return "" if _said(old, before) == _said(new, after) else "runs_go_on"


def _said(model: Model, steps: tuple[ActionStep, ...]) -> tuple[object, ...]:
    """Return what steps say, those of automations that they call included."""
    called = {each.act.automation for each in steps if isinstance(each.act, CallAutomation)}
    inner = [each.steps for each in model.automations.values() if each.name in called]
    return said(steps), said(tuple(inner))
