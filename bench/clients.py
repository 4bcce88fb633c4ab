"""People at work while a tenant is reshaped: they read lists and save records, and time each."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from boot.settings import read_settings
from boot.wiring import House, house
from engine.context import Cause, Context
from engine.doors import Edit
from engine.query.spec import ListQuery

TENANT = "reshaped"

PAUSE = 0.02
"""Seconds that somebody looks at what they see; without it they would measure the processor."""

PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Request:
    """One answer: when it was asked for, milliseconds it took, the revision that gave it."""

    at: float
    took: float
    revision: int
    wrote: bool


@contextmanager
def people_at_work(home: Path, people: int, rows: int) -> Iterator[Office]:
    """Yield an office of so many people in processes of their own."""
    spawning = get_context("spawn")
    ends, workers = [], []
    for number in range(PROCESSES):
        ours, theirs = spawning.Pipe()
        asked = (theirs, str(home), people // PROCESSES, rows, number)
        worker = spawning.Process(target=_work, args=asked, daemon=True)
        worker.start()
        ends.append(ours)
        workers.append(worker)
    office = Office(ends)
    try:
        office.collect()
        yield office
    finally:
        for end in ends:
            end.send("stop")
        for worker in workers:
            worker.join(20)


@dataclass(frozen=True, slots=True)
class Office:
    """The people; what they did is collected through the ends of their pipes."""

    ends: list[Connection]

    def collect(self) -> list[Request]:
        """Return what was asked for since the last time."""
        return [each for found in self.of_each() for each in found]

    def of_each(self) -> list[list[Request]]:
        """Return the same, process by process."""
        for end in self.ends:
            end.send("collect")
        return [end.recv() for end in self.ends]


def _work(end: Connection, home: str, people: int, rows: int, number: int) -> None:
    done: list[Request] = []
    stop = Event()
    with house(read_settings({"home": home})) as served:
        asked = (served, done, stop, rows)
        threads = [
            Thread(target=_person, args=(*asked, random.Random(f"{number}.{each}")))  # noqa: S311
            for each in range(people)
        ]
        for thread in threads:
            thread.start()
        while end.recv() == "collect":
            if not done:
                time.sleep(1)
            so_far, done[:] = done[:], []
            end.send(so_far)
        stop.set()
        for thread in threads:
            thread.join()


def _person(
    served: House, done: list[Request], stop: Event, rows: int, chance: random.Random
) -> None:
    while not stop.is_set():
        wrote = chance.random() < 0.5
        began, at = time.perf_counter(), time.time()
        ctx = served.contexts.system(TENANT, cause=Cause("cli"))
        seen: list[int] = []

        def act(ctx: Context, wrote: bool = wrote, seen: list[int] = seen) -> None:
            seen.append(ctx.revision)
            _save(served, ctx, chance, rows) if wrote else _read(served, ctx)

        served.contexts.run(ctx, act)
        done.append(Request(at, (time.perf_counter() - began) * 1000, seen[-1], wrote))
        stop.wait(PAUSE)


def _read(served: House, ctx: Context) -> None:
    view = ctx.model.entities["deal"].views["open"]
    paths = tuple(column.path for column in view.columns)
    wanted = ListQuery("deal", filter=view.filter, sort=view.sort, paths=paths, limit=50)
    served.reader.find(ctx, wanted)


def _save(served: House, ctx: Context, chance: random.Random, rows: int) -> None:
    number = chance.randint(1, rows)
    deal = UUID(md5(f"d{number}".encode()).hexdigest())  # noqa: S324 - an id, not a secret
    served.writer.update(ctx, "deal", [Edit(deal, {"amount": str(chance.randint(1, 9999))}, None)])
