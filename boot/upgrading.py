"""Building what upgrades tenants, and doing it to many, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from logging import getLogger

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from boot.wiring import House
from engine.context import Cause, Tenant
from engine.drafts.kept_upgrades import KeptUpgrades
from engine.errors import EngineError
from engine.schema.revisions import Document
from engine.upgrading import Outcome, Upgrades, Wanted
from engine.upgrading.ground import stands_on

logger = getLogger(__name__)

DATABASE = (psycopg.Error, SQLAlchemyError)
"""What is raised where a tenant's tables cannot be read or written."""


def upgrades(house: House) -> Upgrades:
    """Build the use case on the services of a house."""
    kept = KeptUpgrades(house.database)
    return Upgrades(house.publisher, house.rehearsal, kept)


def upgrade_all(house: House, names: Sequence[str], wanted: Wanted) -> Iterator[Outcome]:
    """Upgrade tenants by name, and yield what became of each; one that fails stops no other."""
    service = upgrades(house)
    service.rehearsal.clear()
    for name in names:
        try:
            yield service.run(house.contexts.system(name, cause=Cause("cli")), wanted)
        except EngineError as error:
            yield Outcome(name, "failed", error=error.code)
        except DATABASE:
            logger.exception("upgrade failed", extra={"tenant": name})
            yield Outcome(name, "failed", error="broken")


def standing_on(house: House, template: Sequence[Document]) -> tuple[str, ...]:
    """Return the names of the live tenants that stand on a template, in any version.

    One whose tables cannot be read is among them: its upgrade says that it failed.
    """
    live = (each.tenant for each in house.registry.all() if each.state == "live")
    return tuple(each.name for each in live if _may_stand_on(house, each, template))


def _may_stand_on(house: House, tenant: Tenant, template: Sequence[Document]) -> bool:
    try:
        return stands_on(house.publisher.documents(tenant), template)
    except (EngineError, *DATABASE):
        return True
