"""Records that people talk about and attach files to: found, and allowed, or refused."""

from __future__ import annotations

from collections.abc import Collection
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
    readable, allowed = live_among(ctx, policy, connection, (kind, [record]), action)
    if not readable:
        raise NotFound(entity=kind.name, id=str(record))
    if not allowed:
        raise Forbidden(action=action, entity=kind.name, id=str(record))


def live_among(
    ctx: Context,
    policy: Policy,
    connection: Connection,
    among: tuple[Entity, Collection[UUID]],
    action: str,
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return those of some records that are there for the person, and may be acted on by them."""
    kind, records = among
    table = ctx.compiled.tables.of(kind.key)
    live = select(table.c.id).where(table.c.id.in_(records), table.c.sys_trashed_at.is_(None))
    there = connection.execute(live).scalars().all()
    readable = policy.permitted(ctx, connection, there, entity=kind.key, action="read")
    if action == "read" or not readable:
        return readable, readable
    allowed = policy.permitted(ctx, connection, readable, entity=kind.key, action=action)
    return readable, allowed
