"""What others may do inside a unit of work, before it commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from engine.changes import Change
from engine.context import Context
from engine.records.draft import Draft


class Hooks(Protocol):
    """Called once for each unit, after values have settled and history is written."""

    def concerns(self, ctx: Context, entity: str) -> bool:
        """Return whether it must see new records of an entity, by key, however many they are."""
        ...

    def watches(self, ctx: Context, entity: str) -> bool:
        """Return whether it must see each change of records of an entity, by key."""
        ...

    def before_commit(
        self, ctx: Context, connection: Connection, change: Change, records: Sequence[Draft]
    ) -> None:
        """See what was written, and defer jobs in the same transaction; raise to undo it all.

        Of very many new records there are no `records`: whoever wants to know more than the
        change says reads them.
        """
        ...
