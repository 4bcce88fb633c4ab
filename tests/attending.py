"""A worker that is there and has not begun, so that what takes long is left to it; and its work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import text

from boot.tasks import tasks
from boot.wiring import House
from engine.worker import Worker


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


def work_off(worker: Worker) -> None:
    """Have a worker do what waits, in a thread: a browser's loop may run here."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(worker.run_until_empty).result()
