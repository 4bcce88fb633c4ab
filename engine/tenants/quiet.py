"""Whether a tenant writes to people and programs outside: a copy does not until it is let."""

from __future__ import annotations

from sqlalchemy import update

from engine.accounts.ledger import Ledger
from engine.audit.event import PersonEvent
from engine.context import NOWHERE, Origin
from engine.tenants.errors import TenantUnknown
from engine.tenants.identity import Account
from engine.tenants.tables import tenant


def keep_quiet(
    ledger: Ledger, name: str, *, quiet: bool, origin: Origin = NOWHERE, by: Account | None = None
) -> None:
    """Keep a tenant from writing to anybody, or let it; `by` says so.

    What was held back meanwhile stays so: each message can be sent again by hand.
    """
    who, email = (by.id, by.email) if by is not None else (None, "")
    with ledger.change() as connection:
        chosen = tenant.c.name == name
        done = connection.execute(update(tenant).where(chosen).values(quiet=quiet))
        if not done.rowcount:
            raise TenantUnknown(f"There is no tenant {name!r}.", tenant=name)
        event = PersonEvent("tenant_changed", who, email, name, origin, {"quiet": quiet})
        ledger.log.within(connection, event)
