"""A worker that also knows a job that does nothing, to measure what the queue itself costs."""

from __future__ import annotations

from collections.abc import Mapping

from boot.memory import collect_seldom
from boot.settings import read_settings
from boot.tasks import recurring, tasks
from boot.wiring import House, house
from engine.jobs import Job, Task
from engine.worker import Worker

LIGHT = "bench.light"


class Light:
    """A job that does nothing; a `jobs.Task`."""

    attempts = 1

    def run(self, job: Job) -> None:
        """Do nothing."""


def known(built: House) -> Mapping[str, Task]:
    """Return every task of the product, and the light one."""
    return {**tasks(built), LIGHT: Light()}


def main() -> None:
    """Work as `joinery worker` does, until SIGTERM."""
    collect_seldom()
    with house(read_settings({})) as built:
        Worker(
            built.database,
            known(built),
            recurring=recurring(built),
            databases=built.databases.names,
            most_of_tenant=built.settings.jobs_per_tenant,
        ).run()


if __name__ == "__main__":
    main()
