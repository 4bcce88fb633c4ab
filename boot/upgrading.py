"""Building what upgrades tenants, and doing it to many, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boot.wiring import House
from engine.context import Cause
from engine.drafts.kept_upgrades import KeptUpgrades
from engine.errors import EngineError
from engine.schema.revisions import Document
from engine.upgrading import Outcome, Upgrades, Wanted
from engine.upgrading.ground import stands_on


def upgrades(house: House) -> Upgrades:
    """Build the use case on the services of a house."""
    kept = KeptUpgrades(house.database)
    return Upgrades(house.publisher, house.rehearsal, house.registry, kept)


def upgrade_all(house: House, names: Sequence[str], wanted: Wanted) -> Iterator[Outcome]:
    """Upgrade tenants by name, and yield what became of each; one that fails stops no other."""
    service = upgrades(house)
    service.rehearsal.clear()
    for name in names:
        try:
            ctx = house.contexts.system(name, cause=Cause("cli"))
        except EngineError as error:
            yield Outcome(name, "failed", error=error.code)
        else:
            yield service.run(ctx, wanted)


def standing_on(house: House, template: Sequence[Document]) -> tuple[str, ...]:
    """Return the names of the live tenants that stand on a template, in any version."""
    return tuple(
        record.tenant.name
        for record in house.registry.all()
        if record.state == "live" and stands_on(house.publisher.documents(record.tenant), template)
    )
