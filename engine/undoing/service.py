"""Takes back what a person did to many records at once: an import, a bulk change, a paste."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from engine.changes import Change
from engine.context import Context
from engine.doors import Bulk, BulkResult, Edit
from engine.errors import EngineError, RecordRefused
from engine.history.recall import recalled
from engine.undoing.traces import (
    Since,
    Trace,
    require_own,
    since,
    traces_of,
    versions_of,
)
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

    def restore(self, ctx: Context, entity: str, ids: Sequence[UUID]) -> Change: ...

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


@dataclass(slots=True)
class _Undo:
    """One undo under way: what is taken back, with what it wrote so far itself.

    `restored` are records back from the trash, with the lines that came along.
    """

    sets: list[UUID]
    done: list[UUID] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    restored: set[UUID] = field(default_factory=set)


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
            require_own(ctx, connection, change_sets)
            traces = traces_of(ctx, connection, change_sets)
        under = _Undo(list(change_sets))
        # The last that was done is taken back first: lines before what they belong to.
        for _, items in groupby(reversed(traces), key=lambda each: each.entity):
            known = list(items)
            for at in range(0, len(known), AT_ONCE):
                self._take_back(ctx, known[at : at + AT_ONCE], under)
        # A line is asked for before the record that it comes back with.
        kept = tuple(each for each in under.kept if each.id not in under.restored)
        return Undone(tuple(dict.fromkeys(under.done)), kept)

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

    def _take_back(self, ctx: Context, traces: Sequence[Trace], under: _Undo) -> None:
        """Take some records of one entity back, as they are by now."""
        entity = traces[0].entity
        if entity not in ctx.model.entities:
            return
        with self._database.reading(ctx) as connection:
            # Versions first: whoever saves a record after them is not written over.
            versions = versions_of(ctx, connection, traces)
            met = since(ctx, connection, traces, under.sets)
        planned, kept = _planned(ctx, traces, met)
        under.kept += kept
        self._write(ctx, entity, planned, versions, under)
        for item in planned:
            if item.restore:
                self._restore(ctx, item, under)

    def _write(
        self, ctx: Context, entity: str, items: Sequence[_Back], versions: Mapping[UUID, int],
        under: _Undo,
    ) -> None:  # fmt: skip
        edits = [
            Edit(each.trace.record, each.values, versions.get(each.trace.record))
            for each in items
            if each.values
        ]
        gone = [each.trace.record for each in items if each.trash]
        if not edits and not gone:
            return
        result = self._writer.bulk(ctx, entity, Bulk(update=edits, delete=gone, atomic=False))
        under.sets += [result.change.id] if result.change is not None else []
        for item in result.items:
            if item.id is None:
                continue
            if item.status == "done":
                under.done.append(item.id)
            else:
                code = item.errors[0].code if item.errors else "refused"
                under.kept.append(Kept(entity, item.id, (), code))

    def _restore(self, ctx: Context, item: _Back, under: _Undo) -> None:
        try:
            change = self._writer.restore(ctx, item.trace.entity, [item.trace.record])
        except RecordRefused as refused:
            code = refused.errors[0].code
        except EngineError as error:
            code = error.code
        else:
            under.sets.append(change.id)
            under.done.append(item.trace.record)
            under.restored.update(each.id for each in change.records)
            return
        under.kept.append(Kept(item.trace.entity, item.trace.record, (), code))


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
