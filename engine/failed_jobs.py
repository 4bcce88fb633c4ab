"""Jobs that were tried as often as they may be: what they were, why, and another go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Connection, select, text

from engine.access.grants import administers
from engine.context import Context
from engine.database import Database
from engine.errors import Forbidden, NotFound
from engine.jobs import QUEUE, Payload
from engine.notices.tables import columns_of

MOST = 200
"""Failed jobs that are listed."""

KEPT = 90
"""Days that a failed job is kept; one that succeeded is kept for a week."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that will not be tried again by itself; `error` is what it met last.

    `payload` is what it was given.
    """

    id: int
    task: str
    queue: str
    attempts: int
    at: datetime | None
    error: str
    payload: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a job was about: what that is called, and the record or the entity it was over."""

    name: str = ""
    entity: str = ""
    record: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a job's subject is kept: in which table, called by the first of some fields."""

    entity: str
    names: tuple[str, ...]
    over: tuple[str, ...] = ()


_SUBJECTS: Mapping[str, _Kept] = MappingProxyType({
    "message": _Kept("sys_message", ("subject", "address"), ("entity", "record")),
    "import": _Kept("sys_import", ("file_name",), ("entity",)),
    "change": _Kept("sys_import", (), ("entity",)),
    "delivery": _Kept("sys_view", ("title",)),
    "handover": _Kept("sys_handover", ("name",)),
    "file": _Kept("sys_file", ("name",), ("entity", "record")),
})  # fmt: skip
"""What a job's payload names by an id, and where that is kept."""


@dataclass(frozen=True, slots=True)
class FailedJobs:
    """The door to a tenant's failed jobs, for those who look after it."""

    database: Database

    def page(self, ctx: Context) -> tuple[FailedJob, ...]:
        """Return the last failed jobs, the latest first."""
        _require(ctx)
        query = text(
            "SELECT j.id, j.task_name, j.queue_name, j.attempts, p.note, "  # noqa: S608
            "j.args -> 'payload' AS payload, "
            f"(SELECT max(e.at) FROM {QUEUE}.procrastinate_events e "
            "WHERE e.job_id = j.id) AS at "
            f"FROM {QUEUE}.procrastinate_jobs j "
            f"LEFT JOIN {QUEUE}.job_progress p ON p.job = j.id "
            f"WHERE j.status = 'failed' AND {QUEUE}.tenant_of(j.args) = :tenant "
            "ORDER BY j.id DESC LIMIT :most"
        )
        with self.database.queue(ctx.tenant.database) as connection:
            rows = connection.execute(query, {"tenant": ctx.tenant.role, "most": MOST})
            return tuple(
                FailedJob(row.id, row.task_name, row.queue_name, row.attempts + 1, row.at,
                          row.note or "", row.payload or {})
                for row in rows
            )  # fmt: skip

    def subjects(self, ctx: Context, jobs: Sequence[FailedJob]) -> Mapping[int, Subject]:
        """Return what jobs were about, as far as that is still kept, by their ids."""
        _require(ctx)
        found: dict[int, Subject] = {}
        with self.database.reading(ctx) as connection:
            for named, kept in _SUBJECTS.items():
                these = [each for each in jobs if named in each.payload]
                mine = {each.id: UUID(each.payload[named]) for each in these}
                known = dict(_subjects(ctx, connection, kept, mine)) if mine else {}
                found |= {job: known[id_] for job, id_ in mine.items() if id_ in known}
        return found

    def again(self, ctx: Context, job: int) -> None:
        """Have a failed job tried again, as often as a new one; `NotFound` where it is none.

        Where another waits that does the same, that is enough.
        """
        self._change(ctx, job, "SELECT wait_again(:job, 0, NULL)")

    def drop(self, ctx: Context, job: int) -> None:
        """Have done with a failed job; `NotFound` where it is none."""
        self._change(ctx, job, "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id = :job")

    def _change(self, ctx: Context, job: int, change: str) -> None:
        _require(ctx)
        whose = text(
            "SELECT FROM procrastinate_jobs j WHERE j.id = :job AND j.status = 'failed' "
            "AND tenant_of(j.args) = :tenant FOR UPDATE"
        )
        with self.database.queue(ctx.tenant.database) as connection:
            # The queue's own triggers name its tables without their schema.
            connection.execute(text(f"SET LOCAL search_path TO {QUEUE}, pg_catalog"))
            if connection.execute(whose, {"job": job, "tenant": ctx.tenant.role}).first() is None:
                raise NotFound(job=str(job))
            connection.execute(text(change), {"job": job})


def _subjects(
    ctx: Context, connection: Connection, kept: _Kept, jobs: Mapping[int, UUID]
) -> Iterator[tuple[UUID, Subject]]:
    table, column = columns_of(ctx, kept.entity)
    wanted = (column[each].label(each) for each in (*kept.names, *kept.over))
    statement = select(table.c.id.label("id"), *wanted).where(table.c.id.in_(jobs.values()))
    for row in connection.execute(statement).mappings():
        name = next((str(row[each]) for each in kept.names if row[each]), "")
        yield row["id"], Subject(name, row.get("entity") or "", row.get("record"))


def _require(ctx: Context) -> None:
    if not administers(ctx):
        raise Forbidden
