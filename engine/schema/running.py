"""What a publish writes down while it runs, so that others see how far it is, or clear up after it.

Whoever publishes holds an advisory lock of the tenant for as long as it takes: a record that
says "running" while nobody holds the lock is one whose process died.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

from psycopg import errors
from sqlalchemy import Connection

from engine.context import Tenant
from engine.database import Database, driver_of, run_script
from engine.errors import PublishRunning
from engine.schema.apply import Mark
from engine.schema.ddl import grant, qualified
from engine.schema.steps import Plan, Step

TABLE = "sys_publish"

WAIT = "SET LOCAL lock_timeout = '8s'"
"""A second publisher waits for as long as most publishes take, and is told then."""

UNENDING = "SET LOCAL idle_in_transaction_session_timeout = 0"

KEPT = 50
"""Publishes of the past that are remembered."""

EVERY = 0.5
"""Seconds between two notes of how far a publish is."""

LONGEST = 500
"""Characters of what is noted of a failure."""

State = Literal["running", "switched", "done", "failed"]
"""Not published yet; published, with something left to do; over; over without a revision."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One publish, running or over: who makes which revision, at which step, and how far.

    `alive` says that its process works on it now. `rows` of `of` are done of the step, which is
    the `place`-th of `steps`.
    """

    number: int
    revision: int
    author: str
    message: str
    state: State
    started: datetime
    at: datetime
    code: str = ""
    entity: str = ""
    place: int = 0
    steps: int = 0
    rows: int = 0
    of: int = 0
    note: str = ""
    alive: bool = False


@contextmanager
def holding(database: Database, tenant: Tenant) -> Iterator[None]:
    """Hold the right to publish in a tenant; raise `PublishRunning` where somebody else does."""
    with database.owner(tenant) as connection:
        try:
            # By the simple protocol, which leaves no portal open: the snapshot of one would make
            # every concurrent index build wait for the end of the publish that asks for it.
            run_script(
                connection, f"{WAIT}; {UNENDING}; SELECT pg_advisory_xact_lock({_key(tenant)})"
            )
        except errors.LockNotAvailable:
            raise PublishRunning(tenant=tenant.name) from None
        yield


def publications(connection: Connection, tenant: Tenant) -> tuple[Publication, ...]:
    """Return the publishes that are remembered, the newest first; any role may ask."""
    if not _is_there(connection, tenant):
        return ()
    asked = (
        f"SELECT {', '.join(_COLUMNS)}, NOT pg_try_advisory_xact_lock_shared(%s) "  # noqa: S608
        f"FROM {_table(tenant)} ORDER BY number DESC"
    )
    rows = driver_of(connection).execute(asked.encode(), (_key(tenant),)).fetchall()
    return tuple(
        replace(Publication(*row[:-1]), alive=row[-1] and row[4] in ("running", "switched"))
        for row in rows
    )


@dataclass(slots=True)
class Journal:
    """Writes down how far one publish is; at most some times a second, in transactions of its own.

    What has to happen after the switch is written with it, so that somebody else can do it.
    """

    database: Database
    tenant: Tenant
    number: int
    told: float = 0.0
    filling: str = ""

    @classmethod
    def begin(cls, database: Database, tenant: Tenant, begun: Begun) -> Journal:
        """Write down that a publish begins, and what it makes that was not there."""
        with database.owner(tenant) as connection:
            _make_table(connection, tenant)
            statement = (
                f"INSERT INTO {_table(tenant)} "  # noqa: S608
                "(number, revision, author, message, state, steps, made) "
                f"SELECT coalesce(max(number), 0) + 1, %s, %s, %s, 'running', %s, %s::jsonb "
                f"FROM {_table(tenant)} RETURNING number"
            )
            values = (
                begun.revision, begun.author, begun.message, len(begun.plan.steps),
                json.dumps(made_by(begun.plan)),
            )  # fmt: skip
            row = driver_of(connection).execute(statement.encode(), values).fetchone()
            driver_of(connection).execute(
                f"DELETE FROM {_table(tenant)} WHERE number <= %s".encode(),  # noqa: S608
                ((row[0] if row else 0) - KEPT,),
            )
        return cls(database, tenant, row[0] if row else 0)

    def mark(self, mark: Mark) -> None:
        """Write down how far it is; not of the switch, whose transaction writes this row itself."""
        now, filling = time.monotonic(), f"{mark.step.code} {mark.number}" if mark.rows else ""
        lately = now - self.told < EVERY and filling in ("", self.filling)
        if mark.step.phase == "switch" or lately:
            return
        self.told, self.filling = now, filling
        values = (
            mark.step.code, mark.step.touches, mark.number, mark.steps, mark.rows, mark.step.rows,
            self.number,
        )  # fmt: skip
        with self.database.owner(self.tenant) as connection:
            self._write(
                connection,
                "code = %s, entity = %s, place = %s, steps = %s, rows = %s, rows_of = %s",
                values,
            )

    def switched(self, connection: Connection, plan: Plan) -> None:
        """Write down, with the switch itself, that it happened and what is left to do."""
        left = json.dumps([_told(step) for step in plan.of("settle")])
        self._write(connection, "state = 'switched', todo = %s", (left, self.number))

    def end(self, state: State, note: str = "") -> None:
        """Write down that it is over."""
        with self.database.owner(self.tenant) as connection:
            values = (state, note[:LONGEST], self.number)
            self._write(connection, "state = %s, note = %s", values)

    def undone(self) -> None:
        """Write down that it is over, and that nothing of it is left."""
        with self.database.owner(self.tenant) as connection:
            self._write(connection, "state = 'failed', made = '[]'", (self.number,))

    def _write(self, connection: Connection, what: str, values: tuple[object, ...]) -> None:
        statement = f"UPDATE {_table(self.tenant)} SET {what}, at = clock_timestamp() "  # noqa: S608
        driver_of(connection).execute(f"{statement}WHERE number = %s".encode(), values)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a publish sets out to do."""

    revision: int
    author: str
    message: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Left:
    """What a publish left that did not end well: what it made, and what it had to do yet."""

    number: int
    revision: int
    state: State
    made: tuple[Made, ...]
    todo: tuple[Step, ...]


