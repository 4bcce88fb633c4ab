"""Backups made by themselves: every tenant each night, into a folder or any storage, some kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec

from engine.context import Context
from engine.database import Database
from engine.jobs import Job, defer
from engine.transfer.backup import Backups

BACK_UP = "back_up"

BACK_UP_ALL = "back_up_all"

ENDING = ".backup"


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
        for name in self.tenants():
            self.database.unit(
                self.system(name), lambda on: defer(on, BACK_UP, {}, only_one=BACK_UP)
            )


@dataclass(frozen=True, slots=True)
class BackUp:
    """Backs one tenant up into the storage at `url` and drops its oldest; a `jobs.Task`."""

    backups: Backups
    system: Callable[[str], Context]
    url: str
    kept: int

    @property
    def attempts(self) -> int:
        return 3

    def run(self, job: Job) -> None:
        """Write today's backup; run again, it is written again."""
        place = self.system(job.tenant).tenant
        # Any: fsspec has no types.
        found: tuple[Any, str] = fsspec.core.url_to_fs(self.url)
        system, root = found[0], found[1].rstrip("/")
        folder = f"{root}/{place.schema}"
        name = f"{datetime.now(UTC):%Y-%m-%d}{ENDING}"
        with tempfile.TemporaryDirectory(prefix="joinery-backup-") as near:
            path = Path(near) / name
            self.backups.back_up(
                job.tenant,
                path,
                progress=lambda what, done, steps: job.report(done, steps, what),
            )
            system.makedirs(folder, exist_ok=True)
            with path.open("rb") as source, system.open(f"{folder}/{name}.part", "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            system.mv(f"{folder}/{name}.part", f"{folder}/{name}")
        self._drop_old(system, folder)

    def _drop_old(self, system: Any, folder: str) -> None:
        there = sorted(each for each in system.ls(folder, detail=False) if each.endswith(ENDING))
        for path in there[: -self.kept or None]:
            system.rm(path)
