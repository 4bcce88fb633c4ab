"""An import taken back: what it made goes to the trash, what it changed gets the values it had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Table, select

from engine.context import Context
from engine.database import Database
from engine.exchange.guided import ImportNotThere
from engine.exchange.importing import Importer
from engine.exchange.journal import ImportState
from engine.exchange.turns import Turns
from engine.undoing import Kept, Undone

CHANGE_SET = "sys_change_set"


class Undoes(Protocol):
    """Takes back what change sets entered."""

    def undo(self, ctx: Context, change_sets: Sequence[UUID]) -> Undone: ...


class TakingBack:
    """Takes ended imports back, under the rights of whoever began them."""

    def __init__(self, database: Database, importer: Importer, undoing: Undoes) -> None:
        self._database = database
        self._importer = importer
        self._undoing = undoing

    def undo(self, ctx: Context, identity: UUID) -> tuple[ImportState, tuple[Kept, ...]]:
        """Take back all that an ended import wrote, but what somebody changed since.

        Made records go to the trash, changed ones get the values they had. Returns the import and
        the records that were left as they are; raises `ImportNotThere` for one that is not ended.
        """
        state = self._importer.state(ctx, identity)
        if state.state not in ("done", "failed", "cancelled"):
            raise ImportNotThere(state=state.state)
        undone = self._undoing.undo(ctx, self._change_sets(ctx, identity))
        counts = {**state.counts, "undone": len(undone.done), "kept": len(undone.kept)}

        def unit(connection: Connection) -> None:
            Turns(ctx).turn(connection, identity, [state.state], state="undone", counts=counts)

        self._database.unit(ctx, unit)
        return self._importer.state(ctx, identity), undone.kept

    def _change_sets(self, ctx: Context, identity: UUID) -> tuple[UUID, ...]:
        """Return the changes that an import made, the latest first."""
        table: Table = ctx.compiled.tables.of(CHANGE_SET)
        of = {
            key: table.c[each.column]
            for key, each in ctx.model.entities[CHANGE_SET].fields.items()
            if each.column
        }
        found = select(table.c.id).where(of["door"] == "import", of["reference"] == str(identity))
        with self._database.reading(ctx) as connection:
            return tuple(connection.execute(found.order_by(table.c.id.desc())).scalars())
