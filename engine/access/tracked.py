"""Records that people talk about and attach files to: found, and allowed, or refused."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from engine.access.policy import Policy
from engine.context import Context
from engine.errors import Forbidden, NotFound
from metamodel.model import Entity


def tracked(ctx: Context, entity: str) -> Entity:
    """Return an entity whose records keep comments and files; raise `NotFound` for any other."""
    kind = ctx.model.entities.get(entity)
    if kind is None or kind.system or not kind.track:
        raise NotFound(entity=entity)
    return kind


def require_live(
    ctx: Context, policy: Policy, connection: Connection, at: tuple[Entity, UUID], action: str
) -> None:
    """Raise `NotFound` for a record not there for the person, `Forbidden` for one only to see."""
    kind, record = at
    table = ctx.compiled.tables.of(kind.key)
    live = select(table.c.id).where(table.c.id == record, table.c.sys_trashed_at.is_(None))
    there = connection.execute(live).scalars().all()
    if not policy.permitted(ctx, connection, there, entity=kind.key, action="read"):
        raise NotFound(entity=kind.name, id=str(record))
    if action != "read" and not policy.permitted(
        ctx, connection, there, entity=kind.key, action=action
    ):
        raise Forbidden(action=action, entity=kind.name, id=str(record))
