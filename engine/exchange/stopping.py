"""What the journal keeps of somebody who may not act any more: it ends, and is told of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from engine.access.standing import administrators
from engine.context import Context
from engine.database import Database
from engine.exchange.journal import Journal
from engine.messages import phrase
from engine.notices.telling import News, tell

UNDER_WAY = ("waiting", "running")


class Stopping:
    """Ends imports and changes of many that nobody may take to their end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stop(self, ctx: Context, identity: UUID) -> bool:
        """End what is under way where it stands, as the system; tell those who look after all.

        Parts that were written are whole, and stay. Returns False for what had ended already.
        """

        def unit(connection: Connection) -> bool:
            journal = Journal(ctx)
            state = journal.read(connection, ctx, identity)
            if state.state not in UNDER_WAY:
                return False
            journal.fail(connection, ctx, state, phrase("person_gone", ctx.language))
            done = f"{state.done}/{state.total}" if state.total else str(state.done)
            # Imports name their entity by its key, changes of many by its name.
            entity = ctx.model.entities.get(state.entity)
            name = entity.name if entity is not None else state.entity
            url = f"/{ctx.tenant.name}/records/{name}"
            words = {"what": "stopped", "name": state.file or done, "url": url}
            people = administrators(connection, ctx.compiled)
            tell(ctx, connection, people, News("finished", words=words))
            return True

        return self._database.unit(ctx, unit)
