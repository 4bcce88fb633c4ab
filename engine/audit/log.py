"""Writes events where those who caused them can add and nothing else: no reading, no changing.

A tenant's events lie in its own schema, the installation's in the registry. The roles that
requests run under may insert; only the role `joinery_auditor` reads, and nobody but the
owner of the tables takes anything away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from engine.audit.event import Event, PersonEvent
from engine.audit.repeats import Repeats
from engine.context import Context
from engine.database import Database
from engine.history.changes import json_value
from engine.schema.tables import AUDIT
from engine.tenants.tables import audit as registry_audit
from engine.values.identity import new_id

LONGEST_TEXT = 400
"""Characters that are kept of what a client says about itself."""

REPEATING = frozenset({"refused", "masked_read", "sign_in_refused"})
"""Kinds of which the same again and again is written once a minute, with a number."""


class AuditLog:
    """The audit log of a tenant: who did what, from where, before and after."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._repeats: Repeats[tuple[Context, Event]] = Repeats()

    def note(self, ctx: Context, event: Event) -> None:
        """Write an event in a transaction of its own, and repetitions that nobody wrote yet.

        What is the same within a minute is written once, and once more with how often it came.
        """
        due: list[tuple[tuple[Context, Event], int]] = [((ctx, event), 1)]
        if event.kind in REPEATING:
            key = (ctx.tenant.name, ctx.actor.user, ctx.origin.session, event.kind,
                   event.entity, repr(sorted(event.detail.items())))  # fmt: skip
            due = self._repeats.count(key, (ctx, event))
        self._write(due)

    def within(self, connection: Connection, ctx: Context, events: Sequence[Event]) -> None:
        """Write events in the transaction of the change that they tell of."""
        if events:
            rows = [audit_row(ctx, event) for event in events]
            connection.execute(insert(ctx.compiled.tables.of(AUDIT)), rows)

    def flush(self) -> None:
        """Write how often repetitions came that nobody wrote yet."""
        self._write(self._repeats.all())

    def _write(self, due: Sequence[tuple[tuple[Context, Event], int]]) -> None:
        for (ctx, event), times in due:
            with self._database.adding(ctx.tenant) as connection:
                row = audit_row(ctx, event, times=times)
                connection.execute(insert(ctx.compiled.tables.of(AUDIT)), row)


class InstallationLog:
    """The audit log of the installation: who came in, who was turned away, what changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._repeats: Repeats[PersonEvent] = Repeats()

    def note(self, event: PersonEvent) -> None:
        """Write an event in a transaction of its own; repetitions as `AuditLog.note` does."""
        due = [(event, 1)]
        if event.kind in REPEATING:
            key = (event.kind, event.account, event.email.lower(), event.tenant,
                   event.origin.address)  # fmt: skip
            due = self._repeats.count(key, event)
        self._write(due)

    def within(self, connection: Connection, event: PersonEvent) -> None:
        """Write an event in the registry's transaction of the change that it tells of."""
        tell(connection, event)

    def flush(self) -> None:
        """Write how often repetitions came that nobody wrote yet."""
        self._write(self._repeats.all())

    def _write(self, due: Sequence[tuple[PersonEvent, int]]) -> None:
        if not due:
            return
        rows = [person_row(event, times=times) for event, times in due]
        with self._database.registry() as connection:
            connection.execute(insert(registry_audit), rows)


def tell(connection: Connection, event: PersonEvent) -> None:
    """Write an event of the installation in the registry's transaction that it tells of."""
    connection.execute(insert(registry_audit), person_row(event))


def audit_row(ctx: Context, event: Event, *, times: int = 1) -> dict[str, Any]:
    """Return the row of an event: its moment is now, not when the request began."""
    at = datetime.now(UTC)
    return {
        "id": new_id(at),
        "at": at,
        "kind": event.kind,
        "actor": ctx.actor.user,
        "name": ctx.actor.name,
        "door": ctx.cause.door,
        "reference": ctx.cause.reference or None,
        "revision": ctx.revision,
        "entity": _said(event.entity) or None,
        "record": event.record,
        "before": _kept(event.before),
        "after": _kept(event.after),
        "detail": _kept(event.detail),
        "address": ctx.origin.address,
        "agent": _said(ctx.origin.agent),
        "session": ctx.origin.session,
        "times": times,
    }


def person_row(event: PersonEvent, *, times: int = 1) -> dict[str, Any]:
    """Return the row of an event at the installation's door."""
    at = datetime.now(UTC)
    return {
        "id": new_id(at),
        "at": at,
        "kind": event.kind,
        "account": event.account,
        "email": _said(event.email),
        "tenant": _said(event.tenant),
        "detail": _kept(event.detail) or {},
        "address": event.origin.address,
        "agent": _said(event.origin.agent),
        "session": event.origin.session,
        "times": times,
    }


def _kept(values: Mapping[str, object]) -> dict[str, object] | None:
    return {name: _legible(value) for name, value in values.items()} or None


def _legible(value: object) -> object:
    """Return a value as JSON that PostgreSQL keeps: what clients send knows no limits."""
    match value:
        case str():
            return value.replace("\0", "�").encode("utf-8", "replace").decode()
        case Mapping():
            return {str(_legible(str(name))): _legible(each) for name, each in value.items()}
        case list() | tuple():
            return [_legible(each) for each in value]
        case _:
            return json_value(value)


def _said(text: str) -> str:
    return str(_legible(text))[:LONGEST_TEXT]
