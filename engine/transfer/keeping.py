"""The files of a tenant's records: which there are, and copying them to another tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database, driver_of
from engine.files.storage import Storage
from engine.schema.ddl import qualified

FILES = "sys_file"


def file_ids(connection: Connection, tenant: Tenant) -> tuple[UUID, ...]:
    """Return the id of every file that a tenant has."""
    table = qualified(tenant.schema, FILES)
    rows = driver_of(connection).execute(f"SELECT id FROM {table} ORDER BY id".encode())  # noqa: S608
    return tuple(row[0] for row in rows.fetchall())


def copy_files(database: Database, storage: Storage, old: Tenant, new: Tenant) -> None:
    """Copy the bytes of a tenant's files to another that has the same rows, where they miss.

    A file whose bytes are gone is gone in both.
    """
    with database.owner(new) as connection:
        ids = file_ids(connection, new)
    for id_, small in _kinds(ids):
        with suppress(FileNotFoundError):
            storage.open(new, id_, small=small).close()
            continue
        with suppress(FileNotFoundError), storage.open(old, id_, small=small) as content:
            storage.put(new, id_, content, small=small)


def _kinds(ids: tuple[UUID, ...]) -> Iterator[tuple[UUID, bool]]:
    for id_ in ids:
        yield id_, False
        yield id_, True
