"""The job that finishes an erasure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from engine.context import Context
from engine.jobs import Job
from engine.personal.erasing import Erasures


@dataclass(frozen=True, slots=True)
class ErasureTask:
    """Runs erasures as the system; what was stopped half-way is finished."""

    erasures: Erasures
    system: Callable[[str], Context]
    attempts: int = 8

    def run(self, job: Job) -> None:
        """Take the erasure to its end."""
        self.erasures.run(self.system(job.tenant), UUID(job.payload["erasure"]))
