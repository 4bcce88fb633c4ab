"""Runs a plan's steps as they stand, each in a short transaction, again where it must."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from engine.compiled import CompiledModel
from engine.context import Tenant
from engine.database import AGAIN, OWNER_ROLE, Database, driver_of, run_script, sqlstate
from engine.errors import Busy
from engine.schema.noting import FILLING, forget_notes, late_rows, read_notes
from engine.schema.pacing import MOST, UNFLUSHED, Pace
from engine.schema.ranges import in_list, in_range
from engine.schema.steps import Phase, Plan, Step

Done = TypeVar("Done")

FILL_BATCH = 4_000
"""Rows whose ids travel to whoever fills them once more."""

TRIES = 30
"""How often a step asks for a lock before the publish gives up."""

ROUNDS = 8
"""How often what was saved meanwhile is filled before the switch fills the rest of it."""

QUIET = 200
"""Notes that are few enough for the switch."""

PATIENCE = "SET LOCAL lock_timeout = '400ms'"
"""A step that waits for a lock makes others wait behind it: so it waits briefly, and often."""

UNHURRIED = "SET LOCAL statement_timeout = 0"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a publish is: its step, the how manieth of how many, and rows done of that step."""

    step: Step
    number: int
    steps: int
    rows: int = 0
    done: bool = False


Progress = Callable[[Mark], None]
"""Told when a step begins, after each batch of rows, and when it is done."""


class Fill(Protocol):
    """Fills what a step names for some rows of its entity."""

    def __call__(
        self, connection: Connection, step: Step, ids: Sequence[UUID], *, whole: bool = False
    ) -> None:
        """Fill these rows, in order; `whole` where they are all from the first to the last."""
        ...


