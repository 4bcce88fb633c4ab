"""What became of a call after its run had asked for it, as the run tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.jobs import Job
from workflow.runs import retell

Fate = Literal["called", "not_called", "not_taken", "not_yet"]
"""Made; dropped, since its tenant was kept quiet by then; never taken, however often it was made;
not taken yet, and to be made again.

The word under which a step tells where it called, too.
"""

FATES: tuple[Fate, ...] = ("called", "not_called", "not_taken", "not_yet")


@dataclass(frozen=True, slots=True)
class ToldCalls:
    """Has the run that asked for a call tell what became of it."""

    database: Database
    system: Callable[[str], Context]

    def __call__(self, job: Job, call: str, fate: Fate) -> None:
        """Tell it of the call of a job; one that tells so already is left alone."""
        for run in job.payload.get("runs", ()):
            self._tell(self.system(job.tenant), UUID(run), call, fate)

    def _tell(self, ctx: Context, run: UUID, call: str, fate: Fate) -> None:
        def told(words: Mapping[str, Any]) -> Mapping[str, Any]:  # Any: JSON
            if words.get("id") != call or fate in words:
                return words
            where = next((words[each] for each in FATES if each in words), "")
            kept = {name: each for name, each in words.items() if name not in FATES}
            return {fate: where, **kept}

        def unit(connection: Connection) -> None:
            retell(connection, ctx, run, told)

        self.database.unit(ctx, unit)
