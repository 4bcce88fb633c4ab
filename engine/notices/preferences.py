"""What somebody prefers, in this tenant, on every device: values by name, under their own row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.database import Database
from engine.notices.tables import PREFERENCE, columns_of
from engine.tenants.lately import Lately
from engine.values.identity import new_id

NOTICES = "notices"
"""The preference that names the kinds of notices turned off: `{"off": [...]}`."""

REMINDERS = "reminders"
"""The preference that holds one's own rules of reminding: `{"rules": [{what, days, mail}]}`."""

DEVICE = "device:"
"""What the names of preferences begin with that say where somebody is told outside of the app."""


class Preferences:
    """Keeps one's own preferences; nobody reads another's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lately: Lately[tuple[str, UUID], Mapping[str, Any]] = Lately()

    def of(self, ctx: Context) -> Mapping[str, Any]:
        """Return the person's preferences by name, as of a moment ago. Any: JSON of every shape."""
        who = ctx.actor.user

        def read() -> Mapping[str, Any]:
            with self._database.reading(ctx) as connection:
                return preferences_of(ctx, connection, who)

        return self._lately.get((ctx.tenant.name, who), read) or {}

    def keep(self, ctx: Context, name: str, value: Mapping[str, Any] | None) -> None:
        """Keep a preference; None takes it away. Any: JSON of every shape."""
        table, column = columns_of(ctx, PREFERENCE)
        whose = (column["person"] == ctx.actor.user, column["name"] == name)

        def unit(connection: Connection) -> None:
            if value is None:
                connection.execute(delete(table).where(*whose))
                return
            values = {"id": new_id(ctx.now), "person": ctx.actor.user, "name": name}
            named = {column[key].name: each for key, each in values.items()}
            kept = {column["value"].name: dict(value)}
            statement = insert(table).values(**named, **kept)
            once = [column["person"], column["name"]]
            connection.execute(statement.on_conflict_do_update(index_elements=once, set_=kept))

        self._database.unit(ctx, unit)
        self._lately.forget()


def preferences_of(ctx: Context, connection: Connection, person: UUID) -> Mapping[str, Any]:
    """Return a person's preferences, read by a transaction. Any: JSON of every shape."""
    _, column = columns_of(ctx, PREFERENCE)
    rows = connection.execute(
        select(column["name"], column["value"]).where(column["person"] == person)
    )
    return {name: value for name, value in rows if isinstance(value, dict)}


def muted(value: object) -> Collection[str]:
    """Return the kinds of notices that a preference turns off."""
    off = value.get("off") if isinstance(value, dict) else None
    return off if isinstance(off, list) else ()
