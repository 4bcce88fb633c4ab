"""The process that does background jobs, beside `joinery serve` or by itself."""

from __future__ import annotations

from collections.abc import Mapping

from boot.logs import log_to
from boot.orphans import end_with_parent
from boot.tasks import recurring, tasks
from boot.wiring import House
from boot.wsgi import from_environment
from engine.jobs import Queue
from engine.worker import AT_ONCE, Worker


def run_jobs(house: House, at_once: Mapping[Queue, int] = AT_ONCE) -> None:
    """Do background jobs until Ctrl-C or SIGTERM; those under way are finished first.

    `at_once` is how many jobs of each queue are done at the same time; others are not looked at.
    """
    Worker(
        house.database,
        tasks(house),
        recurring=recurring(house),
        databases=house.databases.names,
        at_once=at_once,
        most_of_tenant=house.settings.jobs_per_tenant,
    ).run()


def main() -> None:
    """Run beside the server that started this process, and end with it."""
    log_to()
    end_with_parent()
    house = from_environment()
    try:
        run_jobs(house)
    finally:
        house.tell_the_rest()
        house.database.close()


if __name__ == "__main__":
    main()
