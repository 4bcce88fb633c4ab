"""API tokens: made for one person in one tenant, shown once, stored as a hash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from engine.accounts.ledger import Ledger
from engine.context import NOWHERE, Origin
from engine.database import Database
from engine.tenants.errors import TenantError
from engine.tenants.identity import Account, Bearer
from engine.tenants.sessions import hashed
from engine.tenants.tables import account, membership, tenant, token

PREFIX = "jn_"
"""What every token starts with, so that a leaked one is recognised."""

RIGHTS = ("create", "read", "update", "delete", "export", "import")

LONGEST_LABEL = 120

CALENDAR = "calendar"
"""The scope of an address that calendars are subscribed at, which opens nothing else."""

_SCOPE = re.compile(rf"all|read|calendar|[a-z][a-z0-9_]*:(?:{'|'.join(RIGHTS)})")
_NOTICE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new token is for, and until when it works; None: until it is taken away."""

    label: str = ""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as its owner sees it later: its beginning, what it may, when it was used last."""

    id: UUID
    start: str
    tenant: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None
    email: str


PLAIN = Terms()
"""A token without a label that works until it is taken away."""


def issue(
    ledger: Ledger,
    tenant_name: str,
    owner: UUID,
    scopes: Sequence[str],
    *,
    terms: Terms = PLAIN,
    origin: Origin = NOWHERE,
) -> str:
    """Make a token for a member of a tenant and return it; nobody can read it later.

    Raises `TenantError` where a scope means nothing, the end is past, or they are no member.
    """
    _require_scopes(scopes)
    if terms.ends_at is not None and terms.ends_at <= datetime.now(UTC):
        raise TenantError(f"A token that ends at {terms.ends_at:%Y-%m-%d %H:%M} would never work.")
    made = PREFIX + token_urlsafe(32)
    with ledger.change() as connection:
        _require_member(connection, tenant_name, owner)
        connection.execute(
            insert(token).values(
                hash=hashed(made),
                start=made[: len(PREFIX) + 6],
                tenant=tenant_name,
                account=owner,
                label=terms.label[:LONGEST_LABEL],
                scopes=list(scopes),
                ends_at=terms.ends_at,
            )
        )
        told: dict[str, Any] = {"start": made[: len(PREFIX) + 6], "scopes": list(scopes)}
        ledger.tell(connection, "token_issued", owner, origin, tenant=tenant_name, **told)
    return made


def issued(
    database: Database, *, owner: UUID | None = None, tenant_name: str = ""
) -> tuple[IssuedToken, ...]:
    """Return the tokens of a person, of a tenant, or of a person there, the newest first."""
    query = (
        select(
            token.c.id,
            token.c.start,
            token.c.tenant,
            token.c.label,
            token.c.scopes,
            token.c.created_at,
            token.c.used_at,
            token.c.ends_at,
            account.c.email,
        )
        .join(account, account.c.id == token.c.account)
        .order_by(token.c.created_at.desc(), token.c.id)
    )
    if owner is not None:
        query = query.where(token.c.account == owner)
    if tenant_name:
        query = query.where(token.c.tenant == tenant_name)
    with database.registry() as connection:
        rows = connection.execute(query).all()
    return tuple(IssuedToken(*row[:4], tuple(row.scopes), *row[5:]) for row in rows)


def revoke(
    ledger: Ledger,
    *,
    which: UUID | None = None,
    start: str = "",
    owner: UUID | None = None,
    tenant_name: str = "",
    origin: Origin = NOWHERE,
) -> int:
    """End tokens at once, by id or by their first characters; return how many there were."""
    if which is None and len(start) < len(PREFIX) + 1:
        raise TenantError("Name a token by its first characters, as the list shows them.")
    gone = delete(token).where(token.c.id == which if which is not None else token.c.start == start)
    if owner is not None:
        gone = gone.where(token.c.account == owner)
    if tenant_name:
        gone = gone.where(token.c.tenant == tenant_name)
    with ledger.change() as connection:
        ended = connection.execute(
            gone.returning(token.c.account, token.c.tenant, token.c.start)
        ).all()
        for each in ended:
            ledger.tell(
                connection,
                "token_revoked",
                each.account,
                origin,
                tenant=each.tenant,
                start=each.start,
            )
    return len(ended)


def recognise(connection: Connection, given: str) -> Bearer | None:
    """Return what a token stands for, if it is live and its owner still a member."""
    if not given.startswith(PREFIX):
        return None
    now = datetime.now(UTC)
    row = connection.execute(
        select(token.c.tenant, token.c.scopes, token.c.used_at, token.c.start, account)
        .join(account, account.c.id == token.c.account)
        .join(tenant, tenant.c.name == token.c.tenant)
        .join(
            membership,
            and_(membership.c.tenant == token.c.tenant, membership.c.account == account.c.id),
        )
        .where(
            token.c.hash == hashed(given),
            or_(token.c.ends_at.is_(None), token.c.ends_at > now),
            account.c.active,
            tenant.c.state == "live",
        )
    ).one_or_none()
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - _NOTICE:
        connection.execute(update(token).where(token.c.hash == hashed(given)).values(used_at=now))
    who = Account(row.id, row.email, row.name, row.language)
    return Bearer(who, row.tenant, frozenset(row.scopes), row.start)


def _require_scopes(scopes: Sequence[str]) -> None:
    wrong = [each for each in scopes if not _SCOPE.fullmatch(each)]
    if wrong or not scopes:
        raise TenantError(
            f"A token's scopes are `all`, `read` or ENTITY:RIGHT with a right of "
            f"{', '.join(RIGHTS)}; found {', '.join(wrong) or 'none'}."
        )


def _require_member(connection: Connection, tenant_name: str, owner: UUID) -> None:
    found = connection.execute(
        select(membership.c.user).where(
            membership.c.tenant == tenant_name, membership.c.account == owner
        )
    ).first()
    if found is None:
        raise TenantError(f"Only members of the tenant {tenant_name!r} have tokens there.")