def _unheard(_: Mark) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Run:
    """One plan at work in a tenant.

    `ahead` fills before the switch, on the model `interim`, in which fields stand in columns that
    do not serve yet; `fill` fills afterwards, on the model that is to be.
    """

    database: Database
    tenant: Tenant
    plan: Plan
    interim: CompiledModel
    ahead: Fill
    fill: Fill
    progress: Progress = _unheard

    def expand(self) -> None:
        """Run what the current model does not see; what was done is done again harmlessly."""
        self._phase("expand", self.ahead)
        if self.plan.noted:
            self._catch_up()

    def switch(self, connection: Connection) -> None:
        """Run what the switch itself does, in its transaction; fills once more, for late rows."""
        steps = self.plan.of("switch")
        if not self.plan.noted:
            for step in self.plan.steps:
                if step.phase == "switch" or (step.phase == "expand" and step.table):
                    self._at_once(connection, step)
            return
        # What the switch writes itself is noted as what people save, and what follows is filled.
        swaps = [step for step in steps if step.code in SWAPS]
        for step in steps:
            if step.code not in SWAPS:
                self._at_once(connection, step)
        for step in self._filling():
            for ids in _cut(late_rows(connection, self.plan.schema, self.interim, step)):
                self._fill_late(connection, step, ids)
        for step in swaps:
            self._at_once(connection, step)

    def settle(self) -> None:
        """Run what may follow the switch."""
        self._phase("settle", self.fill)

    def _phase(self, phase: Phase, fill: Fill) -> None:
        steps = self.plan.of(phase)
        for number, step in enumerate(steps, start=1):
            mark = Mark(step, number, len(steps))
            self.progress(mark)
            if step.late:
                continue
            if step.alone:
                self._run_alone(step)
            elif step.fill is None and (not step.table or step.rows <= MOST):
                patiently(partial(self._in_transaction, step))
            else:
                self._in_batches(step, fill, mark)
            self.progress(Mark(step, number, len(steps), step.rows, done=True))

    def _run_alone(self, step: Step) -> None:
        with outside_transactions(self.database, self.tenant) as connection:
            for statement in step.sql:
                run_statement(connection, statement)

    def _in_transaction(self, step: Step) -> None:
        with self.database.owner(self.tenant) as connection:
            run_statement(connection, PATIENCE)
            run_statement(connection, UNHURRIED)
            self._unnoted(connection, step)
            for statement in step.sql:
                run_statement(connection, statement)

    def _in_batches(self, step: Step, fill: Fill, mark: Mark) -> None:
        """Write a whole table, batch by batch in the order of ids."""
        pace, done, last = Pace(), 0, None
        while True:
            began = time.perf_counter()
            ids = patiently(partial(self._batch, step, fill, last, pace.rows))
            if not ids:
                return
            done, last = done + len(ids), ids[-1]
            self.progress(Mark(step, mark.number, mark.steps, min(done, step.rows)))
            pace.rest(time.perf_counter() - began)

    def _batch(self, step: Step, fill: Fill, last: UUID | None, rows: int) -> Sequence[UUID]:
        """Write the next rows after `last`; return their ids, none where there are no more."""
        with self.database.owner(self.tenant) as connection:
            run_script(connection, f"{PATIENCE}; {UNHURRIED}; {UNFLUSHED}")
            ids = _following(connection, step.table, last, rows)
            if ids:
                self._unnoted(connection, step)
                for statement in step.sql:
                    run_statement(connection, in_range(statement, last, ids[-1]))
                if step.fill is not None:
                    fill(connection, step, ids, whole=True)
        return ids

    def _unnoted(self, connection: Connection, step: Step) -> None:
        if self.plan.noted and step.table:
            run_statement(connection, FILLING)

    def _catch_up(self) -> None:
        """Fill what was saved since, again and again, until little is left for the switch."""
        for _ in range(ROUNDS):
            with self.database.owner(self.tenant) as connection:
                notes = read_notes(connection, self.plan.schema)
            if len(notes) <= QUIET:
                return
            for step in self._filling():
                if not step.late:
                    self._follow(step)
            with self.database.owner(self.tenant) as connection:
                forget_notes(connection, self.plan.schema, notes)

    def _follow(self, step: Step) -> None:
        with self.database.owner(self.tenant) as connection:
            late = late_rows(connection, self.plan.schema, self.interim, step)
        for ids in _cut(late):
            patiently(partial(self._late_batch, step, ids))

    def _late_batch(self, step: Step, ids: Sequence[UUID]) -> None:
        with self.database.owner(self.tenant) as connection:
            run_statement(connection, UNHURRIED)
            self._fill_late(connection, step, ids)

    def _filling(self) -> Iterator[Step]:
        return (step for step in self.plan.of("expand") if step.table)

    def _fill_late(self, connection: Connection, step: Step, ids: Sequence[UUID]) -> None:
        for statement in step.sql:
            run_statement(connection, in_list(statement, ids))
        if step.fill is not None:
            self.ahead(connection, step, ids)

    def _at_once(self, connection: Connection, step: Step) -> None:
        self.progress(Mark(replace(step, phase="switch"), 0, 0))
        for statement in step.sql:
            run_statement(connection, statement)
        if step.fill is not None:
            last = None
            while ids := _following(connection, step.table, last):
                self.fill(connection, step, ids, whole=True)
                last = ids[-1]


SWAPS = frozenset({"swap_column", "swap_index"})
"""Steps by which filled columns take their places, at the very end of a switch."""


def run_statement(connection: Connection, statement: str) -> None:
    """Run one statement as it is written, colons and percent signs included."""
    driver_of(connection).execute(statement.encode())


def patiently(work: Callable[[], Done]) -> Done:
    """Run `work` until it gets its locks, and return its answer; raise `Busy` after a while.

    That is about half a minute.
    """
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


def _following(
    connection: Connection, table: str, last: UUID | None, rows: int = FILL_BATCH
) -> list[UUID]:
    """Return the next ids of a table, in order, so that batches lock rows in order, too."""
    after = f"WHERE id > '{last}' " if last is not None else ""
    statement = f"SELECT id FROM {table} {after}ORDER BY id LIMIT {rows}"  # noqa: S608
    return [row[0] for row in driver_of(connection).execute(statement.encode()).fetchall()]


def _cut(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), FILL_BATCH):
        yield ids[start : start + FILL_BATCH]


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
