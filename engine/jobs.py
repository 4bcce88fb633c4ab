"""Work after the transaction: deferred inside it, run by workers, again where it failed.

The queue is procrastinate's, in the installation's own schema of each database. A unit of work
defers with `defer`, on its own connection, so that a job exists exactly if the unit committed.
Tasks are a catalogue that `boot` puts together; a job names one, its tenant and a payload of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import psycopg
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

from engine.connections import DEFAULT
from engine.context import Tenant
from engine.database import Database, driver_of

QUEUE = "joinery"
"""The schema of the queue, which is the registry's."""

Queue = Literal["interactive", "bulk", "mail", "schedule"]
"""What somebody waits for; what is long; what goes out to other machines; what time sets off."""

QUEUES: tuple[Queue, ...] = get_args(Queue)

DEAD_AFTER = 30.0
"""Seconds without a heartbeat after which a worker's jobs are taken up by others."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a job: which it is, whose, what it was given, and which run it is, from 1.

    `report` takes done, total and a note, and commits them at once.
    """

    id: int
    tenant: str
    payload: Payload
    attempt: int
    report: Callable[[int, int, str], None]


class Task(Protocol):
    """Something that workers know how to do; it may run twice, so its effect must allow that."""

    @property
    def attempts(self) -> int:
        """How often it is tried before it counts as failed."""
        ...

    def run(self, job: Job) -> None:
        """Do it; what it raises is kept with the job, which is run again later."""
        ...


@runtime_checkable
class GivesUp(Protocol):
    """A task that must know when a job of it is not tried again."""

    def give_up(self, job: Job) -> None:
        """Note that a job has failed for good."""
        ...


class SaysWhen(Exception):  # noqa: N818 - named after what it knows
    """What a job met that says itself when it is worth another try; mixed into other errors.

    `wait` is in seconds from now, and lengthens the wait that any job has; None: never again.
    """

    wait: float | None = 0.0


@runtime_checkable
class Drops(Protocol):
    """A task that must know when a job of it is dropped, as its tenant writes to nobody outside."""

    def drop(self, job: Job) -> None:
        """Note that a job is not done, and will not be."""
        ...


class Recurring(Protocol):
    """Something that workers look after again and again, once at each time of `cron`."""

    @property
    def cron(self) -> str:
        """When: minute, hour, day, month, weekday."""
        ...

    def tick(self, at: datetime) -> None:
        """Look after it; a tick may be missed, or come late."""
        ...


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands: todo, doing, succeeded, failed, cancelled or aborted; with progress.

    `payload` is what it was given.
    """

    id: int
    task: str
    status: str
    attempts: int
    done: int = 0
    total: int = 0
    note: str = ""
    payload: Payload = field(default_factory=dict)


def install_queue(connection: Connection) -> None:
    """Make queue, progress table and deferring function where they are missing.

    Runs under the owner's role, after the registry's tables are there.
    """
    there = connection.execute(text(f"SELECT to_regclass('{QUEUE}.procrastinate_jobs')")).scalar()
    # A plain cursor: a script of many statements, all our own, needs the simple protocol.
    cursor = psycopg.Cursor(driver_of(connection))
    cursor.execute(f"SET LOCAL search_path TO {QUEUE}, pg_catalog".encode())
    if there is None:
        cursor.execute(SchemaManager.get_schema().encode())
        cursor.execute((files("engine") / "jobs.sql").read_bytes())
    cursor.execute((files("engine") / "deferring.sql").read_bytes())
    cursor.execute(b"SET LOCAL search_path TO pg_catalog")


def defer(
    connection: Connection,
    task: str,
    payload: Payload,
    *,
    queue: Queue = "interactive",
    only_one: str | None = None,
    not_before: datetime | None = None,
) -> int | None:
    """Defer a job in the transaction of a unit; return its id.

    With `only_one`, nothing is deferred (and None returned) while a job of this task and
    tenant with the same text still waits.
    """
    statement = text(
        f"SELECT {QUEUE}.defer_job(:task, cast(:payload AS jsonb), :only_one, :not_before, :queue)"
    )
    values = {
        "task": task,
        "payload": json.dumps(dict(payload)),
        "only_one": only_one,
        "not_before": not_before,
        "queue": queue,
    }
    return connection.execute(statement, values).scalar()


def counts(database: Database, name: str = DEFAULT) -> Mapping[str, int]:
    """Return how many jobs of one database's queue are in each state, of all its tenants."""
    query = text(
        f"SELECT status::text, count(*) FROM {QUEUE}.procrastinate_jobs GROUP BY status"  # noqa: S608
    )
    with database.queue(name) as connection:
        return {str(status): int(count) for status, count in connection.execute(query)}


def has_workers(database: Database, tenant: Tenant) -> bool:
    """Return whether anybody works on the jobs of a tenant's database."""
    query = text(
        f"SELECT EXISTS (SELECT FROM {QUEUE}.procrastinate_workers "  # noqa: S608
        "WHERE last_heartbeat > now() - make_interval(secs => :dead))"
    )
    with database.queue(tenant.database) as connection:
        return bool(connection.execute(query, {"dead": DEAD_AFTER}).scalar())


def state_of(database: Database, tenant: Tenant, job: int) -> JobState | None:
    """Return where a job of a tenant stands, None where the tenant has no such job."""
    return _state(database, tenant, "j.id = :job", {"job": job})


def newest_of(database: Database, tenant: Tenant, task: str) -> JobState | None:
    """Return where the last deferred job of a task stands that a tenant has, None for none."""
    return _state(database, tenant, "j.task_name = :task", {"task": task})


def _state(
    database: Database, tenant: Tenant, which: str, values: Mapping[str, object]
) -> JobState | None:
    """Return the newest of a tenant's jobs for which a condition, one of ours, holds."""
    query = text(
        f"SELECT j.id, j.task_name, j.status::text, j.attempts, p.done, p.total, p.note, "  # noqa: S608
        "j.args -> 'payload' AS payload "
        f"FROM {QUEUE}.procrastinate_jobs j LEFT JOIN {QUEUE}.job_progress p ON p.job = j.id "
        f"WHERE {which} AND j.args ->> 'tenant' = :tenant ORDER BY j.id DESC LIMIT 1"
    )
    with database.queue(tenant.database) as connection:
        row = connection.execute(query, {**values, "tenant": tenant.role}).one_or_none()
    if row is None:
        return None
    return JobState(
        id=row.id,
        task=row.task_name,
        status=row.status,
        attempts=row.attempts,
        done=row.done or 0,
        total=row.total or 0,
        note=row.note or "",
        payload=row.payload or {},
    )
