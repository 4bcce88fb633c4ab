"""Many records changed by a worker, part by part, while whoever asked for it goes on.

A change of many is kept as an import is, and so are those that refuse it: it survives a worker
that dies, is followed, and is taken back the same way.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.database import Database
from engine.doors import Bulk, BulkResult, Edit, Payload, Writer
from engine.errors import NotFound
from engine.exchange.importing import Fresh, Progress
from engine.exchange.journal import ImportState, Journal, Rejected
from engine.jobs import defer, has_workers
from engine.requests import claim, settle
from metamodel.model import Entity

TASK = "change_many"

PART = 500
"""Records in one transaction: few enough to wait for."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with records of an entity, by name: values for each, or the trash."""

    entity: str
    ids: tuple[UUID, ...]
    values: Payload
    trash: bool = False

    def part(self, start: int, count: int) -> Bulk:
        """Return the write of some of the records; each is done or refused by itself."""
        ids = self.ids[start : start + count]
        if self.trash:
            return Bulk(delete=ids, atomic=False)
        return Bulk(update=[Edit(each, self.values) for each in ids], atomic=False)


class ChangingMany:
    """Notes changes of many records, and makes them, under the rights of whoever asked."""

    def __init__(
        self, database: Database, writer: Writer, fresh: Fresh, *, part: int = PART
    ) -> None:
        self._database = database
        self._writer = writer
        self._fresh = fresh
        self._part = part

    def is_attended(self, ctx: Context) -> bool:
        """Return whether there are workers who would make a change now."""
        return has_workers(self._database, ctx.tenant)

    def begin(self, ctx: Context, change: Change, *, job: Payload) -> UUID:
        """Note a change and leave it to a worker; return what it is followed by."""
        order = {"ids": [str(each) for each in change.ids], "values": dict(change.values),
                 "trash": change.trash}  # fmt: skip

        def unit(connection: Connection) -> UUID:
            claim(ctx, connection)
            journal = Journal(ctx)
            made = journal.open(
                connection, ctx, entity=change.entity, file_name="", mode="change", key="",
                total=len(change.ids), options={"map": ""},
            )  # fmt: skip
            journal.keep_file(connection, ctx, made, io.BytesIO(json.dumps(order).encode()))
            defer(connection, TASK, {**job, "change": str(made)}, queue="bulk")
            settle(ctx, connection, made)
            return made

        return self._database.unit(ctx, unit)

    def state(self, ctx: Context, identity: UUID) -> ImportState:
        """Return how far a change is; raise `NotFound` for what is no change of the person's."""
        with self._database.reading(ctx) as connection:
            found = Journal(ctx).read(connection, ctx, identity)
        if found.mode != "change":
            raise NotFound(record=str(identity))
        return found

    def run(self, ctx: Context, identity: UUID, *, progress: Progress | None = None) -> ImportState:
        """Take a change from where it stands to its end; safe to call again after a crash."""
        state = self.state(ctx, identity)
        if state.state not in ("waiting", "running"):
            return state
        change = self._kept(ctx, state)
        while state.done < len(change.ids):
            state = self._fresh.run(ctx, partial(self._step, state=state, change=change))
            if progress is not None:
                progress(state)
        self._database.unit(ctx, lambda it: Journal(ctx).finish(it, ctx, state))
        return self.state(ctx, identity)

    def _kept(self, ctx: Context, state: ImportState) -> Change:
        held = io.BytesIO()
        with self._database.reading(ctx) as connection:
            Journal(ctx).copy_file(connection, ctx, state.id, held)
        order: dict[str, Any] = json.loads(held.getvalue())  # Any: values of every type
        ids = tuple(UUID(each) for each in order["ids"])
        return Change(state.entity, ids, order["values"], order["trash"])

    def _step(self, ctx: Context, *, state: ImportState, change: Change) -> ImportState:
        """Write one part and note it in its own transaction; where all refuse there is none."""
        entity = _entity(ctx, change.entity)
        noted: list[ImportState] = []

        def note(connection: Connection, result: BulkResult) -> None:
            after, refused = _after(state, result)
            Journal(ctx).advance(connection, ctx, after, rejected=refused, before=state.done)
            noted[:] = [after]

        bulk = replace(change.part(state.done, self._part), alongside=note)
        result = self._writer.bulk(ctx, entity.key, bulk)
        if not noted:
            self._database.unit(ctx, lambda connection: note(connection, result))
        return noted[0]


def _after(state: ImportState, result: BulkResult) -> tuple[ImportState, list[Rejected]]:
    """Return how far a change is after a part, and the records that refuse it."""
    refused = [
        Rejected(state.done + at + 1, (str(item.id) if item.id else None,), item.errors)
        for at, item in enumerate(result.items)
        if item.status != "done"
    ]
    changed = len(result.items) - len(refused)
    counts: Mapping[str, int] = {
        "updated": state.counts.get("updated", 0) + changed,
        "rejected": state.counts.get("rejected", 0) + len(refused),
    }
    done = state.done + len(result.items)
    return replace(state, state="running", done=done, counts=counts), refused


def _entity(ctx: Context, name: str) -> Entity:
    entity = ctx.model.entity_named(name)
    if entity is None or entity.system:
        raise NotFound(entity=name)
    return entity
