"""What goes into the audit log, and the door through which it goes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context, Origin

EventKind = Literal[
    "sign_in",
    "sign_in_refused",
    "sign_out",
    "account_changed",
    "token_issued",
    "token_revoked",
    "refused",
    "unmasked",
    "masked_read",
    "exported",
    "imported",
    "shared",
    "unshared",
    "roles_changed",
    "people_changed",
    "published",
    "purged",
    "handed_over",
    "erased",
    "tenant_changed",
    "backed_up",
    "bulk_read",
    "sql_seen",
    "audit_read",
    "audit_purged",
]
"""Everything that the audit log tells of; changes of records are in their history."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; who, when and from where follow from the context.

    `entity` is a key, `record` the one record it is about. `before` and `after` hold what was
    changed, `detail` whatever else explains it. Secrets and the clear text of encrypted fields
    never go in here.
    """

    kind: EventKind
    entity: str = ""
    record: UUID | None = None
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    detail: Mapping[str, object] = field(default_factory=dict)


class Auditing(Protocol):
    """Writing to a tenant's audit log; nobody whom a request runs as can change it later."""

    def note(self, ctx: Context, event: Event) -> None:
        """Write an event in a transaction of its own: what was refused, or only read."""
        ...

    def within(self, connection: Connection, ctx: Context, events: Sequence[Event]) -> None:
        """Write events in the transaction of the change that they tell of."""
        ...


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """Something that happened at the installation's door, outside any tenant.

    `email` is the address as it was given, also where no account has it. `tenant` is named
    where the event is about one. `detail` never holds a secret.
    """

    kind: EventKind
    account: UUID | None = None
    email: str = ""
    tenant: str = ""
    origin: Origin = Origin()
    detail: Mapping[str, object] = field(default_factory=dict)


class DoorLog(Protocol):
    """Writing to the installation's audit log: who came in, who was turned away, what changed."""

    def note(self, event: PersonEvent) -> None:
        """Write an event in a transaction of its own."""
        ...

    def within(self, connection: Connection, event: PersonEvent) -> None:
        """Write an event in the registry's transaction of the change that it tells of."""
        ...
