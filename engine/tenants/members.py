"""Making an account a person of a tenant: a row of its own there, and a membership."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from engine.context import Context
from engine.doors import Writer
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account


def enrol(
    accounts: Accounts, writer: Writer, ctx: Context, account: Account, *, roles: Sequence[str]
) -> UUID:
    """Enter a person in the context's tenant; return the id of their row there."""
    payload = {
        "name": account.name,
        "email": account.email,
        "roles": list(roles),
        "active": True,
    }
    user = writer.create(ctx, "user", [payload]).ids[0]
    accounts.join(account.id, ctx.tenant.name, user=user)
    return user