Made = tuple[str, str, str]
"""What a publish made: `table`, `column`, `index` or `notes`, the table, and the name."""


def left_behind(connection: Connection, tenant: Tenant) -> tuple[Left, ...]:
    """Return the publishes that are not over; asked by whoever holds the right to publish."""
    if not _is_there(connection, tenant):
        return ()
    asked = (
        f"SELECT number, revision, state, made, todo FROM {_table(tenant)} "  # noqa: S608
        "WHERE state IN ('running', 'switched') OR (state = 'failed' AND made <> '[]') "
        "ORDER BY number"
    )
    rows = driver_of(connection).execute(asked.encode()).fetchall()
    return tuple(
        Left(
            row[0],
            row[1],
            row[2],
            tuple((e[0], e[1], e[2]) for e in row[3]),
            tuple(map(_step, row[4])),
        )  # fmt: skip
        for row in rows
    )


def require_settled(database: Database, tenant: Tenant) -> None:
    """Raise `PublishRunning` where a publish is neither finished nor undone; to be asked `holding`.

    What it has to do yet reads places that others would take away, or leave behind.
    """
    with database.owner(tenant) as connection:
        if left_behind(connection, tenant):
            raise PublishRunning(tenant=tenant.name)


def made_by(plan: Plan) -> list[Made]:
    """Return what a plan makes that was not there before; triggers, too, that note saves."""
    kinds = {"create_table": "table", "add_column": "column", "note_changes": "notes"}
    indexes = {"create_index": "index", "create_unique_index": "index"}
    return [
        (
            {**kinds, **indexes}[step.code],
            str(step.params["table"]),
            str(step.params.get("column") or step.params.get("index") or ""),
        )
        for step in plan.of("expand")
        if step.code in kinds or step.code in indexes
    ]


def _told(step: Step) -> dict[str, object]:
    return {
        "code": step.code, "touches": step.touches, "sql": list(step.sql), "rows": step.rows,
        "table": step.table, "alone": step.alone,
    }  # fmt: skip


def _step(told: Mapping[str, Any]) -> Step:
    return Step(
        told["code"], told["touches"], sql=tuple(told["sql"]), phase="settle", rows=told["rows"],
        table=told["table"], alone=told["alone"],
    )  # fmt: skip


_COLUMNS = (
    "number", "revision", "author", "message", "state", "started", "at", "code", "entity", "place",
    "steps", "rows", "rows_of", "note",
)  # fmt: skip


def _make_table(connection: Connection, tenant: Tenant) -> None:
    if _is_there(connection, tenant):
        return
    driver = driver_of(connection)
    driver.execute(
        f"CREATE TABLE IF NOT EXISTS {_table(tenant)} ("
        "number integer PRIMARY KEY, revision integer NOT NULL, "
        "author text NOT NULL, message text NOT NULL, state text NOT NULL, "
        "started timestamptz NOT NULL DEFAULT clock_timestamp(), "
        "at timestamptz NOT NULL DEFAULT clock_timestamp(), code text NOT NULL DEFAULT '', "
        "entity text NOT NULL DEFAULT '', place integer NOT NULL DEFAULT 0, "
        "steps integer NOT NULL DEFAULT 0, rows bigint NOT NULL DEFAULT 0, "
        "rows_of bigint NOT NULL DEFAULT 0, note text NOT NULL DEFAULT '', "
        "made jsonb NOT NULL DEFAULT '[]', todo jsonb NOT NULL DEFAULT '[]')".encode()
    )
    driver.execute(grant(tenant.schema, TABLE, tenant.role, "SELECT").encode())


def _is_there(connection: Connection, tenant: Tenant) -> bool:
    name = qualified(tenant.schema, TABLE)
    row = driver_of(connection).execute("SELECT to_regclass(%s)", (name,)).fetchone()
    return row is not None and row[0] is not None


def _table(tenant: Tenant) -> str:
    return qualified(tenant.schema, TABLE)


def _key(tenant: Tenant) -> int:
    digest = blake2b(tenant.schema.encode(), digest_size=8, person=b"publish").digest()
    return int.from_bytes(digest, "big", signed=True)
