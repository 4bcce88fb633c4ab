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
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import make_conninfo
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine.connections import DEFAULT
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import DEAD_AFTER, QUEUE, Job, Payload, Recurring, Task
from engine.tenants.tables import tenant as tenants

BACK_OFF = 3
"""A job waits 3, 9, 27 … seconds before it is tried again."""

LOOK_EVERY = 10.0
"""Seconds between looks at which databases there are."""

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
        concurrency: int = 2,
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._recurring = recurring
        self._databases = databases
        self._concurrency = concurrency

    def run(self) -> None:
        """Work until SIGINT or SIGTERM; jobs that run then are finished first."""
        asyncio.run(self._look_after_all())

    def run_until_empty(self) -> None:
        """Work off what waits now in every database, and return."""
        for name in self._databases():
            asyncio.run(self._look_after(name, wait=False))

    async def _look_after_all(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
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
            await self._look_after(name, wait=True)
        except (ConnectorException, psycopg.Error, DBAPIError, EngineError) as error:
            _LOG.warning("The queue of the database %s was lost: %s", name, error)

    async def _look_after(self, name: str, *, wait: bool) -> None:
        app = self._app(name)
        async with app.open_async():
            await _take_up(app)
            rescue = asyncio.create_task(_keep_taking_up(app))
            try:
                await app.run_worker_async(
                    wait=wait,
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=60.0,
                    stalled_worker_timeout=DEAD_AFTER,
                    delete_jobs="never",
                )
            finally:
                rescue.cancel()
                with suppress(asyncio.CancelledError):
                    await rescue

    def _app(self, database: str) -> App:
        url = self._database.engine_of(database).url
        given = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
        connector = PsycopgConnector(
            conninfo=make_conninfo("", **given),
            kwargs={"options": f"-c search_path={QUEUE},pg_catalog -c timezone=UTC"},
            min_size=1,
            max_size=self._concurrency + 3,
        )
        app = App(connector=connector)
        for name, task in self._tasks.items():
            # The attempts counted are those that came before the one that failed.
            retry = RetryStrategy(max_attempts=task.attempts - 1, exponential_wait=BACK_OFF)
            app.task(name=name, retry=retry if task.attempts > 1 else False, pass_context=True)(
                partial(self._run, database, task)
            )
        for name, recurring in self._recurring.items() if database == DEFAULT else ():
            # However many workers and databases there are, each tick is one job.
            app.periodic(cron=recurring.cron)(
                app.task(name=name, queueing_lock=name)(partial(_tick, recurring))
            )
        return app

    def _run(
        self, database: str, task: Task, context: JobContext, /, *, tenant: str, payload: Payload
    ) -> None:
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
            raise

    def _name_of(self, role: str) -> str | None:
        """Return what the tenant of a role is called now; blank for the installation's own."""
        if not role:
            return ""
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


def _tick(recurring: Recurring, timestamp: int) -> None:
    recurring.tick(datetime.fromtimestamp(timestamp, UTC))


async def _keep_taking_up(app: App) -> None:
    while True:
        await asyncio.sleep(DEAD_AFTER)
        await _take_up(app)


async def _take_up(app: App) -> None:
    """Put jobs back whose worker has not been heard of."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER)
    for job in stalled:
        await app.job_manager.retry_job(job)
