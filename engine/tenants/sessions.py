"""Sessions on the server: a cookie holds a secret, the registry its hash.

Every step up has a secret of its own, so that one that was put into a browser beforehand, or
copied before the step, opens nothing after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.context import Origin
from engine.tenants.identity import Account, SignedIn, Stage
from engine.tenants.tables import account, session

LONGEST = timedelta(days=30)
"""How long a session lives at most."""

IDLE = timedelta(days=7)
"""How long it lives without being used."""

HALF_WAY = timedelta(minutes=10)
"""How long a second proof is awaited."""

LONGEST_AGENT = 300

_NOTICE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session as its owner sees it: from where, with what, since when, and used when."""

    id: UUID
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime


def hashed(secret: str) -> bytes:
    """Return what is stored of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def begin(
    connection: Connection,
    who: Account,
    origin: Origin,
    *,
    stage: Stage = "in",
    strong: bool = False,
) -> SignedIn:
    """Start a session; its secret is seen here and never again."""
    secret, csrf = token_urlsafe(32), token_urlsafe(32)
    now = datetime.now(UTC)
    connection.execute(delete(session).where(session.c.ends_at < now))
    made = connection.execute(
        insert(session)
        .values(
            hash=hashed(secret),
            account=who.id,
            csrf=csrf,
            address=origin.address,
            agent=origin.agent[:LONGEST_AGENT],
            ends_at=now + (LONGEST if stage == "in" else HALF_WAY),
            stage=stage,
            strong=strong,
            proved_at=now,
        )
        .returning(session.c.id)
    )
    return SignedIn(who, secret, csrf, made.scalar_one(), stage, strong, now)


def resume(connection: Connection, secret: str, *, stage: Stage = "in") -> SignedIn | None:
    """Return the live session of a secret, noting now and then that it is used."""
    now = datetime.now(UTC)
    row = connection.execute(
        select(
            session.c.csrf,
            session.c.seen_at,
            session.c.id.label("session"),
            session.c.strong,
            session.c.proved_at,
            account,
        )
        .join(account, account.c.id == session.c.account)
        .where(
            session.c.hash == hashed(secret),
            session.c.stage == stage,
            session.c.ends_at > now,
            session.c.seen_at > now - IDLE,
            account.c.active,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.seen_at < now - _NOTICE:
        connection.execute(
            update(session).where(session.c.hash == hashed(secret)).values(seen_at=now)
        )
    who = Account(row.id, row.email, row.name, row.language)
    return SignedIn(who, "", row.csrf, row.session, stage, row.strong, row.proved_at)


def renew(connection: Connection, secret: str, *, strong: bool) -> str | None:
    """Give a session whose owner proved again who they are a new secret; None where it is gone."""
    made = token_urlsafe(32)
    values: dict[str, Any] = {"hash": hashed(made), "proved_at": datetime.now(UTC)}
    if strong:
        values["strong"] = True
    chosen = (session.c.hash == hashed(secret)) & (session.c.stage == "in")
    done = connection.execute(update(session).where(chosen).values(values))
    return made if done.rowcount else None


def end(connection: Connection, secret: str) -> Row[UUID, UUID] | None:
    """End the session of a secret; return its account and public id if there was one."""
    gone = delete(session).where(session.c.hash == hashed(secret))
    return connection.execute(gone.returning(session.c.account, session.c.id)).one_or_none()


def end_all(connection: Connection, who: UUID, *, but: UUID | None = None) -> int:
    """End every session of an account, but one; return how many there were."""
    gone = delete(session).where(session.c.account == who)
    if but is not None:
        gone = gone.where(session.c.id != but)
    return connection.execute(gone).rowcount


def end_one(connection: Connection, who: UUID, which: UUID) -> bool:
    """End one session of an account by its public id; return whether it was there."""
    gone = delete(session).where(session.c.account == who, session.c.id == which)
    return bool(connection.execute(gone).rowcount)


def live(connection: Connection, who: UUID) -> tuple[LiveSession, ...]:
    """Return the sessions that an account is signed in with, the last used first."""
    now = datetime.now(UTC)
    rows = connection.execute(
        select(
            session.c.id,
            session.c.address,
            session.c.agent,
            session.c.created_at,
            session.c.seen_at,
        )
        .where(
            session.c.account == who,
            session.c.stage == "in",
            session.c.ends_at > now,
            session.c.seen_at > now - IDLE,
        )
        .order_by(session.c.seen_at.desc())
    )
    return tuple(LiveSession(*row) for row in rows)
