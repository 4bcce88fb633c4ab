"""What is really in a tenant's schema, read from PostgreSQL's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from engine.context import Tenant


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table as it is: types of columns, constraints (validated?) and indexes (valid?).

    `rows` is the planner's estimate, 0 for a table that was never analysed and is empty;
    `bytes` is what its rows take on disk, without indexes.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, bool] = field(default_factory=dict)
    indexes: Mapping[str, bool] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0


Live = Mapping[str, LiveTable]
"""The tables of one schema, by name."""

_TABLES = """
SELECT c.relname AS name,
       CASE WHEN c.reltuples < 0 THEN pg_relation_size(c.oid) / 100
            ELSE c.reltuples END::bigint AS rows,
       pg_relation_size(c.oid) AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')
ORDER BY c.relname
"""

_COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS value
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""

_CONSTRAINTS = """
SELECT c.relname AS table, k.conname AS name, k.convalidated AS value
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND k.contype IN ('f', 'c', 'p')
ORDER BY c.relname, k.conname
"""

_INDEXES = """
SELECT c.relname AS table, i.relname AS name, x.indisvalid AS value
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND NOT x.indisprimary
ORDER BY c.relname, i.relname
"""


def read_live(connection: Connection, tenant: Tenant) -> Live:
    """Return the tables of the tenant's schema; any role may read the catalogue."""
    schema = {"schema": tenant.schema}
    tables = connection.execute(text(_TABLES), schema).all()
    columns = _by_table(connection, _COLUMNS, schema)
    constraints = _by_table(connection, _CONSTRAINTS, schema)
    indexes = _by_table(connection, _INDEXES, schema)
    return {
        row.name: LiveTable(
            name=row.name,
            columns={name: str(value) for name, value in columns.get(row.name, {}).items()},
            constraints={name: bool(v) for name, v in constraints.get(row.name, {}).items()},
            indexes={name: bool(value) for name, value in indexes.get(row.name, {}).items()},
            rows=row.rows,
            bytes=row.bytes,
        )
        for row in tables
    }


def _by_table(
    connection: Connection, statement: str, binds: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for table, name, value in connection.execute(text(statement), binds):
        found.setdefault(table, {})[name] = value
    return found
