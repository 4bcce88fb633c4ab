"""The databases that tenants are placed on: which there are, where, and how full.

An address is kept without its password, which lies sealed beside it. One without a host is a
further database of the server that the registry itself lives on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Row,
    Select,
    create_engine,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from engine.connections import DEFAULT
from engine.database import OWNER_ROLE, Database, translated_errors
from engine.sealing import MasterKey
from engine.tenants.errors import DatabaseExists, DatabasesFull, DatabaseUnknown, NameInvalid
from engine.tenants.tables import REGISTRY, tenant
from engine.tenants.tables import database as table

MOST = 400
"""How many tenants one database takes unless a setting says otherwise: each has many tables."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class PlacedOn:
    """A database of the installation: where it is (never its password), and its tenants."""

    name: str
    address: str
    tenants: int
    draining: bool


class Databases:
    """The list of databases, kept in the registry, and which of them the next tenant goes to."""

    def __init__(self, database: Database, key: MasterKey, *, most: int = MOST) -> None:
        self._database = database
        self._key = key
        self._most = most

    def all(self) -> tuple[PlacedOn, ...]:
        """Return every database, the registry's own first."""
        with self._database.registry() as connection:
            rows = connection.execute(_counted()).all()
        found = [PlacedOn(row.name, row.url or "", row.tenants, row.draining) for row in rows]
        return tuple(sorted(found, key=lambda each: (each.name != DEFAULT, each.name)))

    def names(self) -> tuple[str, ...]:
        """Return the name of every database, the registry's own first."""
        return tuple(each.name for each in self.all())

    def address(self, name: str) -> URL:
        """Return where a database is, as the application connects; raise `DatabaseUnknown`."""
        with self._database.registry() as connection:
            row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
        if row is None:
            raise DatabaseUnknown(
                f"There is no database {name!r}. `joinery database list` shows those there are.",
                database=name,
            )
        return self._resolved(row)

    def resolve(self, address: URL) -> URL:
        """Return an address as it is reached: without a host, on the registry's own server."""
        if address.host or address.query.get("host"):
            return address
        return self._database.engine.url.set(database=address.database)

    def add(self, name: str, address: URL) -> None:
        """Enter a prepared database; raise `DatabaseExists` or `NameInvalid`."""
        if not _NAME.fullmatch(name):
            raise NameInvalid(
                f"{name!r} cannot be a database's name: it starts with a letter from a to z and "
                "goes on with such letters, digits, hyphens and underscores, at most 40."
            )
        sealed = None
        if address.password:
            sealed = self._key.seal(str(address.password).encode(), purpose=_purpose(name))
        shown = URL.create(
            "postgresql", address.username, None, address.host, address.port, address.database,
            address.query,
        )  # fmt: skip
        values = {"name": name, "url": shown.render_as_string(), "password": sealed}
        try:
            with self._database.registry() as connection:
                connection.execute(insert(table).values(values))
        except IntegrityError:
            raise DatabaseExists(f"There is a database {name!r} already.", database=name) from None

    def drain(self, name: str, *, back: bool = False) -> None:
        """Place no more tenants on a database, or do so again; raise `DatabaseUnknown`."""
        self.address(name)
        with self._database.registry() as connection:
            connection.execute(update(table).where(table.c.name == name).values(draining=not back))

    def remove(self, name: str) -> None:
        """Strike out a database that no tenant lives on; raise `DatabaseExists` while one does."""
        self.address(name)
        try:
            with self._database.registry() as connection:
                connection.execute(table.delete().where(table.c.name == name))
        except IntegrityError:
            raise DatabaseExists(
                f"Tenants live on the database {name!r}: move them first with "
                "`joinery tenant move`.",
                database=name,
            ) from None
        self._database.forget(name)

    def chosen(self, connection: Connection) -> str:
        """Return where the next tenant goes: the database with the fewest below the limit.

        The list is locked until the registry's transaction ends. Raises `DatabasesFull`.
        """
        connection.execute(select(table.c.name).order_by(table.c.name).with_for_update())
        with_room = [
            row
            for row in connection.execute(_counted())
            if not row.draining and row.tenants < self._most
        ]
        if not with_room:
            raise DatabasesFull(
                f"Every database has its {self._most} tenants, or takes no more: add one with "
                "`joinery database add`.",
                most=self._most,
            )
        found = min(with_room, key=lambda row: (row.tenants, row.name != DEFAULT, row.name))
        return str(found.name)

    def _resolved(self, row: Row[Any]) -> URL:
        if not row.url:
            return self._database.engine.url
        url = make_url(row.url)
        if row.password is not None:
            opened = self._key.open(row.password, purpose=_purpose(row.name))
            url = url.set(password=opened.decode())
        return self.resolve(url)


def claim(address: URL, key: MasterKey) -> None:
    """Mark a prepared database as this installation's; raise `DatabaseExists` if another's.

    Two installations on one database would work off each other's jobs.
    """
    mark = f"installation {key.derive('installation').hex()[:16]}"
    engine = create_engine(address, poolclass=NullPool)
    with translated_errors(), engine.begin() as connection:
        found = connection.execute(
            text(
                "SELECT obj_description(cast(:schema AS regnamespace), 'pg_namespace'), "
                "to_regclass(:tenants)"
            ).bindparams(schema=REGISTRY, tenants=f"{REGISTRY}.tenant")
        ).one()
        if found[1] is not None or found[0] not in (None, mark):
            raise DatabaseExists(
                "This database belongs to another installation, or holds a registry: give one "
                "that is empty."
            )
        connection.execute(text(f"SET LOCAL ROLE {OWNER_ROLE}"))
        connection.execute(text(f"COMMENT ON SCHEMA {REGISTRY} IS '{mark}'"))


def _purpose(name: str) -> str:
    return f"password of the database {name}"


def _counted() -> Select[Any]:  # Any: columns of every type
    return (
        select(table, func.count(tenant.c.name).label("tenants"))
        .outerjoin(tenant, tenant.c.database == table.c.name)
        .group_by(table.c.name)
    )
