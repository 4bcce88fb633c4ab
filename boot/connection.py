"""Which database this installation uses, and under which role the application connects."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from boot.embedded import EmbeddedServer
from boot.errors import BootError
from boot.settings import Settings
from engine.database import APP_ROLE, sqlstate
from engine.schema.names import quoted

DATABASE = "joinery"
"""The name of the database on the embedded server."""

_DRIVER = "postgresql+psycopg"
_WRONG_PASSWORD = frozenset({"28P01", "28000"})
_NO_DATABASE = "3D000"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is: as whoever prepares it (None where not known), and as the app."""

    admin: URL | None
    app: URL


@contextmanager
def addressed(settings: Settings) -> Iterator[Address]:
    """Yield the database's address; the embedded server runs meanwhile, where it is used."""
    if settings.database_url:
        yield given_address(settings.database_url)
        return
    with EmbeddedServer(settings.home) as server:
        make_database(make_url(server.url()), DATABASE)
        yield Address(
            admin=make_url(server.url(database=DATABASE)),
            app=make_url(server.url(APP_ROLE, DATABASE)),
        )


def app_password(admin: URL) -> str | None:
    """Return the password that `joinery init` gives the application's role.

    It follows from the administrator's, so that every machine that has the one address
    finds the other; without one there (peer, trust) the role has none either.
    """
    if not admin.password:
        return None
    key = str(admin.password).encode()
    return hmac.new(key, APP_ROLE.encode(), sha256).hexdigest()


def given_address(address: str) -> Address:
    """Return an address as who prepares the database there, if it is theirs, and as the app's."""
    url = _parsed(address)
    try:
        with _connected(url) as connection:
            who = connection.execute(
                text(
                    "SELECT current_user AS name, rolsuper OR rolcreaterole AS admin "
                    "FROM pg_roles WHERE rolname = current_user"
                )
            ).one()
    except DBAPIError as error:
        raise BootError(_refusal(url, error)) from None
    if not who.admin or who.name == APP_ROLE:
        return Address(admin=None, app=url)
    return Address(admin=url, app=url.set(username=APP_ROLE, password=app_password(url)))


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        shown = address.partition("://")[0] if "://" in address else "no scheme"
        raise BootError(
            f"The database's address cannot be read ({shown}): write it as "
            "postgresql://user:password@host:5432/database."
        ) from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise BootError(f"Joinery works on PostgreSQL; {url.drivername} is something else.")
    return url.set(drivername=_DRIVER)


def _refusal(url: URL, error: DBAPIError) -> str:
    shown = url.render_as_string(hide_password=True).replace(f"{_DRIVER}://", "postgresql://")
    state = sqlstate(error)
    reason = str(error.orig).strip().splitlines()[0]
    if state in _WRONG_PASSWORD or "password authentication failed" in reason:
        return f"The database at {shown} refuses this user or password."
    if state == _NO_DATABASE or ("database" in reason and "does not exist" in reason):
        return f"There is no database {url.database!r} at {shown}: create it first."
    return f"The database at {shown} does not answer: {reason}. Is it running there?"


def make_database(server: URL, name: str) -> None:
    """Make a database on a server where there is none of this name."""
    with _connected(server) as connection:
        there = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
        ).first()
        if there is None:
            connection.execute(text(f"CREATE DATABASE {quoted(name)} TEMPLATE template0"))


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10}
    )
    with engine.connect() as connection:
        yield connection
