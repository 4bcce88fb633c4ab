"""The demo tenant: a year of seven persons' work, made once."""

from __future__ import annotations

from collections.abc import Callable

from boot.demo import PERSONS, fill
from boot.demo.desks import Desks
from boot.demo.sharing import share
from boot.tenancy import Wanted, make_tenant
from boot.wiring import House
from engine.context import Context
from engine.tenants.errors import TenantUnknown

TEMPLATE = "crm"


def demo_is_there(house: House, name: str) -> bool:
    """Tell whether the demo tenant was made whole; a half-made one is taken away."""
    try:
        record = house.registry.get(name)
    except TenantUnknown:
        return False
    if record.state != "making":
        return True
    house.provisioning.delete(name)
    return False


def make_demo(house: House, name: str, *, progress: Callable[[float], None]) -> None:
    """Make the demo tenant with its data; `progress` hears the part that is done, to 1."""
    ctx = make_tenant(house, Wanted(name=name, template=TEMPLATE))
    fill_demo(house, ctx, progress=progress)


def fill_demo(house: House, ctx: Context, *, progress: Callable[[float], None]) -> None:
    """Fill a new tenant with the demo's people and records, and let the people sign in."""
    # Until its data is whole it counts as being made: a kill leaves no half demo behind.
    house.registry.set_state(ctx.tenant.name, "making")
    filled = fill(ctx, reader=house.reader, writer=house.writer, progress=progress)
    share(ctx, filled.users, reader=house.reader, writer=house.writer, shares=house.services.shares)
    approvals = house.services.approvals
    Desks(ctx, filled.users, house.reader, house.writer, approvals).lay_out()
    for person in PERSONS:
        account = house.accounts.by_email(person.email) or house.accounts.create(
            person.email, name=person.name, password=person.password
        )
        house.accounts.join(account.id, ctx.tenant.name, user=filled.users[person.email])
    house.registry.set_state(ctx.tenant.name, "live")
