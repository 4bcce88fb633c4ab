"""API tokens: made for one person in one tenant, shown once, stored as a hash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import Connection, and_, insert, or_, select, update

from engine.database import Database
from engine.tenants.errors import TenantError
from engine.tenants.identity import Account, Bearer
from engine.tenants.sessions import hashed
from engine.tenants.tables import account, membership, tenant, token

PREFIX = "jn_"
"""What every token starts with, so that a leaked one is recognised."""

RIGHTS = ("create", "read", "update", "delete", "export", "import")

_SCOPE = re.compile(rf"all|read|[a-z][a-z0-9_]*:(?:{'|'.join(RIGHTS)})")
_NOTICE = timedelta(minutes=5)


def issue(
    database: Database, tenant_name: str, owner: UUID, scopes: Sequence[str], *, label: str = ""
) -> str:
    """Make a token for a member of a tenant and return it; nobody can read it later."""
    wrong = [each for each in scopes if not _SCOPE.fullmatch(each)]
    if wrong or not scopes:
        raise TenantError(
            f"A token's scopes are `all`, `read` or ENTITY:RIGHT with a right of "
            f"{', '.join(RIGHTS)}; found {', '.join(wrong) or 'none'}."
        )
    made = PREFIX + token_urlsafe(32)
    with database.registry() as connection:
        connection.execute(
            insert(token).values(
                hash=hashed(made),
                start=made[: len(PREFIX) + 6],
                tenant=tenant_name,
                account=owner,
                label=label,
                scopes=list(scopes),
            )
        )
    return made


def recognise(connection: Connection, given: str) -> Bearer | None:
    """Return what a token stands for, if it is live and its owner still a member."""
    if not given.startswith(PREFIX):
        return None
    now = datetime.now(UTC)
    row = connection.execute(
        select(token.c.tenant, token.c.scopes, token.c.used_at, account)
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
    return Bearer(who, row.tenant, frozenset(row.scopes))
