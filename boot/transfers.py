"""Building what copies, moves, keeps and deletes whole tenants."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from boot.wiring import House
from engine.audit.event import PersonEvent
from engine.backfill import Backfill
from engine.context import Cause, Context
from engine.transfer.backup import Backups
from engine.transfer.cloning import Cloning
from engine.transfer.farewell import Farewell
from engine.transfer.moving import Moving
from engine.transfer.restore import Restoring
from engine.transfer.work import Works


@dataclass(frozen=True, slots=True)
class Transfers:
    """The use cases that take a tenant as a whole."""

    cloning: Cloning
    moving: Moving
    backups: Backups
    restoring: Restoring
    farewell: Farewell


def transfers(house: House) -> Transfers:
    """Build them on the services of a house."""
    database, registry, provisioning = house.database, house.registry, house.provisioning
    works = Works(database)

    def system(tenant: str) -> Context:
        return house.contexts.system(tenant, cause=Cause("job"))

    def account_of(email: str, name: str, language: str) -> UUID:
        known = house.accounts.by_email(email)
        return (known or house.accounts.create(email, name=name, language=language)).id

    def told(tenant: str, state: str) -> None:
        house.doors.note(PersonEvent("tenant_changed", tenant=tenant, detail={"state": state}))

    return Transfers(
        cloning=Cloning(
            database, house.store, registry, provisioning, works, house.storage,
            Backfill(house.vault), system, house.publisher.mend,
        ),
        moving=Moving(database, registry, provisioning, works, house.databases.address),
        backups=Backups(
            database, registry, house.storage, house.vault, house.master_key, house.publisher.mend
        ),
        restoring=Restoring(
            database, house.store, registry, provisioning, works, house.storage, house.vault,
            house.master_key, account_of,
        ),
        farewell=Farewell(registry, provisioning, house.storage, told),
    )  # fmt: skip
