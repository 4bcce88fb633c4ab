"""What a worker takes next while others end, defer and stop beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any

import pytest
from procrastinate import PsycopgConnector
from procrastinate.jobs import Job, Status
from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from engine.connections import DEFAULT
from engine.failed_jobs import FailedJobs
from engine.jobs import QUEUE, defer, state_of
from engine.taking import FairJobs

Act = Callable[[FairJobs, int], Awaitable[None]]

WORDS = "interactive"


def deferred(shop: Any, count: int, only_one: str | None = None) -> list[int]:
    """Defer as many jobs that nobody does; return their numbers."""

    def unit(connection: Any) -> list[int]:
        made = (defer(connection, "rest", {}, only_one=only_one) for _ in range(count))
        return [number for number in made if number]

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
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"))

    async def run(act: Act) -> None:
        await connector.open_async()
        jobs = FairJobs(connector, 2)
        worker = await jobs.register_worker()
        listener = asyncio.create_task(jobs.listen_for_jobs(on_notification=told, queues=[WORDS]))
        await asyncio.sleep(0)
        try:
            await act(jobs, worker)
        finally:
            while not listener.done():
                # A cancellation is lost that comes together with a notification.
                listener.cancel()
                await asyncio.wait([listener], timeout=0.1)
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


@pytest.mark.parametrize("how", ["worker died", "failed", "put back", "asked again"])
def test_one_that_comes_back_while_another_does_the_same_has_ended_and_keeps_nobody_from_work(
    shop: Any, taking: Callable[[Act], None], how: str
) -> None:
    (first,) = deferred(shop, 1, only_one="x")
    (other,) = deferred(shop, 1)

    async def act(jobs: FairJobs, worker: int) -> None:
        job = await took(jobs, worker)
        await took(jobs, worker)
        (second,) = deferred(shop, 1, only_one="x")
        if how == "worker died":
            await jobs.take_up(0.0, 5)
            assert status(shop, other) == ("todo", 1)
        elif how == "failed":
            await jobs.retry_job(job)
        elif how == "put back":
            jobs._next[WORDS] = [job]
            await jobs.put_back()
        else:
            jobs.end_only()
            await jobs.finish_job(job, Status.FAILED, delete_job=False)
            FailedJobs(shop.database).again(shop.ctx(), first)
        ended = "cancelled" if how == "asked again" else "aborted"
        assert (status(shop, first)[0], status(shop, second)) == (ended, ("todo", 0))

    taking(act)


def test_a_worker_that_was_held_for_dead_ends_nothing_that_another_does(
    shop: Any, taking: Callable[[Act], None]
) -> None:
    (number,) = deferred(shop, 1)

    async def act(jobs: FairJobs, worker: int) -> None:
        job = await took(jobs, worker)
        await jobs.take_up(0.0, 5)
        other = await jobs.register_worker()
        again = await took(jobs, other)
        jobs.end_only()
        await jobs.finish_job(job, Status.FAILED, delete_job=False)
        await jobs.retry_job(job)
        assert (again.id, status(shop, number)) == (number, ("doing", 1))
        await jobs.finish_job(again, Status.SUCCEEDED, delete_job=False)
        assert status(shop, number) == ("succeeded", 2)

    taking(act)


def test_what_dead_workers_hold_takes_no_place_of_their_tenant(
    shop: Any, taking: Callable[[Act], None]
) -> None:
    deferred(shop, 4)

    async def act(jobs: FairJobs, worker: int) -> None:
        dead = await jobs.register_worker()
        for _ in range(2):
            await took(jobs, dead)
        assert await jobs.fetch_job([WORDS], worker) is None
        await jobs.connector.execute_query_async(
            query="UPDATE procrastinate_workers SET last_heartbeat = now() - interval '20 s' "
            "WHERE id = %(dead)s", dead=dead,
        )  # fmt: skip
        for _ in range(2):
            await took(jobs, worker)
        assert await jobs.fetch_job([WORDS], worker) is None

    taking(act)


def test_one_that_waits_is_not_begun_before_what_it_is_asked_for_again_can_be_seen(
    shop: Any, taking: Callable[[Act], None]
) -> None:
    (number,) = deferred(shop, 1, only_one="x")

    async def act(jobs: FairJobs, worker: int) -> None:
        def unit(connection: Any) -> bool:
            assert defer(connection, "rest", {}, only_one="x") is None
            found = asyncio.run_coroutine_threadsafe(jobs.fetch_job([WORDS], worker), loop)
            return found.result() is None

        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(shop.database.unit, shop.ctx(), unit)
        assert (await took(jobs, worker)).id == number

    taking(act)


def test_of_two_that_ask_at_once_for_what_is_needed_once_the_second_waits_and_has_it(
    shop: Any,
) -> None:
    made = Event()

    def first(connection: Any) -> int | None:
        number: int | None = defer(connection, "rest", {}, only_one="x")
        made.set()
        sleep(0.2)
        return number

    def second(connection: Any) -> int | None:
        return defer(connection, "rest", {}, only_one="x")

    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(shop.database.unit, shop.ctx(), first)
        assert made.wait(10)
        assert shop.database.unit(shop.ctx(), second) is None
        assert one.result() is not None
