"""How many records somebody may export on one day: what their roles say, and what is left of it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from engine.access.grants import grants_to, holds_everything, parents_of, roles_of
from engine.context import Context
from engine.database import Database
from engine.errors import Forbidden
from engine.tenants.taken import Takings
from metamodel.model import Entity

EXPORTED = "exported"
"""Under which kind exports are counted."""


class ExportLimited(Forbidden):
    """More records than somebody may still export on this day."""

    code = "export_limited"


def export_limit(ctx: Context, entity: Entity) -> int | None:
    """Return how many records a person may export of an entity on one day; None: any number.

    Of several roles that let them export it the largest limit holds, and none where one has none.
    """
    roles = roles_of(ctx)
    if holds_everything(ctx.actor, roles):
        return None
    _, owner = parents_of(ctx.model, entity)
    limits = [role.export_limit for role in roles if grants_to(role, owner, "export")]
    known = [limit for limit in limits if limit is not None]
    return max(known) if known and len(known) == len(limits) else None


class Allowance:
    """Counts what people export of their day, whatever process serves them."""

    def __init__(self, database: Database) -> None:
        self._takings = Takings(database, EXPORTED)

    def left(self, ctx: Context, limit: int) -> int:
        """Return how many records are left of a day's limit."""
        return max(0, limit - self._takings.of(ctx, midnight(ctx)))

    def take(self, ctx: Context, limit: int, records: int) -> None:
        """Take records off a day's limit; raise `ExportLimited` where fewer are left."""
        if self._takings.add(ctx, midnight(ctx), records, most=limit) is None:
            raise ExportLimited(limit=limit, left=self.left(ctx, limit))


def midnight(ctx: Context) -> datetime:
    """Return when the tenant's day began."""
    return datetime.combine(ctx.moment.today, time(), ZoneInfo(ctx.moment.zone)).astimezone(UTC)
