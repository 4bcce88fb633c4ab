"""An import taken back: what it made goes to the trash, what it changed gets the values it had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Table, select

from engine.context import Cause, Context
from engine.database import Database
from engine.doors import Payload
from engine.errors import NotFound
from engine.exchange.guided import ImportNotThere
from engine.exchange.journal import ImportState, Journal
from engine.exchange.turns import Turns
from engine.jobs import Job, defer, has_workers
from engine.undoing import Kept, Undone

CHANGE_SET = "sys_change_set"


class Undoes(Protocol):
    """Takes back what change sets entered."""

    def undo(self, ctx: Context, change_sets: Sequence[UUID]) -> Undone: ...


TASK = "take_back"

AT_ONCE = 2_000
"""Rows that are taken back while somebody waits; more are left to a worker."""

UNDOING = "undoing"

ENDED = ("done", "failed", "cancelled")


class TakingBack:
    """Takes ended imports, and changes of many, back, under the rights of whoever began them."""

    def __init__(self, database: Database, undoing: Undoes) -> None:
        self._database = database
        self._undoing = undoing

    def state(self, ctx: Context, identity: UUID) -> ImportState:
        """Return how far an import, or a change of many, is; raise `NotFound` for another's."""
        with self._database.reading(ctx) as connection:
            return Journal(ctx).read(connection, ctx, identity)

    def undo(self, ctx: Context, identity: UUID) -> tuple[ImportState, tuple[Kept, ...]]:
        """Take back all that an ended import wrote, but what somebody changed since.

        Made records go to the trash, changed ones get the values they had. Returns the import and
        the records that were left as they are; raises `ImportNotThere` for one that is not ended.
        """
        state = self.state(ctx, identity)
        if state.state not in (*ENDED, UNDOING):
            raise ImportNotThere(state=state.state)
        undone = self._undoing.undo(ctx, self._change_sets(ctx, identity))
        counts = {**state.counts, "undone": len(undone.done), "kept": len(undone.kept)}

        def unit(connection: Connection) -> None:
            Turns(ctx).turn(connection, identity, [state.state], state="undone", counts=counts)

        self._database.unit(ctx, unit)
        return self.state(ctx, identity), undone.kept

    def begin(self, ctx: Context, identity: UUID, *, job: Payload) -> bool:
        """Leave what is long to take back to a worker; return whether it was.

        Nothing is left where no worker is there. Raises `ImportNotThere` as `undo` does.
        """
        state = self.state(ctx, identity)
        if state.done <= AT_ONCE or not has_workers(self._database, ctx.tenant):
            return False

        def unit(connection: Connection) -> bool:
            begun = Turns(ctx).turn(connection, identity, ENDED, state=UNDOING)
            if begun:
                order = {**job, "import": str(identity), "before": state.state}
                defer(connection, TASK, order, queue="bulk")
            return begun

        if not self._database.unit(ctx, unit):
            raise ImportNotThere(state=state.state)
        return True

    def leave(self, ctx: Context, identity: UUID, before: str) -> None:
        """Put down what could not be taken back whole, so that somebody may begin again."""

        def unit(connection: Connection) -> None:
            Turns(ctx).turn(connection, identity, [UNDOING], state=before)

        self._database.unit(ctx, unit)

    def _change_sets(self, ctx: Context, identity: UUID) -> tuple[UUID, ...]:
        """Return the changes that an import made, the latest first."""
        table: Table = ctx.compiled.tables.of(CHANGE_SET)
        of = {
            key: table.c[each.column]
            for key, each in ctx.model.entities[CHANGE_SET].fields.items()
            if each.column
        }
        found = select(table.c.id).where(
            of["door"].in_(("import", "form")), of["reference"] == str(identity)
        )
        with self._database.reading(ctx) as connection:
            return tuple(connection.execute(found.order_by(table.c.id.desc())).scalars())


@dataclass(frozen=True, slots=True)
class TakeBackTask:
    """Takes back in a worker what is long; `person` makes a context of whoever asked.

    Where they may not act any more the import stands as before: `system` is who puts it down.
    """

    taking_back: TakingBack
    person: Callable[[str, UUID, str, Cause], Context]
    system: Callable[[str], Context]
    attempts: int = 3

    def run(self, job: Job) -> None:
        """Take it back; what was taken back before the worker died stays so.

        Where the last try fails too, the import stands as it did before.
        """
        identity, account = UUID(job.payload["import"]), UUID(job.payload["account"])
        try:
            ctx = self.person(job.tenant, account, job.payload["language"], Cause("job"))
        except NotFound:
            self.taking_back.leave(self.system(job.tenant), identity, job.payload["before"])
            return
        try:
            self.taking_back.undo(ctx, identity)
        except Exception:
            if job.attempt >= self.attempts:
                self.taking_back.leave(ctx, identity, job.payload["before"])
            raise
