"""How many records each person took within a time, counted in the registry for all processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.database import Database
from engine.tenants.tables import taken


class Takings:
    """Counts of one kind, `exported` or `read`; those of the time before are forgotten."""

    def __init__(self, database: Database, kind: str) -> None:
        self._database = database
        self._kind = kind

    def of(self, ctx: Context, since: datetime) -> int:
        """Return how many records somebody took in the time that began then."""
        statement = select(taken.c.records).where(
            taken.c.tenant == ctx.tenant.name,
            taken.c.user == ctx.actor.user,
            taken.c.kind == self._kind,
            taken.c.since == since,
        )
        with self._database.registry() as connection:
            return connection.execute(statement).scalar_one_or_none() or 0

    def add(
        self, ctx: Context, since: datetime, records: int, *, most: int | None = None
    ) -> int | None:
        """Count more; return how many it are now, None where it would be more than `most`."""
        if most is not None and records > most:
            return None
        row = insert(taken).values(
            tenant=ctx.tenant.name,
            user=ctx.actor.user,
            kind=self._kind,
            since=since,
            records=records,
        )
        same_time = taken.c.since == row.excluded.since
        total = row.excluded.records + case((same_time, taken.c.records), else_=0)
        statement = row.on_conflict_do_update(
            index_elements=[taken.c.tenant, taken.c.user, taken.c.kind],
            set_={"records": total, "since": row.excluded.since},
            where=None if most is None else total <= most,
        ).returning(taken.c.records)
        with self._database.registry() as connection:
            found: int | None = connection.execute(statement).scalar_one_or_none()
        return found
