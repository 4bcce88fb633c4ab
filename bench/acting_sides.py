"""What is measured of tenants that act by themselves, and how."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from boot.wiring import House
from engine.context import Cause, Context
from engine.jobs import Job
from workflow.queueing import AT_ONCE
from workflow.runs import waiting
from workflow.task import RunTask


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, and what it is to keep to."""

    name: str
    value: float
    unit: str
    target: str


@dataclass(frozen=True, slots=True)
class Side:
    """One tenant of the installation that is measured."""

    built: House
    name: str

    @property
    def ctx(self) -> Context:
        """What the system itself does things by in it."""
        return self.built.contexts.system(self.name, cause=Cause("cli"))

    def later(self, lapse: timedelta) -> Context:
        """Return the same, some time from now."""
        ctx = self.ctx
        return replace(ctx, moment=replace(ctx.moment, now=ctx.now + lapse))

    def work(self, ctx: Context) -> int:
        """Go on with all runs that wait, as one worker does; return how many stretches that were.

        A run that stops half way, for the next part of very many records, is gone on with.
        """
        task = RunTask(self.built.database, self.built.runner, lambda _: ctx, _nobody)
        stretches = 0
        while ids := self._waiting(ctx):
            for start in range(0, len(ids), AT_ONCE):
                named = {"runs": ids[start : start + AT_ONCE]}
                task.run(Job(0, self.name, named, 1, _silent))
            stretches += len(ids)
        return stretches

    def _waiting(self, ctx: Context) -> list[str]:
        with self.built.database.reading(ctx) as connection:
            return [str(each) for each in waiting(connection, ctx)]


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def late(values: Sequence[float]) -> float:
    """Return what 95 of 100 values are below."""
    return statistics.quantiles(values, n=20)[-1]


def middle(values: Sequence[float]) -> float:
    """Return the value in the middle."""
    return statistics.median(values)


def _nobody(tenant: str, user: UUID) -> Context | None:
    return None


def _silent(done: int, total: int, note: str) -> None:
    """Report to nobody."""
