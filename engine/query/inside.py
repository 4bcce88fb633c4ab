"""Whole records as a unit of work has written them, read before it commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from engine.context import Context
from engine.doors import Access
from engine.query.get import get
from engine.query.spec import Record


@dataclass(frozen=True, slots=True)
class Inside:
    """Reads on a unit's connection, under the same rights as everywhere; a `doors.Records`."""

    connection: Connection
    access: Access

    def get(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, trashed: bool = False
    ) -> tuple[Record, ...]:
        """Return whole records in the order asked; raise `NotFound` for any not readable."""
        return get(ctx, self.access, self.connection, entity, ids, trashed=trashed)
