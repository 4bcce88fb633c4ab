"""Runs of what came from outside, begun in the transaction that takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from engine.context import Context
from engine.records.formed import Stand, values_here, values_of
from engine.records.work import Work
from metamodel.automation import Automation, Event
from workflow.runner import Runner
from workflow.runs import Run, begin, keep


def active(ctx: Context, on: Event) -> Iterator[Automation]:
    """Yield the automations that wait for one kind of event."""
    return (
        each for each in ctx.model.automations.values() if each.active and each.trigger.on == on
    )


def set_off(
    ctx: Context,
    connection: Connection,
    runner: Runner,
    automation: Automation,
    stands: Sequence[Stand],
) -> list[Run]:
    """Begin a run on each stand for which an automation's condition holds."""
    work = Work.begin(ctx, connection, runner.hands.policy)
    holding = [each for each in stands if _holds(work, automation, each)]
    runs = [begin(ctx, automation.key, each) for each in holding]
    keep(connection, ctx, runs)
    runner.hands.later(connection, runs)
    return runs


def _holds(work: Work, automation: Automation, stand: Stand) -> bool:
    when, key = automation.when, ("arrived", automation.key)
    if when is None:
        return True
    if stand.record is None:
        return bool(values_here(work, stand, [when], key)[0])
    found = values_of(work, stand, [stand.record], [when], key)
    return bool(stand.record in found and found[stand.record][0])
