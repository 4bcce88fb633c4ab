"""Tables as a draft would have them, over the records there are: views in their own schema.

A view shows what its table holds, with missing columns as they would begin: converted values,
defaults, or nothing. The tenant's role may read views and no more, under its own rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, text

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.database import Database, lock_key
from engine.schema.convert import conversion
from engine.schema.create import run_all
from engine.schema.ddl import qualified, type_text
from engine.schema.ground import ground_of
from engine.schema.live import Live, LiveTable, read_live
from engine.schema.names import literal, quoted
from engine.schema.tables import AUDIT
from metamodel.model import Model

KEPT = timedelta(days=1)
"""How long a preview stays that nobody leaves."""

_MADE = """
SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS told
FROM pg_namespace n WHERE starts_with(n.nspname, 'p_')
"""


def has_preview(connection: Connection, schema: str) -> bool:
    """Return whether a preview's schema is there."""
    found = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    return connection.execute(found, {"schema": schema}).first() is not None


def await_preview(connection: Connection, schema: str) -> bool:
    """Wait for whoever makes the same preview; return whether it still has to be made.

    A page asks for several things at once, and each of them may be the first.
    """
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:schema, 0))")
    connection.execute(lock, {"schema": schema})
    return not has_preview(connection, schema)


def make_preview(
    connection: Connection,
    tenant: Tenant,
    schema: str,
    models: tuple[CompiledModel, CompiledModel],
    told: str,
) -> None:
    """Make a preview's views under the owner's role; `models` are the one that serves and its own.

    `told` says whose preview it is, for whoever takes it away again.
    """
    old, new = models
    # A switch waits until the views are there, so that it finds and drops them.
    connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({lock_key(tenant)})"))
    live = read_live(connection, tenant)
    values = dict(_converted(tenant, old.model, new.model, live))
    role = quoted(tenant.role)
    statements = [f"CREATE SCHEMA {quoted(schema)}"]
    known = {table.name: table for table in new.tables.by_entity.values()}
    for name, table in known.items():
        statements.append(_view(tenant, schema, table, live.get(name), values))
    for name in live:
        if name not in known:
            source = qualified(tenant.schema, name)
            statements.append(_made(schema, name, f"SELECT * FROM {source}"))  # noqa: S608
    statements.append(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {role}")
    statements.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA {quoted(schema)} TO {role}")
    if AUDIT in known:
        # What was refused in a preview is told of as anywhere.
        log = qualified(schema, AUDIT)
        statements.append(f"REVOKE ALL ON {log} FROM {role}")
        statements.append(f"GRANT INSERT ON {log} TO {role}")
    said = f"{tenant.schema} {told}"
    statements.append(f"COMMENT ON SCHEMA {quoted(schema)} IS {literal(said)}")
    run_all(connection, statements)


def clear_previews(database: Database, tenant: Tenant) -> None:
    """Take all previews of a tenant away, in a transaction of its own."""
    with database.owner(tenant) as connection:
        drop_previews(connection, tenant)


def drop_previews(
    connection: Connection,
    tenant: Tenant,
    *,
    of: str = "",
    before: datetime | None = None,
) -> None:
    """Take previews of a tenant away: all, those that were told to be `of` something, old ones.

    A table that a view shows cannot be changed in every way, so that each publish begins so.
    """
    for row in connection.execute(text(_MADE)).all():
        whose, _, told = (row.told or "").partition(" ")
        made, _, what = told.partition(" ")
        if whose != tenant.schema or (of and what != of):
            continue
        if before is None or datetime.fromisoformat(made) < before:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {quoted(row.name)} CASCADE"))


def _converted(
    tenant: Tenant, old: Model, new: Model, live: Live
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what stands in a new column, by table and column: the old value as it would read."""
    ground = ground_of(tenant.schema, new, live)
    for key, entity in new.entities.items():
        before, there = old.entities.get(key), live.get(entity.table)
        if before is None or there is None:
            continue
        for field in entity.fields.values():
            former = before.fields.get(field.key)
            if former is None or not field.column or field.column in there.columns:
                continue
            table = qualified(tenant.schema, entity.table)
            found = conversion(former, field, ground, table)
            if found is not None and former.column in there.columns:
                yield (entity.table, field.column), found.value


def _view(
    tenant: Tenant,
    schema: str,
    table: Table,
    there: LiveTable | None,
    values: Mapping[tuple[str, str], str],
) -> str:
    shown = ", ".join(_shown(table, column, there, values) for column in table.columns)
    if there is None:
        return _made(schema, table.name, f"SELECT {shown} WHERE false")
    source = qualified(tenant.schema, table.name)
    return _made(schema, table.name, f"SELECT {shown} FROM {source}")  # noqa: S608


def _shown(
    table: Table,
    column: Column[Any],
    there: LiveTable | None,
    values: Mapping[tuple[str, str], str],
) -> str:
    name, kind = quoted(column.name), type_text(column)
    if there is not None and column.name in there.columns:
        value = name
    else:
        default = getattr(column.server_default, "arg", None)
        value = values.get((table.name, column.name), "NULL" if default is None else str(default))
    return f"({value})::{kind} AS {name}"


def _made(schema: str, name: str, select: str) -> str:
    return f"CREATE VIEW {qualified(schema, name)} WITH (security_invoker = true) AS {select}"
