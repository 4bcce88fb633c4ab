"""Sessions on the server: a cookie holds a secret, the registry its hash; guessing is slowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from engine.tenants.identity import Account, SignedIn
from engine.tenants.tables import account, attempt, session

LONGEST = timedelta(days=30)
"""How long a session lives at most."""

IDLE = timedelta(days=7)
"""How long it lives without being used."""

WINDOW = timedelta(minutes=15)
"""How far back wrong passwords count."""

PER_EMAIL, PER_ADDRESS = 10, 100
"""How many wrong passwords in that time bar an account, and an address on the network."""

_NOTICE = timedelta(minutes=5)


def hashed(secret: str) -> bytes:
    """Return what is stored of a secret."""
    return sha256(secret.encode()).digest()


def begin(connection: Connection, who: Account, address: str) -> SignedIn:
    """Start a session; its secret is seen here and never again."""
    secret, csrf = token_urlsafe(32), token_urlsafe(32)
    now = datetime.now(UTC)
    connection.execute(delete(session).where(session.c.ends_at < now))
    connection.execute(
        insert(session).values(
            hash=hashed(secret), account=who.id, csrf=csrf, address=address, ends_at=now + LONGEST
        )
    )
    return SignedIn(who, secret, csrf)


def resume(connection: Connection, secret: str) -> SignedIn | None:
    """Return the live session of a secret, noting now and then that it is used."""
    now = datetime.now(UTC)
    row = connection.execute(
        select(session.c.csrf, session.c.seen_at, account)
        .join(account, account.c.id == session.c.account)
        .where(
            session.c.hash == hashed(secret),
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
    return SignedIn(Account(row.id, row.email, row.name, row.language), "", row.csrf)


def end(connection: Connection, secret: str) -> None:
    """End the session of a secret, if there is one."""
    connection.execute(delete(session).where(session.c.hash == hashed(secret)))


def barred(connection: Connection, email: str, address: str) -> bool:
    """Tell whether too many wrong passwords were given lately for or from here."""
    since = datetime.now(UTC) - WINDOW
    for_email, from_address = connection.execute(
        select(
            func.count().filter(attempt.c.email == email.lower()),
            func.count().filter(attempt.c.address == address),
        ).where(
            attempt.c.at > since,
            or_(attempt.c.email == email.lower(), attempt.c.address == address),
        )
    ).one()
    return bool(for_email >= PER_EMAIL or from_address >= PER_ADDRESS)


def note_failure(connection: Connection, email: str, address: str) -> None:
    """Remember a wrong password, and forget those too old to count."""
    connection.execute(delete(attempt).where(attempt.c.at < datetime.now(UTC) - WINDOW))
    connection.execute(insert(attempt).values(email=email.lower(), address=address))


def forget_failures(connection: Connection, email: str) -> None:
    """Start counting anew for somebody who gave the right password."""
    connection.execute(delete(attempt).where(attempt.c.email == email.lower()))
