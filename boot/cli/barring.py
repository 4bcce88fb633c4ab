"""Who would be left to administer a tenant when somebody is barred from the installation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from boot.errors import BootError
from boot.wiring import House
from engine.access.standing import administrators
from engine.context import Cause
from engine.tenants.tables import account, membership


def require_others(built: House, who: UUID) -> None:
    """Raise `BootError` where an account is the last that administers one of its tenants."""
    alone = [name for name in built.accounts.tenants_of(who) if _alone(built, name, who)]
    if alone:
        raise BootError(
            f"Nobody else can administer {', '.join(alone)}. Give somebody there the role of "
            "administrator first, or bar them all the same with --anyway."
        )


def _alone(built: House, tenant: str, who: UUID) -> bool:
    ctx = built.contexts.system(tenant, cause=Cause("cli"))
    with built.database.reading(ctx) as connection:
        held = administrators(connection, ctx.compiled)
    able = (
        select(membership.c.account)
        .join(account, account.c.id == membership.c.account)
        .where(membership.c.tenant == tenant, membership.c.user.in_(held), account.c.active)
    )
    with built.database.registry() as connection:
        return set(connection.execute(able).scalars()) == {who}
