"""Runs deferred jobs until it is told to stop, and takes up those whose worker died.

Each database of an installation has a queue of its own, so that a job is deferred in the
transaction that asks for it. One worker looks after all of them; a database that is away, or
that is added later, is tried again every few seconds, and keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import ceil
from time import monotonic
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Taken
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine.connections import DEFAULT
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import (
    DEAD_AFTER,
    QUEUE,
    GivesUp,
    Job,
    Payload,
    Queue,
    Recurring,
    SaysWhen,
    Task,
)
from engine.resting import TenantRests
from engine.taking import FairJobs
from engine.tenants.lately import Lately
from engine.tenants.tables import tenant as tenants

BACK_OFF = 3
"""A job waits 3, 9, 27 … seconds before it is tried again."""

LONGEST_WAIT = 3600
"""Seconds that a job waits at most before it is tried again."""

REST = 600
"""Seconds after which it is asked again whether a tenant is open."""

AT_ONCE: Mapping[Queue, int] = MappingProxyType(
    {"interactive": 4, "bulk": 1, "mail": 2, "schedule": 1}
)
"""Jobs of each queue that one process does at the same time: what is long holds nobody up."""

MOST_OF_TENANT = 4
"""Jobs of one tenant and queue that are done at the same time, by all processes together."""

MOST_DEATHS = 5
"""How often a job is taken up whose worker died while it was at it."""

HEARTBEAT = 5.0
"""Seconds after which a worker says again that it lives."""

LOOK_EVERY = 10.0
"""Seconds between looks at which databases there are."""

IDLE = 1.0
"""Seconds after which a connection that nobody used is asked whether it is still alive."""

_LOG = logging.getLogger(__name__)


def _only_default() -> Sequence[str]:
    return (DEFAULT,)


class Worker:
    """Runs the tasks of a catalogue for all tenants of all databases."""

    def __init__(
        self,
        database: Database,
        tasks: Mapping[str, Task],
        *,
        recurring: Mapping[str, Recurring] = MappingProxyType({}),
        databases: Callable[[], Sequence[str]] = _only_default,
        at_once: Mapping[Queue, int] = AT_ONCE,
        most_of_tenant: int = MOST_OF_TENANT,
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._recurring = recurring
        self._databases = databases
        self._at_once = at_once
        self._most = most_of_tenant
        self._names: Lately[str, str] = Lately()
        self._ran = 0

    def run(self) -> None:
        """Work until SIGINT or SIGTERM; jobs that run then are finished first."""
        asyncio.run(self._look_after_all())

    def run_until_empty(self) -> None:
        """Work off what waits now in every database, and return."""
        for name in self._databases():
            asyncio.run(self._empty(name))

    async def _look_after_all(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(sum(self._at_once.values()) * 2))
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        workers: dict[str, asyncio.Task[None]] = {}
        while not stop.is_set():
            await self._start_missing(workers)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
        for worker in workers.values():
            worker.cancel()
        await asyncio.gather(*workers.values(), return_exceptions=True)

    async def _start_missing(self, workers: dict[str, asyncio.Task[None]]) -> None:
        try:
            names = await asyncio.to_thread(self._databases)
        except EngineError as error:
            _LOG.warning("The list of databases cannot be read: %s", error)
            return
        for name in names:
            if name not in workers or workers[name].done():
                workers[name] = asyncio.create_task(self._keep_looking_after(name))
        for name in workers.keys() - set(names):
            workers.pop(name).cancel()

    async def _keep_looking_after(self, name: str) -> None:
        """Look after one queue until it is lost, which is told and no reason to end."""
        try:
            await self._look_after(name)
        except (ConnectorException, psycopg.Error, DBAPIError, EngineError) as error:
            _LOG.warning("The queue of the database %s was lost: %s", name, error)

    async def _look_after(self, name: str) -> None:
        """Work on every queue of a database, each by itself, until one of them is lost."""
        app, jobs = self._app(name)
        async with app.open_async():
            await jobs.take_up(DEAD_AFTER, MOST_DEATHS)
            working = [
                asyncio.create_task(self._work(app, [queue], count, wait=True))
                for queue, count in self._at_once.items()
            ]
            working.append(asyncio.create_task(_keep_taking_up(jobs)))
            try:
                done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            finally:
                jobs.end_only()
                for each in working:
                    each.cancel()
                await asyncio.gather(*working, return_exceptions=True)
                await jobs.put_back()
            for each in done:
                each.result()

    async def _empty(self, name: str) -> None:
        """Work off what waits now in all queues of a database, the first of them first."""
        app, jobs = self._app(name)
        jobs.end_only()
        async with app.open_async():
            await jobs.take_up(DEAD_AFTER, MOST_DEATHS)
            before = -1
            while self._ran > before:
                before = self._ran
                await self._work(app, tuple(self._at_once), 2, wait=False)

    async def _work(self, app: App, queues: Sequence[str], count: int, *, wait: bool) -> None:
        await app.run_worker_async(
            queues=list(queues),
            wait=wait,
            concurrency=count,
            install_signal_handlers=False,
            shutdown_graceful_timeout=60.0,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD_AFTER,
            delete_jobs="never",
        )

    def _app(self, database: str) -> tuple[App, FairJobs]:
        """Return the queue of a database with every task, and what takes its jobs."""
        url = self._database.engine_of(database).url
        given = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
        connector = PsycopgConnector(
            pool_factory=_pool,
            conninfo=make_conninfo("", **given),
            kwargs={"options": f"-c search_path={QUEUE},pg_catalog -c timezone=UTC"},
            configure=_commit_each,
            min_size=1,
            max_size=sum(self._at_once.values()) + 2 * len(self._at_once) + 2,
        )
        app = App(connector=connector)
        app.job_manager = jobs = FairJobs(app.job_manager.connector, self._most)
        for name, task in self._tasks.items():
            app.task(name=name, retry=_BackOff(task.attempts), pass_context=True)(
                partial(self._run, database, task)
            )
        for name, recurring in self._recurring.items() if database == DEFAULT else ():
            # However many workers and databases there are, each tick is one job.
            app.periodic(cron=recurring.cron)(
                app.task(name=name, queue="schedule", queueing_lock=name)(partial(_tick, recurring))
            )
        return app, jobs

    def _run(
        self, database: str, task: Task, context: JobContext, /, *, tenant: str, payload: Payload
    ) -> None:
        self._ran += 1
        number = context.job.id
        if number is None:
            raise TypeError("a job that runs has an id")
        report = partial(self._report, database, number)
        name = self._name_of(tenant)
        if name is None:
            report(0, 0, "its tenant is gone")
            return
        job = Job(number, name, payload, context.job.attempts + 1, report)
        try:
            task.run(job)
        except Exception as error:
            report(0, 0, f"{type(error).__name__}: {error}"[:2000])
            if isinstance(error, TenantRests):
                raise
            last = job.attempt >= task.attempts or _asked_wait(error) is None
            if last and isinstance(task, GivesUp):
                task.give_up(job)
            raise

    def _name_of(self, role: str) -> str | None:
        """Return what the tenant of a role is called now; blank for the installation's own."""
        return self._names.get(role, partial(self._read_name, role)) if role else ""

    def _read_name(self, role: str) -> str | None:
        with self._database.registry() as connection:
            found = select(tenants.c.name).where(tenants.c.role == role)
            return connection.execute(found).scalar()

    def _report(self, database: str, job: int, done: int, total: int, note: str = "") -> None:
        statement = text(
            f"INSERT INTO {QUEUE}.job_progress AS p (job, done, total, note) "  # noqa: S608
            "VALUES (:job, :done, :total, :note) ON CONFLICT (job) DO UPDATE SET "
            "done = excluded.done, total = excluded.total, note = excluded.note, at = now()"
        )
        values: dict[str, Any] = {"job": job, "done": done, "total": total, "note": note}
        with self._database.queue(database) as connection:
            connection.execute(statement, values)


