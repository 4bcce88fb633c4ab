"""The jobs that take to its end what the journal keeps, as the person who began it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from engine.context import Cause, Context
from engine.errors import NotFound
from engine.exchange.importing import Progress
from engine.exchange.journal import ImportState, Overtaken
from engine.exchange.stopping import Stopping
from engine.jobs import Job

Kind = Literal["import", "change"]
"""What is kept: rows that are taken in, or a change of many records; so jobs name it."""

DOORS: Mapping[Kind, Literal["import", "form"]] = {"import": "import", "change": "form"}
"""The door through which each writes."""


class Kept(Protocol):
    """Takes what is kept to its end."""

    def run(
        self, ctx: Context, identity: UUID, *, progress: Progress | None = None
    ) -> ImportState: ...


@dataclass(frozen=True, slots=True)
class JournalTask:
    """Takes what a job names to its end; `person` makes the context of whoever began it.

    Where they may not act any more, it ends as it stands: `system` is who says so.
    """

    kept: Kept
    person: Callable[[str, UUID, str, Cause], Context]
    kind: Kind
    stopping: Stopping
    system: Callable[[str], Context]
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Take it to its end; what another worker has taken up is left to it.

        A tenant that is closed for a while is come back to.
        """
        identity, account = UUID(job.payload[self.kind]), UUID(job.payload["account"])
        cause = Cause(DOORS[self.kind], str(identity))
        try:
            ctx = self.person(job.tenant, account, job.payload["language"], cause)
        except NotFound:
            self.stopping.stop(self.system(job.tenant), identity)
            return
        try:
            self.kept.run(
                ctx, identity, progress=lambda state: job.report(state.done, state.total, "")
            )
        except Overtaken:
            return
