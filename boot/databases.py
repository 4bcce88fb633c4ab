"""Preparing further databases for an installation's tenants."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.engine import make_url

from boot.connection import app_password, given_address, make_database
from boot.errors import BootError
from boot.wiring import House
from engine.tenants.databases import claim
from engine.tenants.install import initialise


def add_database(house: House, name: str, url: str = "") -> tuple[str, ...]:
    """Prepare a database and place tenants on it from now on; return warnings.

    Without `url` a further one is made on the server that the registry lives on. Begun again
    after a failure it goes on.
    """
    if name in house.databases.names():
        raise BootError(f"There is a database {name!r} already.")
    address, warnings = _prepared(url) if url else _beside(house, name)
    claim(house.databases.resolve(address), house.master_key)
    house.databases.add(name, address)
    return warnings


def _prepared(url: str) -> tuple[URL, tuple[str, ...]]:
    """Prepare a database that is there; return where it is, as the application connects."""
    address = given_address(url)
    if address.admin is None:
        return address.app, ()
    return address.app, _initialised(address.admin)


def _beside(house: House, name: str) -> tuple[URL, tuple[str, ...]]:
    """Make a further database on the registry's server; return its address without a host."""
    admin = house.address.admin
    if admin is None:
        raise BootError(
            "To make a database beside the registry's, Joinery needs the address of an account "
            "that may do so: give it with --database for this once, or give the new one's URL."
        )
    made = f"{admin.database}_{name.replace('-', '_')}"
    make_database(admin, made)
    return make_url(f"postgresql:///{made}"), _initialised(admin.set(database=made))


def _initialised(admin: URL) -> tuple[str, ...]:
    return initialise(admin, app_password=app_password(admin), registry=False)
