"""The door to reading: one read-only transaction for each call; implements `doors.Reader`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from engine.access.policy import Readings
from engine.context import Context
from engine.doors import Access, Payload
from engine.query.aggregate import aggregate
from engine.query.cursors import Cursors
from engine.query.find import find
from engine.query.get import get
from engine.query.pick import pick
from engine.query.search import search
from engine.query.spec import (
    AggregateQuery,
    AggregateResult,
    Entry,
    Hit,
    ListQuery,
    Page,
    Record,
)
from engine.query.story import Stretch, story

Seen = Callable[[Context, str, int], None]
"""Is told how many records of an entity, by key, somebody was just shown."""


Opened = Callable[[Context, str, UUID], None]
"""Is told which record of an entity, by key, somebody opened."""


def unnoticed(ctx: Context, entity: str, record: UUID) -> None:
    """Tell nobody which record was opened."""


def unwatched(ctx: Context, entity: str, records: int) -> None:
    """Tell nobody what was read."""


class Records:
    """Reads rows under a person's rights; `secret` signs cursors, `seen` counts what is shown."""

    def __init__(
        self,
        database: Readings,
        access: Access,
        secret: str,
        *,
        seen: Seen = unwatched,
        opened: Opened = unnoticed,
    ) -> None:
        self._database = database
        self._access = access
        self._cursors = Cursors(secret.encode())
        self._seen = seen
        self._opened = opened

    def get(
        self, ctx: Context, entity: str, ids: Sequence[UUID], *, trashed: bool = False
    ) -> tuple[Record, ...]:
        """Return whole records in the order asked; raise `NotFound` for any not readable."""
        with self._database.reading(ctx) as connection:
            found = get(ctx, self._access, connection, entity, ids, trashed=trashed)
        self._seen(ctx, entity, len(found))
        if len(found) == 1:
            self._opened(ctx, entity, found[0].id)
        return found

    def find(self, ctx: Context, query: ListQuery) -> Page:
        """Return one page of rows."""
        with self._database.reading(ctx) as connection:
            page = find(ctx, self._access, connection, query, cursors=self._cursors)
        self._seen(ctx, query.entity, len(page.rows))
        return page

    def aggregate(self, ctx: Context, query: AggregateQuery) -> AggregateResult:
        """Return groups and measures over the rows the person may see."""
        with self._database.reading(ctx) as connection:
            return aggregate(ctx, self._access, connection, query)

    def search(
        self, ctx: Context, text: str, *, entities: Sequence[str] = (), limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return records whose search fields contain `text`, pinyin and its initials included."""
        with self._database.reading(ctx) as connection:
            return search(ctx, self._access, connection, text, entities=entities, limit=limit)

    def pick(
        self, ctx: Context, entity: str, field: str, text: str, *, this: Payload, limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return what may be chosen for a link field, its `filter` applied to the form's values."""
        with self._database.reading(ctx) as connection:
            return pick(
                ctx, self._access, connection, (entity, field), text=text, this=this, limit=limit
            )

    def history(
        self,
        ctx: Context,
        entity: str,
        record: UUID,
        *,
        limit: int = 50,
        before: UUID | None = None,
    ) -> tuple[Entry, ...]:
        """Return what became of a record, the latest first, in the fields the person may read."""
        with self._database.reading(ctx) as connection:
            wanted = Stretch(limit, before)
            return story(ctx, self._access, connection, (entity, record), wanted)
