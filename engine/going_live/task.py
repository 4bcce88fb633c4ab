"""The job that makes a publish in a worker, as the person who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from engine.context import Cause, Context
from engine.drafts.going_out import Watching
from engine.errors import Busy, EngineError, PublishRunning, Unavailable
from engine.going_live.service import GoingLive
from engine.going_live.underway import noted, noted_live, noted_stopped
from engine.going_live.wanted import ordered
from engine.jobs import Job
from engine.schema.apply import Mark
from metamodel.problems import DefinitionInvalid

PASSING = (Unavailable, Busy)
"""Refusals after which it is begun again by itself."""


@dataclass(frozen=True, slots=True)
class GoLiveTask:
    """Publishes; what a worker left that died is finished or undone, and begun again."""

    going_live: GoingLive
    person: Callable[[str, UUID, str, Cause], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Publish, or note what stopped it: then nothing was done, and a draft is as it was."""
        order = ordered(job.payload)
        cause = Cause("publish", str(order.wanted.over + 1))
        passing = (*PASSING, PublishRunning) if job.attempt > 1 else PASSING
        try:
            ctx = self.person(job.tenant, order.account, order.language, cause)
            revision = self.going_live.run(ctx, order, _watching(job))
        except passing:
            # On a later run it may be the one before that has not let go yet.
            raise
        except (EngineError, DefinitionInvalid) as refused:
            job.report(0, 0, noted_stopped(refused))
        else:
            job.report(1, 1, noted_live(revision))


def _watching(job: Job) -> Watching:
    """Return who writes down how far a job is: each scenario, and the beginning of each step."""

    def tests(played: int, of: int) -> None:
        job.report(played, of, noted("tests"))

    def steps(mark: Mark) -> None:
        # In the switch's own transaction nobody else is waited for.
        if not mark.rows and not mark.done and mark.step.phase != "switch":
            job.report(mark.number, mark.steps, noted("steps"))

    return Watching(tests, steps)
