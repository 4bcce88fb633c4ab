"""What a worker takes next while others end, defer and stop beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from procrastinate import PsycopgConnector
from procrastinate.jobs import Job, Status
from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from engine.connections import DEFAULT
from engine.jobs import QUEUE, defer, state_of
from engine.taking import FairJobs

Act = Callable[[FairJobs, int], Awaitable[None]]

WORDS = "interactive"


def deferred(shop: Any, count: int) -> list[int]:
    """Defer as many jobs that nobody does; return their numbers."""

    def unit(connection: Any) -> list[int]:
        return [number for _ in range(count) if (number := defer(connection, "rest", {}))]

    numbers: list[int] = shop.database.unit(shop.ctx(), unit)
    return numbers


def status(shop: Any, number: int) -> tuple[str, int]:
    state = state_of(shop.database, shop.tenant, number)
    assert state is not None
    return state.status, state.attempts


@pytest.fixture
def taking(shop: Any) -> Callable[[Act], None]:
    """Run what is given with the taker of a queue, two of a tenant at once, and a worker of it."""
    url = shop.database.engine_of(DEFAULT).url
    given = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    connector = PsycopgConnector(
        conninfo=make_conninfo("", **given),
        kwargs={"options": f"-c search_path={QUEUE},pg_catalog"},
    )

    with shop.database.queue() as connection:
        # What other tests left to nobody would be taken first.
        connection.execute(text(f"SET LOCAL search_path TO {QUEUE}, pg_catalog"))
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))

    async def run(act: Act) -> None:
        await connector.open_async()
        jobs = FairJobs(connector, 2)
        worker = await jobs.register_worker()
        listener = asyncio.create_task(jobs.listen_for_jobs(on_notification=told, queues=[WORDS]))
        await asyncio.sleep(0)
        try:
            await act(jobs, worker)
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            await jobs.unregister_worker(worker)
            await connector.close_async()

    return lambda act: asyncio.run(run(act))


async def told(*, channel: str, notification: Any) -> None:
    """Hear of a job, and do nothing about it."""


async def took(jobs: FairJobs, worker: int) -> Job:
    job = await jobs.fetch_job([WORDS], worker)
    assert job is not None
    return job


def test_the_place_of_a_job_that_ends_is_given_to_the_next(
    shop: Any, taking: Callable[[Act], None]
) -> None:
    first, second = deferred(shop, 2)

    async def act(jobs: FairJobs, worker: int) -> None:
        await jobs.finish_job(await took(jobs, worker), Status.SUCCEEDED, delete_job=False)
        assert (status(shop, first), status(shop, second)) == (("succeeded", 1), ("doing", 0))
        assert (await took(jobs, worker)).id == second

    taking(act)


def test_what_was_taken_for_a_worker_that_stops_is_put_back_as_it_was(
    shop: Any, taking: Callable[[Act], None]
) -> None:
    _, second, third = deferred(shop, 3)

    async def act(jobs: FairJobs, worker: int) -> None:
        await jobs.finish_job(await took(jobs, worker), Status.SUCCEEDED, delete_job=False)
        jobs.end_only()
        await jobs.put_back()
        assert status(shop, second) == ("todo", 0)
        again = await took(jobs, worker)
        await jobs.finish_job(again, Status.SUCCEEDED, delete_job=False)
        assert (again.id, status(shop, third)) == (second, ("todo", 0))

    taking(act)


def test_a_worker_that_is_told_of_a_job_while_it_looks_looks_again(
    shop: Any, taking: Callable[[Act], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(jobs: FairJobs, worker: int) -> None:
        look, looks = jobs.connector.execute_query_all_async, 0

        async def slowly(*args: Any, **more: Any) -> list[dict[str, Any]]:
            nonlocal looks
            found = await look(*args, **more)
            looks += 1
            if looks == 1:
                # What was found is under way to the worker, which hears of a job meanwhile.
                while not heard:
                    deferred(shop, 1)
                    await asyncio.sleep(0.05)
            return found

        heard: list[str] = []

        async def hear(*, channel: str, notification: Any) -> None:
            heard.append(channel)

        listener = asyncio.create_task(jobs.listen_for_jobs(on_notification=hear, queues=[WORDS]))
        monkeypatch.setattr(jobs.connector, "execute_query_all_async", slowly)
        assert (await jobs.fetch_job([WORDS], worker)) is not None
        listener.cancel()

    taking(act)
