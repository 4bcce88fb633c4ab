"""`database`: the databases that tenants are placed on."""

from __future__ import annotations

import click
from sqlalchemy import URL
from sqlalchemy.engine import make_url

from boot.cli.options import as_json, with_settings
from boot.cli.output import show_json, show_table
from boot.connection import app_password, given_address, make_database
from boot.errors import BootError
from boot.settings import Settings
from boot.wiring import House, house
from engine.tenants.databases import claim
from engine.tenants.install import initialise


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
        if name in built.databases.names():
            raise BootError(f"There is a database {name!r} already.")
        address = _prepared(url) if url else _beside(built, name)
        claim(built.databases.resolve(address), built.master_key)
        built.databases.add(name, address)
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
        built.databases.remove(name)
    click.echo(f"The database {name} is not used any more.")


def _prepared(url: str) -> URL:
    """Prepare a database that is there; return where it is, as the application connects."""
    address = given_address(url)
    if address.admin is not None:
        _initialise(address.admin)
    return address.app


def _beside(built: House, name: str) -> URL:
    """Make a further database on the registry's server; return its address without a host."""
    admin = built.address.admin
    if admin is None:
        raise BootError(
            "To make a database beside the registry's, Joinery needs the address of an account "
            "that may do so: give it with --database for this once, or give the new one's URL."
        )
    made = f"{admin.database}_{name.replace('-', '_')}"
    make_database(admin, made)
    _initialise(admin.set(database=made))
    return make_url(f"postgresql:///{made}")


def _initialise(admin: URL) -> None:
    for warning in initialise(admin, app_password=app_password(admin), registry=False):
        click.echo(f"Warning: {warning}", err=True)
