"""`init`, `doctor` and `version`: preparing an installation and looking at its health."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version as version_of

import click

from boot.cli.options import as_json, with_settings
from boot.cli.output import show_facts, show_json
from boot.connection import addressed, app_password
from boot.embedded import EmbeddedError, inspect, stop_stray
from boot.errors import BootError
from boot.migration import migrate as migrated
from boot.settings import Settings
from boot.wiring import House, house
from engine.errors import EngineError
from engine.tenants.install import initialise, renew
from engine.tenants.logins import let_all_in, passwords


@click.command()
@with_settings
def init(settings: Settings) -> None:
    """Prepare the database: roles, registry, queue. Running it again changes nothing."""
    with addressed(settings) as address:
        for warning in prepare(settings):
            click.echo(f"Warning: {warning}", err=True)
        prepare_further(settings)
        shown = address.app.render_as_string(hide_password=True)
    click.echo(f"Ready: {shown}")


def prepare(settings: Settings) -> tuple[str, ...]:
    """Prepare the database of these settings; return warnings."""
    with addressed(settings) as address:
        if address.admin is None:
            raise BootError(
                "To prepare a database, Joinery needs the address of an account that may make "
                "roles (CREATEROLE or a superuser). Give it with --database for this once."
            )
        return initialise(address.admin, app_password=app_password(address.admin))


def prepare_further(settings: Settings) -> None:
    """Bring the further databases up to this version, and let tenants' roles in where wanted."""
    with house(settings) as built:
        for name in built.databases.names():
            renew(built.database, name)
        if settings.tenant_login:
            tenants = [record.tenant for record in built.registry.all()]
            let_all_in(built.database, tenants, passwords(built.master_key))


@click.command()
@with_settings
@as_json
def doctor(settings: Settings, *, json_: bool) -> int:
    """Say what works and what does not; end an embedded server that was left behind."""
    facts: dict[str, object] = {
        "version": version_of("joinery"),
        "python": platform.python_version(),
    }
    _look_at_embedded(settings, facts)
    problems = _look_at_database(settings, facts)
    if json_:
        show_json({**facts, "problems": problems})
    else:
        show_facts(facts)
        for problem in problems:
            click.echo(f"Problem: {problem}")
        if not problems:
            click.echo("All is well.")
    return 1 if problems else 0


@click.command()
@click.argument("tenant", required=False)
@click.option("--all", "everyone", is_flag=True, help="Every tenant.")
@with_settings
def migrate(settings: Settings, tenant: str | None, *, everyone: bool) -> None:
    """Bring tenants up to date with the engine's own tables of this version."""
    if everyone == bool(tenant):
        raise click.UsageError("Name a tenant, or say --all.")
    with house(settings) as built:
        records = built.registry.all() if everyone else (built.registry.get(str(tenant)),)
        for name, changed in migrated(built, records):
            click.echo(f"{name}: {'brought up to date' if changed else 'nothing to do'}")


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"joinery {version_of('joinery')}")


def _look_at_embedded(settings: Settings, facts: dict[str, object]) -> None:
    facts["home"] = str(settings.home)
    if settings.database_url:
        facts["embedded server"] = "not used"
    elif stop_stray(settings.home):
        facts["embedded server"] = "ran though nobody used it: what did was killed; stopped now"
    else:
        facts["embedded server"] = "running" if inspect(settings.home).running else "stopped"


def _cut_off(built: House) -> Iterator[str]:
    """Yield the publishes whose process died; workers finish or undo them by themselves."""
    for record in built.registry.all():
        with suppress(EngineError):
            for each in built.publisher.publications(record.tenant):
                if each.state in ("running", "switched") and not each.alive:
                    yield (
                        f"{record.tenant.name}: the publish of version {each.revision} was cut off "
                        f"at {each.at:%Y-%m-%d %H:%M}. A worker finishes or undoes it within ten "
                        "minutes: see that one runs."
                    )


def _look_at_database(settings: Settings, facts: dict[str, object]) -> list[str]:
    try:
        with house(settings) as built:
            facts["database"] = built.address.app.render_as_string(hide_password=True)
            with built.database.registry() as connection:
                facts["postgresql"] = connection.exec_driver_sql("SHOW server_version").scalar()
            facts["tenants"] = len(built.registry.all())
            facts["databases"] = ", ".join(
                f"{each.name} ({each.tenants} tenants)" for each in built.databases.all()
            )
            facts["connections"] = built.database.held().open
            return [*built.services.health.further(), *_cut_off(built)]
    except (BootError, EmbeddedError, EngineError) as error:
        return [str(error)]
    return []
