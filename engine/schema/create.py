"""Making a tenant's tables, all at once, in an empty schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Table

from engine.context import Tenant
from engine.database import AUDITOR_ROLE, driver_of
from engine.pipelining import pipelined
from engine.schema import ddl
from engine.schema.names import quoted
from engine.schema.tables import AUDIT, Tables

RECORD_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
"""What a tenant's role may do with records."""

APPEND_RIGHTS = "SELECT, INSERT"
"""What it may do with history, which nobody rewrites."""

TOLD_RIGHTS = "INSERT"
"""What it may do with the audit log, which those it tells of neither read nor change."""

READ_RIGHTS = "SELECT"
"""What it may do with wrapped keys, which only the owner makes."""

APPENDED = frozenset({"sys_change", "sys_change_set"})
"""Tables that are only ever added to."""

KEYS = "sys_key"
"""The table of the tenant's wrapped keys."""


def create_tables(connection: Connection, tenant: Tenant, tables: Tables) -> None:
    """Create every table of a model in the tenant's schema, under the owner's role."""
    run_all(connection, tuple(create_statements(tenant, tables)))


def create_statements(tenant: Tenant, tables: Tables) -> Iterator[str]:
    """Yield the statements that make a model's tables where there are none."""
    schema = tenant.schema
    ordered = tuple(tables.by_entity.values())
    for table in ordered:
        yield ddl.create_table(schema, table)
    for table in ordered:
        for constraint in ddl.foreign_keys(table):
            yield ddl.add_constraint(schema, table, constraint, validated=True)
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            yield ddl.create_index(schema, index, concurrently=False)
    yield from grants(tenant, ordered)


def grants(tenant: Tenant, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the statements that give the tenant's role its rights on tables."""
    for rights in (RECORD_RIGHTS, APPEND_RIGHTS, TOLD_RIGHTS, READ_RIGHTS):
        names = ", ".join(
            ddl.qualified(tenant.schema, table.name)
            for table in tables
            if rights_on(table.name) == rights
        )
        if names:
            yield f"GRANT {rights} ON {names} TO {quoted(tenant.role)}"
    if any(table.name == AUDIT for table in tables):
        log = ddl.qualified(tenant.schema, AUDIT)
        yield f"GRANT USAGE ON SCHEMA {quoted(tenant.schema)} TO {AUDITOR_ROLE}"
        yield f"GRANT SELECT ON {log} TO {AUDITOR_ROLE}"


def rights_on(table: str) -> str:
    """Return what a tenant's role may do with a table."""
    if table == AUDIT:
        return TOLD_RIGHTS
    if table == KEYS:
        return READ_RIGHTS
    return APPEND_RIGHTS if table in APPENDED else RECORD_RIGHTS


def run_all(connection: Connection, statements: Sequence[str]) -> None:
    """Run statements in order without waiting for each: one round trip for all of them."""
    driver = driver_of(connection)
    with pipelined(driver):
        for statement in statements:
            driver.execute(statement.encode(), prepare=False)
