"""The jobs that take to its end what the journal keeps, as the person who began it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from engine.context import Cause, Context
from engine.exchange.importing import Progress
from engine.exchange.journal import ImportState, Overtaken
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
    """Takes what a job names to its end; `person` makes the context of whoever began it."""

    kept: Kept
    person: Callable[[str, UUID, str, Cause], Context]
    kind: Kind
    attempts: int = 5

    def run(self, job: Job) -> None:
        """Take it to its end; what another worker has taken up is left to it."""
        identity, account = UUID(job.payload[self.kind]), UUID(job.payload["account"])
        cause = Cause(DOORS[self.kind], str(identity))
        ctx = self.person(job.tenant, account, job.payload["language"], cause)
        try:
            self.kept.run(
                ctx, identity, progress=lambda state: job.report(state.done, state.total, "")
            )
        except Overtaken:
            return
