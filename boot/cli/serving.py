"""`serve` and `worker`: the processes that answer requests and do background jobs."""

from __future__ import annotations

import click

from boot.cli.demonstration import require_demo, show_persons
from boot.cli.options import with_settings
from boot.cli.setting_up import prepare
from boot.connection import addressed
from boot.logs import log_to
from boot.migration import migrate_behind
from boot.serving import require_free, serve_web
from boot.settings import Settings, read_settings
from boot.wiring import house
from boot.worker import run_jobs
from engine.jobs import QUEUES, Queue
from engine.worker import AT_ONCE

_NAMED = 5
"""Tenants that are named when serving begins; there may be thousands."""


@click.command()
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=int, help="The port to listen on (8000).")
@click.option("--workers", type=int, help="Processes that answer requests (one per core, to 4).")
@click.option("--database", "database_url", metavar="URL", help="A PostgreSQL address.")
@click.option("--home", metavar="FOLDER", help="Where the embedded database lives.")
@click.option("--no-worker", is_flag=True, help="Leave background jobs to `joinery worker`.")
@click.option("--demo", metavar="TENANT", help="Prepare, and make this tenant with demo data.")
def serve(*, no_worker: bool, demo: str | None, **flags: object) -> None:
    """Serve the web application until Ctrl-C."""
    settings = read_settings({**flags, "worker": False if no_worker else None})
    require_free(settings.host, settings.port)
    with addressed(settings) as address:
        if demo:
            prepare(settings)
        with house(settings) as built:
            migrate_behind(built)
            if demo:
                require_demo(built, demo)
            names = tuple(record.tenant.name for record in built.registry.all())
        url = address.app.render_as_string(hide_password=False)
        serve_web(settings, url, when_up=lambda: _say_where(settings, names, demo))


@click.command()
@click.option("--queue", "queues", type=click.Choice(QUEUES), multiple=True, help="Only these.")
@click.option("--at-once", type=click.IntRange(1, 64), help="Jobs of each queue at a time.")
@with_settings
def worker(settings: Settings, queues: tuple[Queue, ...], at_once: int | None) -> None:
    """Do background jobs until Ctrl-C."""
    with house(settings) as built:
        log_to()
        run_jobs(built, {each: at_once or AT_ONCE[each] for each in queues or QUEUES})


def _say_where(settings: Settings, tenants: tuple[str, ...], demo: str | None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    root = f"http://{host}:{settings.port}"
    if demo:
        show_persons(f"{root}/{demo}")
        return
    click.echo(f"Joinery serves {root}/{named(tenants)}")


def named(tenants: tuple[str, ...]) -> str:
    """Return some tenants' names in brackets, and how many more there are."""
    if not tenants:
        return ""
    more = len(tenants) - _NAMED
    names = ", ".join(tenants[:_NAMED])
    return f" ({names} and {more} more)" if more > 0 else f" ({names})"
