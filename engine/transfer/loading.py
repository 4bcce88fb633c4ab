"""Filling an empty schema with the tables of a structure, each whole or not there at all.

A table is made, filled and indexed in one transaction, so which tables are there says how far it
got: a second call does what is missing. Links between tables come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database, driver_of
from engine.schema.ddl import qualified
from engine.schema.live import read_live
from engine.transfer import building
from engine.transfer.forms import Structure, TableForm
from engine.transfer.rows import Rows, pour, unhurried

Progress = Callable[[str, int, int], None]
"""Told what was done last, how many such things are done, and how many there are."""

_MEMORY = "SET LOCAL maintenance_work_mem = '256MB'"


def load(
    database: Database, tenant: Tenant, structure: Structure, rows: Rows, progress: Progress
) -> None:
    """Make every table that is missing in a tenant's schema, with its rows, keys and rights."""
    with database.owner(tenant) as connection:
        there = read_live(connection, tenant)
    steps = len(structure) + 1
    for done, table in enumerate(structure.values(), start=1):
        if table.name not in there:
            _make(database, tenant, table, rows)
        progress(table.name, done, steps)
    _tie(database, tenant, structure.values())
    progress("", steps, steps)


def _make(database: Database, tenant: Tenant, table: TableForm, rows: Rows) -> None:
    with database.owner(tenant) as connection:
        unhurried(connection, _MEMORY)
        _run(connection, building.create(tenant.schema, table))
        # Frozen rows are never visited again by a vacuum only to mark them.
        pour(connection, building.received(tenant.schema, table, frozen=True), rows(table))
        for _, statement in building.finish(tenant.schema, table):
            _run(connection, statement)
        for statement in building.grant(tenant.schema, tenant.role, table):
            _run(connection, statement)
        _run(connection, f"ANALYZE {qualified(tenant.schema, table.name)}")


def _tie(database: Database, tenant: Tenant, tables: Iterable[TableForm]) -> None:
    with database.owner(tenant) as connection:
        there = read_live(connection, tenant)
    for table in tables:
        missing = [
            statement
            for name, statement in building.tie(tenant.schema, table)
            if name not in there[table.name].constraints
        ]
        if missing:
            with database.owner(tenant) as connection:
                unhurried(connection, _MEMORY)
                for statement in missing:
                    _run(connection, statement)


def _run(connection: Connection, statement: str) -> None:
    driver_of(connection).execute(statement.encode(), prepare=False)
