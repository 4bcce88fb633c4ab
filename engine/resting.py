"""Work that is left until its tenant is open again: an archived one acts and writes no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.context import Tenant
from engine.jobs import GivesUp, Job, Task


class TenantRests(Exception):
    """A job is not done now, however often that is: its tenant is closed."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A task that is not done while its tenant is closed; a `jobs.Task` around another."""

    task: Task
    place: Callable[[str], Tenant]

    @property
    def attempts(self) -> int:
        """As often as the task itself."""
        return self.task.attempts

    def run(self, job: Job) -> None:
        """Do it; raises `TenantRests` where that is to be asked again later."""
        if self.place(job.tenant).frozen:
            raise TenantRests("its tenant is closed")
        self.task.run(job)

    def give_up(self, job: Job) -> None:
        """Have the task note that a job has failed for good."""
        if isinstance(self.task, GivesUp):
            self.task.give_up(job)
