"""A worker that is there and has not begun, so that what takes long is left to it; and its work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import text

from boot.tasks import tasks
from boot.wiring import House
from engine.context import Tenant
from engine.worker import Worker

_THERE = text("SET LOCAL search_path TO joinery")
"""What follows sets off what the queue tells of itself, which names its tables alone."""

_ASIDE = text(
    "UPDATE joinery.procrastinate_jobs SET scheduled_at = now() + interval '1 day' "
    "WHERE status = 'todo' AND scheduled_at IS NULL AND args ->> 'tenant' <> :tenant RETURNING id"
)

_BACK = text("UPDATE joinery.procrastinate_jobs SET scheduled_at = NULL WHERE id = ANY(:ids)")


@contextmanager
def attended(house: House) -> Iterator[None]:
    """Have a worker known to the queue, for as long as this lasts."""
    with house.database.queue() as connection:
        made = "INSERT INTO joinery.procrastinate_workers DEFAULT VALUES RETURNING id"
        number = connection.execute(text(made)).scalar_one()
    try:
        yield
    finally:
        with house.database.queue() as connection:
            gone = text("DELETE FROM joinery.procrastinate_workers WHERE id = :id")
            connection.execute(gone, {"id": number})


def work(house: House, task: str = "") -> None:
    """Work off what waits, of one task or all."""
    known = tasks(house)
    work_off(Worker(house.database, {task: known[task]} if task else known))


def work_for(house: House, tenant: Tenant) -> None:
    """Work off what waits of one tenant: others may have left what takes a minute."""
    with house.database.queue() as connection:
        connection.execute(_THERE)
        aside = connection.execute(_ASIDE, {"tenant": tenant.role}).scalars().all()
    try:
        work(house)
    finally:
        with house.database.queue() as connection:
            connection.execute(_THERE)
            connection.execute(_BACK, {"ids": aside})


def work_off(worker: Worker) -> None:
    """Have a worker do what waits, in a thread: a browser's loop may run here."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(worker.run_until_empty).result()
