"""Copying rows as PostgreSQL's own text, from one moment of a tenant and into another place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database, driver_of
from engine.schema.ddl import qualified
from engine.transfer.building import selected
from engine.transfer.catalog import read_structure
from engine.transfer.forms import TableForm

CHUNK = 1 << 18
"""Bytes that travel at once."""

Rows = Callable[[TableForm], Iterable[bytes]]
"""Gives a table's rows, as text that PostgreSQL copies in."""

UNHURRIED = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)


@contextmanager
def moment(database: Database, tenant: Tenant) -> Iterator[Connection]:
    """Yield a transaction of the owner that sees a tenant as it is now, however long it lasts.

    People work on meanwhile; what they write is not seen. Its tables keep their form: a publish
    that changes them waits, or is told to come again. Were a column to change places with
    another after the moment, its rows would be read as of before it was filled.
    """
    with database.owner(tenant) as connection:
        named = [
            qualified(tenant.schema, name) for name in sorted(read_structure(connection, tenant))
        ]
    with database.owner(tenant) as connection:
        unhurried(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if named:
            # Nothing is looked at before: the moment begins when all of them are held.
            driver_of(connection).execute(
                f"LOCK TABLE {', '.join(named)} IN ACCESS SHARE MODE".encode()
            )
        yield connection


def unhurried(connection: Connection, *statements: str) -> None:
    """Let a transaction take its time, and run statements of ours in it."""
    for statement in (*statements, *UNHURRIED):
        driver_of(connection).execute(statement.encode())


def rows_of(connection: Connection, tenant: Tenant, table: TableForm) -> Iterator[bytes]:
    """Yield a table's rows in chunks."""
    return copied(connection, selected(tenant.schema, table))


def copied(connection: Connection, statement: str) -> Iterator[bytes]:
    """Yield what a `COPY … TO STDOUT` of ours gives, in chunks."""
    held: list[bytes] = []
    size = 0
    with driver_of(connection).cursor().copy(statement.encode()) as copy:
        for data in copy:
            held.append(bytes(data))
            size += len(data)
            if size >= CHUNK:
                yield b"".join(held)
                held, size = [], 0
    if held:
        yield b"".join(held)


def pour(connection: Connection, statement: str, chunks: Iterable[bytes]) -> int:
    """Run a `COPY … FROM STDIN` of ours; return how many rows came."""
    cursor = driver_of(connection).cursor()
    with cursor.copy(statement.encode()) as copy:
        for chunk in chunks:
            copy.write(chunk)
    return cursor.rowcount
