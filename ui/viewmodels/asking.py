"""What a page asks of records, noted while it is drawn: its statements can be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from engine.context import Context
from engine.doors import Payload, Reader
from engine.query.spec import (
    AggregateQuery,
    AggregateResult,
    Entry,
    Hit,
    ListQuery,
    Page,
    Record,
)
from ui.screen import Screen

MOST = 12
"""Questions of one page whose statements are shown."""


@dataclass(frozen=True, slots=True)
class Noting:
    """A reader that notes the pages and figures it is asked for; implements `doors.Reader`."""

    reader: Reader
    noted: list[ListQuery | AggregateQuery] = field(default_factory=list)

    def get(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, trashed: bool = False
    ) -> tuple[Record, ...]:
        """Return whole records."""
        return self.reader.get(ctx, entity, ids, trashed=trashed)

    def find(self, ctx: Context, query: ListQuery) -> Page:
        """Return one page of rows, and note what was asked."""
        self.noted.append(query)
        return self.reader.find(ctx, query)

    def aggregate(self, ctx: Context, query: AggregateQuery) -> AggregateResult:
        """Return groups and measures, and note what was asked."""
        self.noted.append(query)
        return self.reader.aggregate(ctx, query)

    def search(
        self, ctx: Context, text: str, *, entities: Sequence[str] = (), limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return records by their words."""
        return self.reader.search(ctx, text, entities=entities, limit=limit)

    def pick(
        self, ctx: Context, entity: str, field: str, text: str, *, this: Payload, limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return what may be chosen for a link."""
        return self.reader.pick(ctx, entity, field, text, this=this, limit=limit)

    def history(
        self, ctx: Context, entity: str, record: UUID, *, limit: int = 50,
        before: UUID | None = None,
    ) -> tuple[Entry, ...]:  # fmt: skip
        """Return what became of a record."""
        return self.reader.history(ctx, entity, record, limit=limit, before=before)


def asked_by(
    screen: Screen, draw: Callable[[Screen], object]
) -> tuple[ListQuery | AggregateQuery, ...]:
    """Return what is asked of records while a page is drawn, the first of many."""
    noting = Noting(screen.services.reader)
    draw(replace(screen, services=replace(screen.services, reader=noting)))
    return tuple(noting.noted[:MOST])
