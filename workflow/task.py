"""Goes on with runs after the change that set them off, in the background.

Runs of one job that can be done together are; the others, each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.errors import Busy, EngineError
from engine.jobs import Job
from workflow.alarms import tell_of
from workflow.errors import StepFailed, reason
from workflow.queueing import alone
from workflow.runner import Runner
from workflow.runs import Done, Run, change, end_all, ended, one, take, take_all
from workflow.together import go_on_together, groups_of

Person = Callable[[str, UUID], Context | None]
"""Returns the context of a person of a tenant by their row of `user`; None for who left."""


@dataclass(frozen=True, slots=True)
class RunTask:
    """Goes on with runs; a `jobs.Task`.

    What a stretch of a run does and that it was done are one transaction: a worker that dies
    in the middle has done nothing, and one that runs it again finds it done.
    """

    database: Database
    runner: Runner
    system: Callable[[str], Context]
    person: Person

    @property
    def attempts(self) -> int:
        """How often a run is tried while its database is away, or others are in its way."""
        return 5

    def run(self, job: Job) -> None:
        """Go on with the runs that the job names."""
        named = job.payload["runs"]
        if len(named) > 1 and job.attempt > 1:
            # One of them could not be done: from now on each stands for itself.
            ctx = self.system(job.tenant)
            self.database.unit(ctx, lambda connection: alone(connection, named))
            return
        runs = [UUID(each) for each in named]
        left = self._together(job.tenant, runs) if len(runs) > 1 else runs
        for done, run in enumerate(left, start=len(runs) - len(left) + 1):
            self._one(job.tenant, run)
            if len(runs) > 1:
                job.report(done, len(runs), "")

    def give_up(self, job: Job) -> None:
        """Note of runs that they broke again and again."""
        ctx = self.system(job.tenant)
        error = {"code": "worker_error", "attempts": job.attempt}

        def unit(connection: Connection) -> None:
            for each in job.payload["runs"]:
                run = take(connection, ctx, UUID(each))
                if run is not None:
                    change(connection, ctx, ended(run, ctx.now, "failed", error))
                    tell_of(ctx, connection, [run])

        self.database.unit(ctx, unit)

    def _together(self, tenant: str, runs: Sequence[UUID]) -> list[UUID]:
        """Do those of some runs together that can be, and return the others.

        Where one of them cannot be done, nothing is, and all are returned.
        """
        ctx = self.system(tenant)

        def unit(connection: Connection) -> set[UUID]:
            done: set[UUID] = set()
            for group in groups_of(ctx, take_all(connection, ctx, runs)):
                whose = self._whose(ctx, group[0])
                ended = go_on_together(whose, connection, self.runner.hands, group)
                end_all(connection, ctx, ended)
                done.update(run.id for run in ended)
            return done

        try:
            over = self.database.unit(ctx, unit)
        except EngineError:
            over = set()
        return [each for each in runs if each not in over]

    def _whose(self, ctx: Context, run: Run) -> Context:
        """Return the context of whoever set a run off, the system's for who has left."""
        whose = self.person(ctx.tenant.name, run.by) if run.by != ctx.actor.user else None
        return ctx if whose is None else replace(ctx, actor=whose.actor)

    def _one(self, tenant: str, id_: UUID) -> None:
        ctx = self.system(tenant)
        try:
            self.database.unit(ctx, lambda connection: self._go_on(ctx, connection, id_))
        except StepFailed as found:
            error = found
            self.database.unit(ctx, lambda connection: _fail(ctx, connection, id_, error))

    def _go_on(self, ctx: Context, connection: Connection, id_: UUID) -> None:
        run = take(connection, ctx, id_)
        if run is None:
            self._let_be(ctx, connection, id_)
            return
        if run.due is not None and run.due > ctx.now:
            # Its time was moved, or the clock was set back: it is woken again.
            return
        run = self.runner.go_on(self._whose(ctx, run), connection, run)
        change(connection, ctx, run)
        if run.state == "waiting" and run.due is None:
            # Of so many that they are done in parts nobody waits for the last.
            self.runner.hands.later(connection, [run], bulk=True)

    def _let_be(self, ctx: Context, connection: Connection, id_: UUID) -> None:
        """Leave a run that is over; raise `Busy` for one that somebody else is at.

        That may be a worker which has died and whose connection the database still holds open.
        """
        found = one(connection, ctx, id_)
        if found is not None and found.state == "waiting":
            raise Busy


def _fail(ctx: Context, connection: Connection, id_: UUID, error: StepFailed) -> None:
    run = take(connection, ctx, id_)
    if run is not None:
        step = str(error.params.get("step", ""))
        told = replace(run, steps=(*run.steps, Done(step, "failed")))
        change(connection, ctx, ended(told, ctx.now, "failed", reason(error, step)))
        tell_of(ctx, connection, [run])
