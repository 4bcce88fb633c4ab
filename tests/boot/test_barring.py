"""Nobody is barred from an installation whom a tenant cannot do without, unless on purpose."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from boot.cli.barring import require_others
from boot.errors import BootError
from boot.wiring import House
from engine.context import Context
from engine.tenants.members import enrol
from tests.conftest import TenantMaker

APP = "{app: {name: jobs, label: Jobs}}"


def member(house: House, ctx: Context, *roles: str) -> UUID:
    email = f"{uuid4().hex[:12]}@example.com"
    account = house.accounts.create(email, name="Ada", password=None, language="")
    enrol(house.accounts, house.writer, ctx, account, roles=roles)
    return account.id


def test_the_last_who_can_administer_a_tenant_is_kept(
    furnished: House, tenant_of: TenantMaker
) -> None:
    """A-09."""
    ctx = tenant_of(APP)
    last, other = (member(furnished, ctx, "administrator") for _ in range(2))
    require_others(furnished, last)

    furnished.accounts.set_active(other, active=False)

    with pytest.raises(BootError, match=f"Nobody else can administer {ctx.tenant.name}"):
        require_others(furnished, last)
    require_others(furnished, member(furnished, ctx))
