"""Runs a plan's steps as they stand, each in a short transaction, again where it must."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import AGAIN, OWNER_ROLE, Database, driver_of, sqlstate
from engine.errors import Busy
from engine.schema.steps import Plan, Step

Progress = Callable[[Step, int, int], None]
"""Told after each step: which one, how many are done, how many there are."""

Fill = Callable[[Connection, Step, Sequence[UUID]], None]
"""Fills what a step names for some rows of its entity."""

BATCH = 20_000
"""Rows that one transaction fills by a statement of ours."""

FILL_BATCH = 5_000
"""Rows whose ids travel to whoever fills them."""

TRIES = 30
"""How often a step asks for a lock before the publish gives up."""

PATIENCE = "SET LOCAL lock_timeout = '400ms'"
"""A step that waits for a lock makes others wait behind it: so it waits briefly, and often."""

UNHURRIED = "SET LOCAL statement_timeout = 0"


def expand(
    database: Database, tenant: Tenant, plan: Plan, fill: Fill, *, progress: Progress | None = None
) -> None:
    """Run what the current model does not see; what was done before is done again harmlessly."""
    _run_phase(database, tenant, plan.of("expand"), fill, progress)


def switch(connection: Connection, plan: Plan, fill: Fill) -> None:
    """Run what the switch itself does, in its transaction; fills once more, for late rows."""
    for step in plan.steps:
        if step.phase != "switch" and not (step.phase == "expand" and step.table):
            continue
        for statement in step.sql:
            run_statement(connection, statement)
        if step.fill is not None:
            for ids in _batches(connection, step):
                fill(connection, step, ids)


def settle(
    database: Database, tenant: Tenant, plan: Plan, fill: Fill, *, progress: Progress | None = None
) -> None:
    """Run what may follow the switch."""
    _run_phase(database, tenant, plan.of("settle"), fill, progress)


def run_statement(connection: Connection, statement: str) -> None:
    """Run one statement as it is written, colons and percent signs included."""
    driver_of(connection).execute(statement.encode())


def patiently(work: Callable[[], None]) -> None:
    """Run `work` until it gets its locks; raise `Busy` after about half a minute."""
    for attempt in range(TRIES):
        try:
            return work()
        except Busy:
            pass
        except psycopg.Error as error:
            if sqlstate(error) not in AGAIN:
                raise
        time.sleep(random.uniform(0.05, 0.2 + 0.05 * attempt))  # noqa: S311
    raise Busy(attempts=TRIES)


def _run_phase(
    database: Database,
    tenant: Tenant,
    steps: tuple[Step, ...],
    fill: Fill,
    progress: Progress | None,
) -> None:
    for done, step in enumerate(steps, start=1):
        if step.fill is None:
            _run_step(database, tenant, step)
        else:
            _run_fill(database, tenant, step, fill)
        if progress is not None:
            progress(step, done, len(steps))


def _run_step(database: Database, tenant: Tenant, step: Step) -> None:
    if step.alone:
        with outside_transactions(database, tenant) as connection:
            for statement in step.sql:
                run_statement(connection, statement)
        return
    for condition in _ranges(database, tenant, step):
        patiently(partial(_in_transaction, database, tenant, step, condition))


def _run_fill(database: Database, tenant: Tenant, step: Step, fill: Fill) -> None:
    with database.owner(tenant) as connection:
        batches = list(_batches(connection, step))
    for ids in batches:
        patiently(partial(_fill_batch, database, tenant, step, fill, ids))


def _fill_batch(
    database: Database, tenant: Tenant, step: Step, fill: Fill, ids: Sequence[UUID]
) -> None:
    with database.owner(tenant) as connection:
        fill(connection, step, ids)


def _batches(connection: Connection, step: Step) -> Iterator[Sequence[UUID]]:
    """Yield the ids of a step's table in order, so that batches lock rows in order, too."""
    statement = f"SELECT id FROM {step.table} ORDER BY id"  # noqa: S608
    ids = [row[0] for row in driver_of(connection).execute(statement.encode()).fetchall()]
    for start in range(0, len(ids), FILL_BATCH):
        yield ids[start : start + FILL_BATCH]


def _in_transaction(database: Database, tenant: Tenant, step: Step, condition: str) -> None:
    with database.owner(tenant) as connection:
        run_statement(connection, PATIENCE)
        run_statement(connection, UNHURRIED)
        for statement in step.sql:
            run_statement(connection, statement + condition)


def _ranges(database: Database, tenant: Tenant, step: Step) -> list[str]:
    """Return conditions that cut a filling step's table into ranges of ids, else just one."""
    if not step.table or step.rows <= BATCH:
        return [""]
    numbered = f"SELECT id, row_number() OVER (ORDER BY id) AS n FROM {step.table}"  # noqa: S608
    with database.owner(tenant) as connection:
        run_statement(connection, UNHURRIED)
        cursor = driver_of(connection).execute(
            f"SELECT id FROM ({numbered}) r WHERE n % {BATCH} = 0 ORDER BY id".encode()  # noqa: S608
        )
        bounds = [str(row[0]) for row in cursor.fetchall()]
    lower = ["", *(f" AND id > '{bound}'" for bound in bounds)]
    upper = [*(f" AND id <= '{bound}'" for bound in bounds), ""]
    return [low + high for low, high in zip(lower, upper, strict=True)]


@contextmanager
def outside_transactions(database: Database, tenant: Tenant) -> Iterator[Connection]:
    """Yield a connection of the owner on which every statement is its own transaction."""
    with database.engine_of(tenant.database).connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        run_statement(connection, f"SET ROLE {OWNER_ROLE}")
        run_statement(connection, "SET statement_timeout = 0")
        run_statement(connection, "SET lock_timeout = 0")
        try:
            yield connection
        finally:
            # What the session was given is not left behind for the next user of the connection.
            connection.invalidate()
