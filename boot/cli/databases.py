"""`database`: the databases that tenants are placed on."""

from __future__ import annotations

import click

from boot.cli.options import as_json, with_settings
from boot.cli.output import show_json, show_table
from boot.databases import add_database
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import house
from engine.transfer.moving import waiting


@click.group()
def database() -> None:
    """Databases: tenants are placed on them, the emptiest first."""


@database.command("add")
@click.argument("name")
@click.argument("url", required=False, default="")
@with_settings
def add(settings: Settings, name: str, url: str) -> None:
    """Prepare a database and place tenants on it from now on.

    URL is that of an account that may make roles; without one, a further database is made on the
    server that the registry lives on. Running it again after a failure goes on.
    """
    with house(settings) as built:
        for warning in add_database(built, name, url):
            click.echo(f"Warning: {warning}", err=True)
    click.echo(f"Tenants are placed on the database {name} now.")


@database.command("list")
@as_json
@with_settings
def list_(settings: Settings, *, json_: bool) -> None:
    """List the databases, and how many tenants each has."""
    with house(settings) as built:
        found = built.databases.all()
    facts = [
        {
            "name": each.name,
            "address": each.address or "the registry's own",
            "tenants": each.tenants,
            "state": "draining" if each.draining else "open",
        }
        for each in found
    ]
    if json_:
        show_json(facts)
    else:
        show_table(tuple(facts[0]), [tuple(each.values()) for each in facts])


@database.command("drain")
@click.argument("name")
@click.option("--back", is_flag=True, help="Place tenants on it again.")
@with_settings
def drain(settings: Settings, name: str, *, back: bool) -> None:
    """Place no more tenants on a database; those it has stay until they are moved."""
    with house(settings) as built:
        built.databases.drain(name, back=back)
    click.echo(f"The database {name} takes {'tenants again' if back else 'no more tenants'}.")


@database.command("remove")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Strike out a database that no tenant lives on; nothing in it is deleted."""
    with house(settings) as built:
        left = waiting(built.database, name) if name in built.databases.names() else 0
        if left:
            raise BootError(f"{left} jobs wait in the queue of {name}: let a worker do them first.")
        built.databases.remove(name)
    click.echo(f"The database {name} is not used any more.")
