"""Erasing a person: values that are theirs go, everywhere; numbers, dates and links stay.

An erasure is a row of its own and a run of steps, each of which can be run again: stopped
anywhere, it is finished by starting it again. Records are written as everything else is, so
that computed values, search and order follow; history keeps that something changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from engine.access.grants import holds_everything, roles_of
from engine.access.policy import Policy
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused
from engine.files.storage import Storage
from engine.jobs import defer
from engine.personal.deeds import (
    clear_approvals,
    clear_holdings,
    clear_notices,
    clear_runs,
)
from engine.personal.overwriting import Overwritten, overwrite_people
from engine.personal.stand_ins import pseudonym_of
from engine.personal.subject import USER, Subject, subject_of
from engine.personal.traces import (
    clear_answers,
    clear_comments,
    clear_drafts,
    clear_history,
    clear_messages,
    detach_files,
    forget_rejected,
    remove_file,
)
from engine.pushing.devices import forget_devices
from engine.values.identity import new_id

TABLE = "sys_erasure"

TASK = "erase"

CHUNK = 200
"""Records in one transaction."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """How far an erasure is; `report` counts what it did, by kind."""

    id: UUID
    entity: str
    record: UUID
    state: str
    pseudonym: str
    report: Mapping[str, Any]


class Erasures:
    """Erases people, each once, for those who hold every right."""

    def __init__(
        self, database: Database, policy: Policy, storage: Storage, audit: Auditing
    ) -> None:
        self._database = database
        self._policy = policy
        self._storage = storage
        self._audit = audit

    def preview(self, ctx: Context, entity: str, record: UUID) -> Subject:
        """Return what would be erased, and which linked people would stay; nothing is done."""
        with self._database.reading(ctx) as connection:
            return subject_of(ctx, connection, entity, record)

    def begin(
        self, ctx: Context, entity: str, record: UUID, *, job: Mapping[str, Any] | None = None
    ) -> Erasure:
        """Note that a person is to be erased, and with `job` have a worker do it.

        Asked for again, the same erasure goes on. Raises `NotFound`, `Forbidden`, and
        `RecordRefused` for a record that is no person, or a colleague who still works here.
        """

        def unit(connection: Connection) -> UUID:
            subject = subject_of(ctx, connection, entity, record)
            _refuse_active(ctx, connection, subject)
            known = _by_record(ctx, connection, record)
            made = known or _note(ctx, connection, subject)
            # The job that erases runs as the system: who asked for it is told here.
            asked = Event("erased", subject.entity, record, detail={"state": "begun"})
            self._audit.within(connection, ctx, [asked])
            if job is not None:
                defer(connection, TASK, {**job, "erasure": str(made)}, queue="bulk")
            return made

        return self.state(ctx, self._database.unit(ctx, unit))

    def state(self, ctx: Context, erasure: UUID) -> Erasure:
        """Return how far an erasure is; only those who may erase are told."""
        if not holds_everything(ctx.actor, roles_of(ctx)):
            raise Forbidden(action="erase")
        with self._database.reading(ctx) as connection:
            return _read(ctx, connection, erasure)

    def of(self, ctx: Context, record: UUID) -> Erasure | None:
        """Return the erasure of a person that was begun, if any; `state` says who is told."""
        with self._database.reading(ctx) as connection:
            known = _known(ctx, connection, record)
        return None if known is None else self.state(ctx, known)

    def run(self, ctx: Context, erasure: UUID) -> Erasure:
        """Take an erasure to its end; safe to call again after a crash."""
        state = self.state(ctx, erasure)
        if state.state == "done":
            return state
        with self._database.reading(ctx) as connection:
            subject = subject_of(ctx, connection, state.entity, state.record)
        # Found by addresses and names, which are overwritten after that.
        self._step(ctx, state.id, "messages", partial(clear_messages, ctx, subject))
        self._step(ctx, state.id, "runs", partial(clear_runs, ctx, subject))
        self._step(ctx, state.id, "notices", partial(clear_notices, ctx, subject))
        self._records(ctx, state, subject)
        self._step(ctx, state.id, "comments", partial(clear_comments, ctx, subject))
        self._step(ctx, state.id, "approvals", partial(clear_approvals, ctx, subject))
        self._step(ctx, state.id, "holders", partial(clear_holdings, ctx, subject))
        self._step(ctx, state.id, "devices", partial(forget_devices, ctx, state.record))
        self._step(ctx, state.id, "drafts", partial(clear_drafts, ctx, subject))
        self._files(ctx, state, subject)
        self._history(ctx, state, subject)
        self._step(ctx, state.id, "answers", partial(clear_answers, ctx, subject))
        self._database.unit(ctx, partial(self._finish, ctx, state, subject))
        return self.state(ctx, erasure)

    def _records(self, ctx: Context, state: Erasure, subject: Subject) -> None:
        """Overwrite personal values, some records at a time."""
        self._database.unit(ctx, partial(forget_rejected, ctx, subject))
        for entity, ids in subject.about.items():
            for start in range(0, len(ids), CHUNK):
                part = ids[start : start + CHUNK]

                def unit(connection: Connection, entity: str = entity, part: Any = part) -> None:
                    done = overwrite_people(
                        ctx, connection, self._policy, (entity, part), state.pseudonym
                    )
                    _add_overwritten(ctx, connection, state.id, done)

                self._database.unit(ctx, unit)

    def _files(self, ctx: Context, state: Erasure, subject: Subject) -> None:
        """Take files off their records, then away."""

        def unit(connection: Connection) -> list[UUID]:
            report = dict(_read(ctx, connection, state.id).report)
            found = dict.fromkeys(report.get("files", ()))
            found |= dict.fromkeys(str(each) for each in detach_files(ctx, subject, connection))
            _write(ctx, connection, state.id, step="files", report={**report, "files": [*found]})
            return [UUID(each) for each in found]

        for file in self._database.unit(ctx, unit):
            if self._database.unit(ctx, partial(remove_file, ctx, file)):
                self._storage.remove(ctx.tenant, file)

    def _history(self, ctx: Context, state: Erasure, subject: Subject) -> None:
        """Take values out of the history of records, which the requests' own role cannot."""
        followed = self.state(ctx, state.id).report.get("followed", {})
        with self._database.owner(ctx.tenant) as connection:
            done = clear_history(ctx, connection, subject, followed)
        self._step(ctx, state.id, "history", lambda connection: done)

    def _step(
        self, ctx: Context, erasure: UUID, name: str, work: Callable[[Connection], int]
    ) -> None:
        """Run one step and count what it did, in one transaction."""

        def unit(connection: Connection) -> None:
            _count(ctx, connection, (erasure, name), work(connection))

        self._database.unit(ctx, unit)

    def _finish(
        self, ctx: Context, state: Erasure, subject: Subject, connection: Connection
    ) -> None:
        _write(ctx, connection, state.id, state="done", finished_at=ctx.now)
        report = _read(ctx, connection, state.id).report
        told = {name: value for name, value in report.items() if isinstance(value, int)}
        event = Event("erased", subject.entity, subject.record, detail=told)
        self._audit.within(connection, ctx, [event])


