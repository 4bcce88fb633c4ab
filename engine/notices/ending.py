"""Telling whoever began a long piece of work that it has ended, however it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from engine.context import Context
from engine.jobs import Job, Task
from engine.notices.service import Notices
from engine.notices.telling import News

Ended = Callable[[Job], tuple[UUID, News] | None]
"""Returns whom to tell of a job that has run, by their row of `user`, and what; None for nobody."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A task that tells of its end; a `jobs.Task` around another."""

    task: Task
    notices: Notices
    system: Callable[[str], Context]
    ended: Ended

    @property
    def attempts(self) -> int:
        """As often as the task itself."""
        return self.task.attempts

    def run(self, job: Job) -> None:
        """Run the task, then tell; what is to be run again tells of nothing yet."""
        self.task.run(job)
        found = self.ended(job)
        if found is not None:
            person, news = found
            self.notices.tell(self.system(job.tenant), [person], news)
