"""Backups made by themselves: every tenant each night, into a folder or any storage, some kept."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.context import Context
from engine.database import Database
from engine.jobs import Job, defer
from engine.transfer.backup import Backups
from engine.transfer.shelf import Shelf, called
from engine.walking import in_each

BACK_UP = "back_up"

BACK_UP_ALL = "back_up_all"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackUpAll:
    """Defers a backup of every tenant each night; a `jobs.Recurring`."""

    database: Database
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        return "30 1 * * *"

    def tick(self, at: datetime) -> None:
        """Defer one job for each tenant, in its own queue."""
        in_each(self.tenants(), self.system, self._defer, (_LOG, "No backup is made"))

    def _defer(self, ctx: Context) -> None:
        self.database.unit(ctx, lambda on: defer(on, BACK_UP, {}, queue="bulk", only_one=BACK_UP))


@dataclass(frozen=True, slots=True)
class BackUp:
    """Backs one tenant up onto a shelf; a `jobs.Task`."""

    backups: Backups
    system: Callable[[str], Context]
    shelf: Shelf

    @property
    def attempts(self) -> int:
        return 3

    def run(self, job: Job) -> None:
        """Write the backup that was asked for, else tonight's; run again, it is written again."""
        place = self.system(job.tenant).tenant
        name = str(job.payload.get("file") or called(datetime.now(UTC)))
        with tempfile.TemporaryDirectory(prefix="joinery-backup-") as near:
            path = Path(near) / name
            self.backups.back_up(
                job.tenant,
                path,
                progress=lambda what, done, steps: job.report(done, steps, what),
            )
            self.shelf.put(place, path, name)