async def _keep_taking_up(jobs: FairJobs) -> None:
    """Have others do what a worker died of, or with, as long as this is not cancelled."""
    while True:
        await asyncio.sleep(DEAD_AFTER)
        await jobs.take_up(DEAD_AFTER, MOST_DEATHS)


def _pool(**given: Any) -> AsyncConnectionPool:
    """Return a pool that asks a connection whether it is alive only after it lay idle."""
    used: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()

    async def reset(connection: psycopg.AsyncConnection[Any]) -> None:
        used[connection] = monotonic()

    async def check(connection: psycopg.AsyncConnection[Any]) -> None:
        if monotonic() - used.get(connection, 0.0) > IDLE:
            await AsyncConnectionPool.check_connection(connection)

    return AsyncConnectionPool(**{**given, "reset": reset, "check": check})


async def _commit_each(connection: psycopg.AsyncConnection[Any]) -> None:
    """Make each statement of the queue a transaction, which it is, without asking for one."""
    await connection.set_autocommit(True)


@dataclass(frozen=True, slots=True)
class _BackOff(BaseRetryStrategy):
    """Waits longer each time, and never longer than an hour; any error is reason enough.

    One that `SaysWhen` has its say. What rests with its tenant is asked again for as long as that
    is closed.
    """

    attempts: int

    def get_retry_decision(self, *, exception: BaseException, job: Taken) -> RetryDecision | None:
        """Return when a job that failed is tried again, None where that was the last try."""
        if isinstance(exception, TenantRests):
            return RetryDecision(retry_in={"seconds": REST})
        asked = _asked_wait(exception)
        if asked is None or job.attempts + 1 >= self.attempts:
            return None
        wait = min(BACK_OFF ** (job.attempts + 1), LONGEST_WAIT)
        return RetryDecision(retry_in={"seconds": max(wait, ceil(asked))})


def _asked_wait(error: BaseException) -> float | None:
    return error.wait if isinstance(error, SaysWhen) else 0.0


def _tick(recurring: Recurring, timestamp: int) -> None:
    recurring.tick(datetime.fromtimestamp(timestamp, UTC))
