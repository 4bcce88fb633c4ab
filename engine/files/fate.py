"""The job that takes away a file which no record names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.exc import IntegrityError

from engine.access.grants import FILE
from engine.context import Context
from engine.database import Database
from engine.files.storage import Storage
from engine.files.uploads import file_tables
from engine.jobs import Job
from metamodel.model import MEMBER


@dataclass(frozen=True, slots=True)
class FileFate:
    """Looks whether a record names a file, and takes it away otherwise.

    Records in the trash keep their files, and so do retired fields.
    """

    database: Database
    storage: Storage
    system: Callable[[str], Context]
    attempts: int = 8

    def run(self, job: Job) -> None:
        """Take the file away that the job names, unless something names it."""
        ctx, file = self.system(job.tenant), UUID(job.payload["file"])

        def unit(connection: Connection) -> bool:
            return taken_away(ctx, connection, file)

        try:
            gone = self.database.unit(ctx, unit)
        except IntegrityError:
            # A table that the model has forgotten still names it.
            return
        if gone:
            self.storage.remove(ctx.tenant, file)


def taken_away(ctx: Context, connection: Connection, file: UUID) -> bool:
    """Delete what is known of a file that nothing names; return whether nothing is known now."""
    table = ctx.compiled.tables.of(FILE)
    row = connection.execute(
        select(table.c.record).where(table.c.id == file).with_for_update()
    ).one_or_none()
    if row is None:
        return True
    pairs = (ctx.compiled.tables.of(each.key) for each in file_tables(ctx))
    named = [exists().where(rows.c[MEMBER] == file) for rows in pairs]
    if row.record is not None or any(connection.execute(select(each)).scalar() for each in named):
        return False
    connection.execute(delete(table).where(table.c.id == file))
    return True
