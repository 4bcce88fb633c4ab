"""Which people of a tenant give two proofs of who they are: those of some roles, or everybody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from engine.accounts.ledger import Ledger
from engine.audit.event import PersonEvent
from engine.context import NOWHERE, Origin
from engine.tenants.errors import TenantUnknown
from engine.tenants.identity import Account
from engine.tenants.tables import tenant

EVERYBODY = "*"


def asked_of(ledger: Ledger, name: str) -> tuple[str, ...]:
    """Return the roles whose people a tenant asks for two proofs; `EVERYBODY` for all."""
    with ledger.database.registry() as connection:
        found = select(tenant.c.second_factor).where(tenant.c.name == name)
        roles = connection.execute(found).scalar()
    if roles is None:
        raise TenantUnknown(f"There is no tenant {name!r}.", tenant=name)
    return tuple(roles)


def ask(
    ledger: Ledger,
    name: str,
    roles: Sequence[str],
    origin: Origin = NOWHERE,
    by: Account | None = None,
) -> None:
    """Ask people of these roles for two proofs from now on, and nobody else; `by` says so."""
    before = asked_of(ledger, name)
    wanted = [EVERYBODY] if EVERYBODY in roles else sorted(set(roles))
    who, email = (by.id, by.email) if by is not None else (None, "")
    detail = {"what": "second factor", "before": list(before), "after": wanted}
    with ledger.change() as connection:
        chosen = tenant.c.name == name
        connection.execute(update(tenant).where(chosen).values(second_factor=wanted))
        event = PersonEvent("tenant_changed", who, email, name, origin, detail)
        ledger.log.within(connection, event)
