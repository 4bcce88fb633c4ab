"""Runs deferred jobs until it is told to stop, and takes up those whose worker died."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from engine.database import Database
from engine.jobs import QUEUE, Job, Payload, Recurring, Task

DEAD_AFTER = 30.0
"""Seconds without a heartbeat after which a worker's jobs are taken up by others."""

BACK_OFF = 3
"""A job waits 3, 9, 27 … seconds before it is tried again."""


class Worker:
    """Runs the tasks of a catalogue for all tenants of one database."""

    def __init__(
        self,
        database: Database,
        tasks: Mapping[str, Task],
        *,
        recurring: Mapping[str, Recurring] = MappingProxyType({}),
        concurrency: int = 2,
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._recurring = recurring
        self._concurrency = concurrency

    def run(self) -> None:
        """Work until SIGINT or SIGTERM; jobs that run then are finished first."""
        asyncio.run(self._work(wait=True))

    def run_until_empty(self) -> None:
        """Work off what waits now, and return."""
        asyncio.run(self._work(wait=False))

    async def _work(self, *, wait: bool) -> None:
        app = self._app()
        async with app.open_async():
            await _take_up(app)
            rescue = asyncio.create_task(_keep_taking_up(app))
            try:
                await app.run_worker_async(
                    wait=wait,
                    concurrency=self._concurrency,
                    install_signal_handlers=wait,
                    shutdown_graceful_timeout=60.0,
                    stalled_worker_timeout=DEAD_AFTER,
                    delete_jobs="never",
                )
            finally:
                rescue.cancel()
                with suppress(asyncio.CancelledError):
                    await rescue

    def _app(self) -> App:
        url = self._database.engine.url
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
                partial(self._run, task)
            )
        for name, recurring in self._recurring.items():
            # However many workers there are, each tick is one job.
            app.periodic(cron=recurring.cron)(
                app.task(name=name, queueing_lock=name)(partial(_tick, recurring))
            )
        return app

    def _run(self, task: Task, context: JobContext, /, *, tenant: str, payload: Payload) -> None:
        number = context.job.id
        if number is None:
            raise TypeError("a job that runs has an id")
        report = partial(self._report, number)
        job = Job(number, tenant, payload, context.job.attempts + 1, report)
        try:
            task.run(job)
        except Exception as error:
            report(0, 0, f"{type(error).__name__}: {error}"[:2000])
            raise

    def _report(self, job: int, done: int, total: int, note: str = "") -> None:
        statement = text(
            f"INSERT INTO {QUEUE}.job_progress AS p (job, done, total, note) "  # noqa: S608
            "VALUES (:job, :done, :total, :note) ON CONFLICT (job) DO UPDATE SET "
            "done = excluded.done, total = excluded.total, note = excluded.note, at = now()"
        )
        values: dict[str, Any] = {"job": job, "done": done, "total": total, "note": note}
        with self._database.registry() as connection:
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
