"""Reading the audit log: for those who may, under a role that reads it and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from engine.access.grants import audits
from engine.audit.asked import Place, Question, of_installation, of_tenant, older
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.errors import Forbidden
from engine.exchange.marks import mark_of
from engine.exchange.sinks import Format, write
from engine.history.changes import json_value
from engine.schema.tables import AUDIT
from engine.tenants.tables import account, membership
from engine.tenants.tables import audit as registry_audit

PAGE = 1000
"""Events that an export reads at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it was written; `installation` tells one of the sign-in door.

    `person` is the row of `user` of who did it, None where the address belongs to nobody here;
    `name` is theirs at the time. `times` is how often the same came within a minute.
    """

    id: UUID
    at: datetime
    kind: str
    person: UUID | None
    name: str
    address: str
    agent: str
    session: str
    times: int = 1
    installation: bool = False
    door: str = ""
    reference: str = ""
    revision: int | None = None
    entity: str = ""
    record: UUID | None = None
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Events:
    """A page of events, the latest first; `cursor` asks for the next, blank on the last."""

    entries: tuple[Entry, ...]
    cursor: str = ""


class AuditReader:
    """The audit log of a tenant, together with what its members did at the installation's door."""

    def __init__(self, database: Database, audit: Auditing) -> None:
        self._database = database
        self._audit = audit

    def page(self, ctx: Context, asked: Question, *, limit: int = 50, cursor: str = "") -> Events:
        """Return a page of events; raise `Forbidden` for whom may not read them."""
        require_auditor(ctx)
        found = self._found(ctx, asked, limit + 1, Place.read(cursor) if cursor else None)
        if len(found) <= limit:
            return Events(tuple(found))
        last = found[limit - 1]
        return Events(tuple(found[:limit]), str(Place(last.at, last.id)))

    def export(self, ctx: Context, asked: Question, format_: Format) -> Iterator[bytes]:
        """Return the events as a file, piece by piece; that they were taken is an event, too.

        Raises `Forbidden` for whom may not read them, before any bytes.
        """
        require_auditor(ctx)
        told = {"format": format_, "since": asked.since, "until": asked.until, "text": asked.text}
        self._audit.note(ctx, Event("exported", AUDIT, detail=told))
        entries = self._all(ctx, asked)
        rows = ([_cell(getattr(each, name), format_) for name in COLUMNS] for each in entries)
        return write(format_, COLUMNS, rows, mark_of(ctx, "audit"))

    def _all(self, ctx: Context, asked: Question) -> Iterator[Entry]:
        place: Place | None = None
        while found := self._found(ctx, asked, PAGE, place):
            yield from found
            place = Place(found[-1].at, found[-1].id)

    def _found(self, ctx: Context, asked: Question, limit: int, place: Place | None) -> list[Entry]:
        members = self._members(ctx)
        both = [
            *self._of_tenant(ctx, asked, limit, place),
            *self._of_installation(ctx, asked, limit, place, members),
        ]
        both.sort(key=lambda each: (each.at, each.id), reverse=True)
        return list(islice(both, limit))

    def _members(self, ctx: Context) -> dict[UUID, tuple[UUID, str]]:
        statement = (
            select(account.c.id, membership.c.user, account.c.email)
            .join(membership, membership.c.account == account.c.id)
            .where(membership.c.tenant == ctx.tenant.name)
        )
        with self._database.registry() as connection:
            return {row.id: (row.user, row.email) for row in connection.execute(statement)}

    def _of_tenant(
        self, ctx: Context, asked: Question, limit: int, place: Place | None
    ) -> list[Entry]:
        table = ctx.compiled.tables.of(AUDIT)
        statement = select(table).where(*of_tenant(table, asked))
        statement = statement.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        if place is not None:
            statement = statement.where(older(table, place))
        with self._database.auditing(ctx.tenant) as connection:
            return [_tenant_entry(row) for row in connection.execute(statement)]

    def _of_installation(
        self,
        ctx: Context,
        asked: Question,
        limit: int,
        place: Place | None,
        members: Mapping[UUID, tuple[UUID, str]],
    ) -> list[Entry]:
        table = registry_audit
        conditions = of_installation(table, asked, ctx.tenant.name, members)
        statement = select(table).where(*conditions)
        statement = statement.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        if place is not None:
            statement = statement.where(older(table, place))
        with self._database.auditing() as connection:
            rows = connection.execute(statement).all()
        by_email = {email.lower(): user for user, email in members.values()}
        return [_door_entry(row, members, by_email) for row in rows]


COLUMNS: Sequence[str] = (
    "id", "at", "kind", "person", "name", "door", "entity", "record", "before", "after",
    "detail", "address", "agent", "session", "reference", "revision", "times",
)  # fmt: skip
"""What an export holds of each event."""


def require_auditor(ctx: Context) -> None:
    """Raise `Forbidden` unless the person may read the audit log."""
    if not audits(ctx):
        raise Forbidden(action="audit")


def _cell(value: Any, format_: Format) -> Any:  # Any: cells of every kind
    """Return a value as a format writes it: a sheet knows instants, JSON knows texts."""
    if isinstance(value, datetime) and format_ == "xlsx":
        return value
    return json_value(value)


def _tenant_entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        kind=row.kind,
        person=row.actor,
        name=row.name or "",
        address=row.address or "",
        agent=row.agent or "",
        session=row.session or "",
        times=int(row.times or 1),
        door=row.door or "",
        reference=row.reference or "",
        revision=None if row.revision is None else int(row.revision),
        entity=row.entity or "",
        record=row.record,
        before=row.before or {},
        after=row.after or {},
        detail=row.detail or {},
    )


def _door_entry(
    row: Row[Any], members: Mapping[UUID, tuple[UUID, str]], by_email: Mapping[str, UUID]
) -> Entry:
    known = members.get(row.account)
    return Entry(
        id=row.id,
        at=row.at,
        kind=row.kind,
        person=known[0] if known else by_email.get(row.email.lower()),
        name=row.email,
        address=row.address,
        agent=row.agent,
        session=row.session,
        times=row.times,
        installation=True,
        detail=row.detail,
    )