def _refuse_active(ctx: Context, connection: Connection, subject: Subject) -> None:
    """Refuse to erase a colleague who can still come in."""
    if subject.entity != USER:
        return
    table = ctx.compiled.tables.of(USER)
    active = select(table.c.active).where(table.c.id == subject.record)
    if connection.execute(active).scalar_one():
        raise RecordRefused([FieldError("person_active")])


def _note(ctx: Context, connection: Connection, subject: Subject) -> UUID:
    made = new_id(ctx.now)
    values = {
        "id": made,
        "entity": subject.entity,
        "record": subject.record,
        "state": "running",
        "pseudonym": pseudonym_of(subject.record, ctx.model.app.languages[0]),
        "report": {},
        "created_by": ctx.actor.user,
        "created_at": ctx.now,
    }
    connection.execute(insert(ctx.compiled.tables.of(TABLE)), values)
    return made


def _by_record(ctx: Context, connection: Connection, record: UUID) -> UUID | None:
    """Return the erasure of a record; one that is done begins anew, as new values may be there."""
    known = _known(ctx, connection, record)
    if known is not None:
        _write(ctx, connection, known, state="running", finished_at=None)
    return known


def _known(ctx: Context, connection: Connection, record: UUID) -> UUID | None:
    table = ctx.compiled.tables.of(TABLE)
    known: UUID | None = connection.execute(
        select(table.c.id).where(table.c.record == record)
    ).scalar()
    return known


def _read(ctx: Context, connection: Connection, erasure: UUID) -> Erasure:
    table = ctx.compiled.tables.of(TABLE)
    row = connection.execute(select(table).where(table.c.id == erasure)).one_or_none()
    if row is None:
        raise NotFound(record=str(erasure))
    return Erasure(row.id, row.entity, row.record, row.state, row.pseudonym, row.report or {})


def _write(ctx: Context, connection: Connection, erasure: UUID, **values: object) -> None:
    table = ctx.compiled.tables.of(TABLE)
    connection.execute(update(table).where(table.c.id == erasure).values(**values))


def _count(ctx: Context, connection: Connection, at: tuple[UUID, str], done: int) -> None:
    """Add to one number of the report of an erasure."""
    erasure, name = at
    report = dict(_read(ctx, connection, erasure).report)
    report[name] = report.get(name, 0) + done
    _write(ctx, connection, erasure, step=name, report=report)


def _add_overwritten(
    ctx: Context, connection: Connection, erasure: UUID, done: Overwritten
) -> None:
    report: dict[str, Any] = dict(_read(ctx, connection, erasure).report)
    report["records"] = report.get("records", 0) + done.records
    report["values"] = report.get("values", 0) + done.values
    followed: dict[str, Any] = dict(report.get("followed", {}))
    for entity, (ids, keys) in done.followed.items():
        known: Mapping[str, Sequence[str]] = followed.get(entity, {})
        followed[entity] = {
            "records": sorted({*known.get("records", ()), *map(str, ids)}),
            "fields": sorted({*known.get("fields", ()), *keys}),
        }
    report["followed"] = followed
    _write(ctx, connection, erasure, step="records", report=report)
