"""Tickets: what the server told a browser, sealed, brought back by it, worth something once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from engine.accounts.tables import spent
from engine.sealing import MasterKey, Unsealable

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tickets:
    """Writes tickets for one purpose, and reads what comes back."""

    key: MasterKey
    purpose: str

    def write(self, **said: str) -> str:
        """Return a ticket that says this, for ten minutes."""
        ends = (datetime.now(UTC) + LIFE).timestamp()
        plain = json.dumps({"said": said, "ends": ends}).encode()
        return self.key.seal(plain, purpose=f"ticket {self.purpose}").hex()

    def read(self, ticket: str) -> Mapping[str, str]:
        """Return what a ticket says; raise `ValueError` where it is none of ours, or over."""
        try:
            plain = self.key.open(bytes.fromhex(ticket), purpose=f"ticket {self.purpose}")
        except (ValueError, Unsealable):
            raise ValueError("no ticket of ours") from None
        found = json.loads(plain)
        if found["ends"] < datetime.now(UTC).timestamp():
            raise ValueError("a ticket that is over")
        said: Mapping[str, str] = found["said"]
        return said


def spend(connection: Connection, ticket: str) -> bool:
    """Note that a ticket was used; return False where it was before."""
    now = datetime.now(UTC)
    connection.execute(delete(spent).where(spent.c.ends_at < now))
    mark = sha256(ticket.encode()).digest()
    used = insert(spent).values(mark=mark, ends_at=now + LIFE).on_conflict_do_nothing()
    return bool(connection.execute(used.returning(spent.c.mark)).first())
