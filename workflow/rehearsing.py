"""What automations do while a scenario is played: at its moments, in order, without workers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.context import Context
from engine.database import Database
from engine.jobs import Job
from workflow.approvals.lapsing import Lapses
from workflow.clock import Clock
from workflow.pools.returning import Returns
from workflow.runner import Runner
from workflow.runs import waiting
from workflow.service_levels.ticking import Ticking
from workflow.service_levels.timekeeper import Timekeeper
from workflow.task import RunTask

MOST_ROUNDS = 20
"""How often it is looked whether what was done has set more off."""


@dataclass(frozen=True, slots=True)
class Following:
    """Does what workers would have done by now; an `engine.scenarios.stage.Aftermath`."""

    database: Database
    runner: Runner

    def settle(self, ctx: Context, *, passed: bool) -> None:
        """Do what is due now; with `passed`, also what time has set off since it was asked last."""
        model = ctx.model
        if not (model.automations or model.approvals or model.pools or model.service_levels):
            return
        if passed:
            self._pass(ctx)
        task = RunTask(self.database, self.runner, lambda _: ctx, _nobody)
        for _ in range(MOST_ROUNDS):
            with self.database.reading(ctx) as connection:
                due = waiting(connection, ctx)
            if not due:
                return
            task.run(Job(0, ctx.tenant.name, {"runs": [str(each) for each in due]}, 1, _silent))

    def _pass(self, ctx: Context) -> None:
        """Look at all that time brings."""
        hands = self.runner.hands
        Clock(self.database, self.runner, _none, lambda _: ctx).look(ctx)
        Ticking(self.database, Timekeeper(hands), _none, lambda _: ctx).look(ctx)
        Returns(self.database, hands, _none, lambda _: ctx).look(ctx)
        Lapses(self.database, self.runner, _none, lambda _: ctx).look(ctx)


def _none() -> tuple[str, ...]:
    """Name no tenants: there is one."""
    return ()


def _nobody(tenant: str, user: UUID) -> None:
    """A throw-away tenant's people have no accounts: the system acts."""


def _silent(done: int, total: int, note: str) -> None:
    """Report to nobody."""
