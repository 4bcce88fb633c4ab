"""The process that does background jobs, beside `joinery serve` or by itself."""

from __future__ import annotations

from boot.logs import log_to
from boot.orphans import end_with_parent
from boot.tasks import recurring, tasks
from boot.wiring import House
from boot.wsgi import from_environment
from engine.worker import Worker


def run_jobs(house: House) -> None:
    """Do background jobs until Ctrl-C or SIGTERM; those under way are finished first."""
    Worker(
        house.database,
        tasks(house),
        recurring=recurring(house),
        databases=house.databases.names,
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
