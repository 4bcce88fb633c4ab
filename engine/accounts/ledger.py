"""What everything at the door works on: the registry, the log, and what this process remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.accounts.unlogged import Unlogged
from engine.audit.event import DoorLog, EventKind, PersonEvent
from engine.context import Origin
from engine.database import Database
from engine.tenants.identity import Account


def _nothing() -> None:
    """Forget nothing: nobody remembers sessions here."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The registry with its log; `forget` drops what this process remembers of sessions."""

    database: Database
    log: DoorLog = Unlogged()
    forget: Callable[[], None] = _nothing

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """Yield a transaction of the registry; what it changes holds at once in this process."""
        with self.database.registry() as connection:
            yield connection
        self.forget()

    def tell(
        self,
        connection: Connection,
        kind: EventKind,
        who: Account | UUID,
        origin: Origin,
        **detail: object,
    ) -> None:
        """Write into the log, in the transaction of the change, what became of an account."""
        account, email = (who.id, who.email) if isinstance(who, Account) else (who, "")
        tenant = str(detail.pop("tenant", ""))
        event = PersonEvent(kind, account, email, tenant, origin, detail)
        self.log.within(connection, event)
