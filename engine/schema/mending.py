"""Takes up what a publish left whose process died: finishes what was published, undoes the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Connection, text

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.database import Database
from engine.schema.apply import PATIENCE, Run, patiently, run_statement
from engine.schema.ddl import drop_index, qualified
from engine.schema.live import Live, read_live
from engine.schema.names import quoted
from engine.schema.noting import NOTES, TRIGGERS, end_noting, end_table
from engine.schema.retelling import MOVING
from engine.schema.running import Journal, Left, left_behind
from engine.schema.steps import GONE, NEXT, Plan
from engine.schema.tables import Tables

_NOTED = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND starts_with(t.tgname, :begin)
"""


def mend(database: Database, tenant: Tenant, serving: CompiledModel, wanted: Tables) -> int:
    """Finish or undo what was left; return how many publishes that were.

    What is `wanted`, since somebody is about to publish it again, stays for them to find. For
    whoever holds the right to publish.
    """
    with database.owner(tenant) as connection:
        left = left_behind(connection, tenant)
    for each in left:
        journal = Journal(database, tenant, each.number)
        if each.state == "switched":
            _finish(database, tenant, serving, each)
            journal.end("done")
    if left:
        _clear(database, tenant, left, (serving.tables, wanted))
    for each in left:
        if each.state != "switched":
            Journal(database, tenant, each.number).undone()
    return len(left)


def free(database: Database, tenant: Tenant, plan: Plan, serving: Tables) -> None:
    """Take away at once what a failed publish made unique: those who save would be refused.

    All else that it made refuses nothing, and is found by the next one.
    """
    known = {str(index.name) for table in serving.by_entity.values() for index in table.indexes}
    for step in plan.of("expand"):
        name = str(step.params.get("index", ""))
        if step.code == "create_unique_index" and name not in known:
            dropped = drop_index(tenant.schema, name, concurrently=False)
            patiently(partial(_run, database, tenant, dropped))


def _finish(database: Database, tenant: Tenant, serving: CompiledModel, left: Left) -> None:
    """Do what had to follow a switch."""

    def fill(*_: object, **__: object) -> None:
        raise TypeError("nothing is filled after a switch")

    plan = Plan(tenant.schema, left.todo)
    Run(database, tenant, plan, serving, fill, fill).settle()


def _clear(
    database: Database, tenant: Tenant, left: Sequence[Left], kept: Sequence[Tables]
) -> None:
    """Take away what nobody reads: each statement alone, so that it waits for few."""
    with database.owner(tenant) as connection:
        statements = list(_leftovers(connection, tenant, left, kept))
    for statement in statements:
        patiently(partial(_run, database, tenant, statement))


def _run(database: Database, tenant: Tenant, statement: str) -> None:
    with database.owner(tenant) as connection:
        run_statement(connection, PATIENCE)
        run_statement(connection, statement)


def _leftovers(
    connection: Connection, tenant: Tenant, left: Sequence[Left], kept: Sequence[Tables]
) -> Iterator[str]:
    schema, live = tenant.schema, read_live(connection, tenant)
    asked = {"schema": schema, "begin": TRIGGERS}
    for (table,) in connection.execute(text(_NOTED), asked):
        yield from end_table(schema, table)
    if NOTES in live:
        yield from end_noting(schema)
    if MOVING in live:
        yield f"DROP TABLE IF EXISTS {qualified(schema, MOVING)}"
    for table in live.values():
        for index in table.indexes:
            if index.startswith((NEXT, GONE)):
                yield drop_index(schema, index, concurrently=False)
        for column in table.columns:
            if column.startswith((NEXT, GONE)):
                yield _drop_column(schema, table.name, column)
    yield from _unwanted(schema, live, left, kept)


def _unwanted(
    schema: str, live: Live, left: Sequence[Left], kept: Sequence[Tables]
) -> Iterator[str]:
    """Yield what drops the tables, columns and indexes that were made for nobody."""
    wanted = {table.name: table for tables in kept for table in tables.by_entity.values()}
    columns = {(t.name, c.name) for k in kept for t in k.by_entity.values() for c in t.columns}
    indexes = {str(i.name) for k in kept for t in k.by_entity.values() for i in t.indexes}
    made = [each for one in left if one.state != "switched" for each in one.made]
    for kind, table, name in made:
        there = live.get(table)
        if there is None:
            continue
        if kind == "index" and name in there.indexes and name not in indexes:
            yield drop_index(schema, name, concurrently=False)
    for kind, table, name in made:
        there = live.get(table)
        if there is None:
            continue
        if kind == "column" and name in there.columns and (table, name) not in columns:
            yield _drop_column(schema, table, name)
        if kind == "table" and table not in wanted:
            yield f"DROP TABLE IF EXISTS {qualified(schema, table)} CASCADE"


def _drop_column(schema: str, table: str, column: str) -> str:
    return f"ALTER TABLE {qualified(schema, table)} DROP COLUMN IF EXISTS {quoted(column)} CASCADE"
