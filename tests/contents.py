"""Everything that a tenant's schema holds, as text: what must not be in it is looked for there."""

from __future__ import annotations

from sqlalchemy import text

from engine.context import Tenant
from engine.database import Database, driver_of
from engine.schema.names import quoted


def dump(database: Database, tenant: Tenant) -> str:
    """Return every row of every table, a line each."""
    with database.owner(tenant) as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": tenant.schema}
        ).scalars()
        return "\n".join(
            str(row[0])
            for table in tables
            for row in driver_of(connection)
            .execute(f"SELECT t::text FROM {quoted(tenant.schema)}.{quoted(table)} t".encode())
            .fetchall()
        )
