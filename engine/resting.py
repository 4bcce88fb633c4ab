"""Work that is left until its tenant is open again, and what a tenant that is kept quiet drops.

An archived tenant acts and writes no more; a quiet one acts, and writes to nobody outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.context import Tenant
from engine.jobs import Drops, GivesUp, Job, Task


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


@dataclass(frozen=True, slots=True)
class Silenced:
    """A task that writes to somebody outside; a `jobs.Task` around another.

    What waited when its tenant was made quiet is dropped for good, as nobody knows whether it was
    sent before the copy was made; what became of it stands at the job.
    """

    task: Task
    place: Callable[[str], Tenant]

    @property
    def attempts(self) -> int:
        """As often as the task itself."""
        return self.task.attempts

    def run(self, job: Job) -> None:
        """Do it, unless its tenant is quiet; the installation's own jobs are nobody's."""
        if job.tenant and self.place(job.tenant).quiet:
            if isinstance(self.task, Drops):
                self.task.drop(job)
            job.report(0, 0, "tenant_quiet")
            return
        self.task.run(job)

    def give_up(self, job: Job) -> None:
        """Have the task note that a job has failed for good."""
        if isinstance(self.task, GivesUp):
            self.task.give_up(job)
