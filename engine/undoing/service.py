"""Takes back what a person did to many records at once: an import, a bulk change, a paste."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.doors import Bulk, BulkResult, Edit
from engine.errors import EngineError, RecordRefused
from engine.history.recall import recalled
from engine.undoing.traces import Since, Trace, require_own, since, traces_of
from engine.values.sealed import MARK
from engine.values.wire import field_to_wire
from metamodel.model import Entity, Field

Result = TypeVar("Result")


class Doors(Protocol):
    """Reads a tenant's own tables, and runs units of work in them."""

    def reading(self, ctx: Context) -> Any:
        """Yield a connection. Any: a context manager over one."""
        ...

    def unit(self, ctx: Context, work: Callable[[Connection], Result]) -> Result: ...


class Writing(Protocol):
    """What is used of the door to writing."""

    def bulk(self, ctx: Context, entity: str, bulk: Bulk) -> BulkResult: ...

    def restore(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> object: ...

    def within(self, connection: Connection, *, rehearsed: bool = False) -> Writing: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was left as it is, wholly or in some `fields` (by key), and why.

    `reason` is `changed_since`, with who did and when, or the code of what refused it.
    """

    entity: str
    id: UUID
    fields: tuple[str, ...]
    reason: str
    by: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """Records that are as they were before, and those that were left."""

    done: tuple[UUID, ...]
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class _Back:
    """What takes one record back: new values, the trash, or out of it."""

    trace: Trace
    values: Mapping[str, Any]
    trash: bool = False
    restore: bool = False


class _Rehearsed(Exception):  # noqa: N818
    """Ends a unit that was only tried."""


AT_ONCE = 5000
"""Records that one unit takes back."""


class Undoing:
    """Undoes change sets of the person's own, through the same door as any other write."""

    def __init__(self, database: Doors, writer: Writing) -> None:
        self._database = database
        self._writer = writer

    def undo(self, ctx: Context, change_sets: Sequence[UUID]) -> Undone:
        """Take back what change sets entered; what somebody changed since stays, and is told.

        What they made goes to the trash, what they moved there comes back. Raises `NotFound` for
        a change set of somebody else.
        """
        if not change_sets:
            return Undone((), ())
        with self._database.reading(ctx) as connection:
            traces, met = self._met(ctx, connection, change_sets)
        planned, kept = _planned(ctx, traces, met)
        done: list[UUID] = []
        # The last that was done is taken back first: lines before what they belong to.
        for entity, items in groupby(reversed(planned), key=lambda each: each.trace.entity):
            self._take_back(ctx, entity, list(items), done, kept)
        return Undone(tuple(dict.fromkeys(done)), tuple(kept))

    def rehearse(self, ctx: Context, entity: str, bulk: Bulk) -> BulkResult:
        """Return what a bulk write would do to each record; nothing of it stays."""
        found: list[BulkResult] = []

        def unit(connection: Connection) -> None:
            door = self._writer.within(connection, rehearsed=True)
            found[:] = [door.bulk(replace(ctx, once=None), entity, bulk)]
            raise _Rehearsed

        with contextlib.suppress(_Rehearsed):
            self._database.unit(ctx, unit)
        return found[0]

    def _met(
        self, ctx: Context, connection: Connection, sets: Sequence[UUID]
    ) -> tuple[list[Trace], Mapping[UUID, Since]]:
        require_own(ctx, connection, sets)
        traces = traces_of(ctx, connection, sets)
        return traces, since(ctx, connection, traces, sets)

    def _take_back(
        self, ctx: Context, entity: str, items: list[_Back], done: list[UUID], kept: list[Kept]
    ) -> None:
        for at in range(0, len(items), AT_ONCE):
            part = items[at : at + AT_ONCE]
            self._write(ctx, entity, part, done, kept)
            for item in part:
                if item.restore:
                    self._restore(ctx, item, done, kept)

    def _write(
        self, ctx: Context, entity: str, items: list[_Back], done: list[UUID], kept: list[Kept]
    ) -> None:
        edits = [Edit(each.trace.record, each.values) for each in items if each.values]
        gone = [each.trace.record for each in items if each.trash]
        if not edits and not gone:
            return
        result = self._writer.bulk(ctx, entity, Bulk(update=edits, delete=gone, atomic=False))
        for item in result.items:
            if item.id is None:
                continue
            if item.status == "done":
                done.append(item.id)
            else:
                code = item.errors[0].code if item.errors else "refused"
                kept.append(Kept(entity, item.id, (), code))

    def _restore(self, ctx: Context, item: _Back, done: list[UUID], kept: list[Kept]) -> None:
        try:
            self._writer.restore(ctx, item.trace.entity, [item.trace.record])
        except RecordRefused as refused:
            kept.append(Kept(item.trace.entity, item.trace.record, (), refused.errors[0].code))
        except EngineError as error:
            kept.append(Kept(item.trace.entity, item.trace.record, (), error.code))
        else:
            done.append(item.trace.record)


def _planned(
    ctx: Context, traces: Sequence[Trace], met: Mapping[UUID, Since]
) -> tuple[list[_Back], list[Kept]]:
    """Return what takes records back, and those that somebody changed since."""
    planned: list[_Back] = []
    kept: list[Kept] = []
    for trace in traces:
        entity = ctx.model.entities.get(trace.entity)
        if entity is None or entity.retired or (trace.created and trace.deleted):
            continue
        after = met.get(trace.record)
        if (trace.created or trace.deleted) and after is not None:
            fields = tuple(sorted(after.fields & entity.fields.keys()))
            kept.append(Kept(entity.key, trace.record, fields, "changed_since", after.by, after.at))
            continue
        values = {} if trace.created else dict(_values(entity, trace, after))
        back = _Back(trace, values, trash=trace.created, restore=trace.deleted)
        if back.values or back.trash or back.restore:
            planned.append(back)
        kept.extend(_left(entity, trace, after))
    return planned, kept


def _values(entity: Entity, trace: Trace, after: Since | None) -> Iterator[tuple[str, Any]]:
    """Yield the values as they were, on the wire by name, of fields that nobody changed since."""
    touched = after.fields if after is not None else set()
    for key, before in trace.before.items():
        found = entity.fields.get(key)
        if found is not None and key not in touched and _goes_back(found, before):
            yield found.name, _wire(found, before)


def _goes_back(field: Field, before: Any) -> bool:
    return not (field.retired or field.formula is not None or before == MARK)


def _wire(field: Field, before: Any) -> Any:
    if field.link is not None or before is None:
        # History keeps ids, which is what a payload takes.
        return before
    return field_to_wire(field, recalled(field, before))


def _left(entity: Entity, trace: Trace, after: Since | None) -> Iterator[Kept]:
    """Yield a record in which some fields were changed since."""
    both = set(trace.before) & (after.fields if after is not None else set())
    fields = tuple(sorted(key for key in both if key in entity.fields))
    if fields and after is not None and not trace.created:
        yield Kept(entity.key, trace.record, fields, "changed_since", after.by, after.at)
