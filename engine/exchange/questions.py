"""What a person is asked before an import begins: unknown values, rows that look like records."""

from __future__ import annotations

from uuid import UUID

from engine.context import Context
from engine.database import Database
from engine.doors import Access, Reader
from engine.exchange.alike import Alike, alike
from engine.exchange.guided import GuidedImports, order_of
from engine.exchange.importing import Importer
from engine.exchange.turns import Chosen
from engine.exchange.values import Unmatched, Values


class Questions:
    """Looks through kept files for what only a person can decide."""

    def __init__(
        self, database: Database, importer: Importer, guided: GuidedImports, access: Access,
        reader: Reader,
    ) -> None:  # fmt: skip
        self._database = database
        self._importer = importer
        self._guided = guided
        self._access = access
        self._reader = reader

    def unmatched(self, ctx: Context, identity: UUID, chosen: Chosen) -> tuple[Unmatched, ...]:
        """Return the values of a file that name no option or record, by column."""
        with self._guided.opened(ctx, identity) as (state, origin):
            source, columns = self._importer.opened(ctx, order_of(state, origin, chosen))
            with self._database.reading(ctx) as connection:
                values = Values(ctx, self._access, connection, self._reader)
                return values.unmatched(source, columns)

    def alike(self, ctx: Context, identity: UUID, chosen: Chosen) -> tuple[Alike, ...]:
        """Return the rows of a file that look like records which are there already."""
        with self._guided.opened(ctx, identity) as (state, origin):
            source, columns = self._importer.opened(ctx, order_of(state, origin, chosen))
            return alike(ctx, self._reader, source, columns)
