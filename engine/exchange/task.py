"""The job that runs an import in a worker, as the person who started it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from engine.context import Cause, Context
from engine.exchange.importing import Importer
from engine.exchange.journal import Overtaken
from engine.jobs import Job


@dataclass(frozen=True, slots=True)
class ImportTask:
    """Runs imports; `contexts` makes a person's context, or the system's where nobody is named."""

    importer: Importer
    person: Callable[[str, UUID, str, Cause], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Take the import to its end; what another worker has taken up is left to it."""
        identity = UUID(job.payload["import"])
        account = UUID(job.payload["account"])
        cause = Cause("import", str(identity))
        ctx = self.person(job.tenant, account, job.payload["language"], cause)
        try:
            self.importer.run(
                ctx, identity, progress=lambda state: job.report(state.done, state.total, "")
            )
        except Overtaken:
            return
