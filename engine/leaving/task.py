"""The job that takes a hand-over to its end in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from engine.context import Context
from engine.jobs import Job
from engine.leaving.service import Handovers


@dataclass(frozen=True, slots=True)
class HandoverTask:
    """Runs hand-overs, in the name of whoever ordered them."""

    handovers: Handovers
    system: Callable[[str], Context]
    attempts: int = 8

    def run(self, job: Job) -> None:
        """Take the hand-over to its end; run again, it finds less to do."""
        ctx, identity = self.system(job.tenant), UUID(job.payload["handover"])
        # Who ordered it may themselves have left by now.
        by = self.handovers.state(ctx, identity).created_by
        acting = replace(ctx, actor=replace(ctx.actor, user=by, name=job.payload["by"]))
        self.handovers.run(
            acting, identity, progress=lambda state: job.report(state.done, state.total, "")
        )
