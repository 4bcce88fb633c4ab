"""Backups that administrators ask for: made by a job, listed, and taken along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from engine.access.grants import require_everything
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.jobs import JobState, defer, newest_of
from engine.transfer.schedule import BACK_UP
from engine.transfer.shelf import Kept, Shelf, called

PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class BackupsThere:
    """A tenant's backups, the latest first, and the job that makes the next one, if any.

    `nightly` says whether they are made by themselves, `most` how many of each kind are kept.
    """

    kept: tuple[Kept, ...]
    job: JobState | None
    nightly: bool
    most: int


class OnDemand:
    """Makes and shows backups for those who hold every right."""

    def __init__(self, database: Database, audit: Auditing, shelf: Shelf) -> None:
        self._database = database
        self._audit = audit
        self._shelf = shelf

    def there(self, ctx: Context) -> BackupsThere:
        """Return which backups there are; raise `Forbidden` for whom they are not for."""
        require_everything(ctx, "backup")
        job = newest_of(self._database, ctx.tenant, BACK_UP)
        shelf = self._shelf
        return BackupsThere(shelf.all(ctx.tenant), job, shelf.nightly, shelf.kept)

    def begin(self, ctx: Context) -> bool:
        """Have a worker back the tenant up; return False where one waits to be made already.

        A tenant whose subscription has ended is backed up as any other.
        """
        require_everything(ctx, "backup")
        name = called(datetime.now(UTC), asked=True)
        told = Event("backed_up", detail={"state": "begun", "file": name})
        with self._database.adding(ctx.tenant) as connection:
            asked = {"file": name, "person": str(ctx.actor.user)}
            made = defer(connection, BACK_UP, asked, queue="bulk", only_one="asked")
            if made is not None:
                self._audit.within(connection, ctx, [told])
        return made is not None

    def take(self, ctx: Context, name: str) -> Iterator[bytes]:
        """Return the bytes of a backup, piece by piece; raise `NotFound` where there is none."""
        require_everything(ctx, "backup")
        content = self._shelf.open(ctx.tenant, name)
        self._audit.note(ctx, Event("backed_up", detail={"state": "taken", "file": name}))
        return _pieces(content)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with closing(content):
        yield from iter(lambda: content.read(PIECE), b"")
