"""With which sessions people use a tenant: what its administrators see of them, and end.

Sessions belong to an account and so to the installation. A tenant's administrators see those that
were used in their tenant alone, and what they end holds there alone: whoever proved before then
who they are proves it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from uuid import UUID

from sqlalchemy import literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.access.grants import require_everything
from engine.audit.event import Auditing, Event
from engine.context import Context
from engine.database import Database
from engine.errors import NotFound
from engine.tenants.lately import Lately
from engine.tenants.sessions import IDLE
from engine.tenants.tables import membership, session, visit

AGAIN = 300.0
"""Seconds after which it is noted again that a session is used in a tenant."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One session that is used in a tenant: with what, from which network, and used when."""

    agent: str
    network: str
    seen_at: datetime


class Visits:
    """Knows which sessions are used in which tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: Lately[tuple[UUID, str], bool] = Lately(seconds=AGAIN)

    def note(self, session_: UUID, tenant: str) -> None:
        """Note that a session is used in a tenant: once in a while, whatever it asks for."""
        self._noted.get((session_, tenant), lambda: self._write(session_, tenant))

    def of(self, ctx: Context, user: UUID) -> tuple[Visit, ...]:
        """Return the sessions that a person may use here now, the last used first."""
        require_everything(ctx, "see sign-ins")
        now = datetime.now(UTC)
        statement = (
            select(session.c.agent, session.c.address, visit.c.seen_at)
            .join(visit, visit.c.session == session.c.id)
            .join(membership, membership.c.account == session.c.account)
            .where(
                visit.c.tenant == ctx.tenant.name,
                membership.c.tenant == ctx.tenant.name,
                membership.c.user == user,
                session.c.stage == "in",
                session.c.ends_at > now,
                session.c.seen_at > now - IDLE,
                or_(membership.c.ended_at.is_(None), session.c.proved_at >= membership.c.ended_at),
            )
            .order_by(visit.c.seen_at.desc())
        )
        with self._database.registry() as connection:
            rows = connection.execute(statement).all()
        return tuple(Visit(row.agent, network_of(row.address), row.seen_at) for row in rows)

    def end(self, ctx: Context, user: UUID, audit: Auditing) -> None:
        """Have a person prove anew who they are before they come in here again."""
        require_everything(ctx, "end sign-ins")
        mine = (membership.c.tenant == ctx.tenant.name) & (membership.c.user == user)
        with self._database.registry() as connection:
            done = connection.execute(
                update(membership).where(mine).values(ended_at=datetime.now(UTC))
            )
        if not done.rowcount:
            raise NotFound(entity="user", id=str(user))
        told = Event("people_changed", "user", user, detail={"sign_ins": "ended"})
        audit.note(ctx, told)

    def _write(self, session_: UUID, tenant: str) -> bool:
        now = datetime.now(UTC)
        # The session may have ended a moment ago: then there is nothing to note.
        there = select(session.c.id, literal(tenant), literal(now)).where(session.c.id == session_)
        row = insert(visit).from_select(["session", "tenant", "seen_at"], there)
        statement = row.on_conflict_do_update(
            index_elements=["session", "tenant"], set_={"seen_at": now}
        )
        with self._database.registry() as connection:
            connection.execute(statement)
        return True


def network_of(address: str) -> str:
    """Return roughly from where somebody comes: the beginning of their address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.version == 4:
        return ".".join((*str(found).split(".")[:2], "*", "*"))
    return ":".join((*found.exploded.split(":")[:3], "*"))
