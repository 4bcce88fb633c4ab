"""Bringing tenants up to date with the engine's own tables of this version of the product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boot.wiring import House
from engine.schema.revisions import Author
from engine.tenants.registry import TenantRecord
from metamodel import builtin_digest

AUTHOR = Author("joinery migrate")

MESSAGE = "The engine's own tables, as this version needs them"


def migrate(house: House, records: Sequence[TenantRecord]) -> Iterator[tuple[str, bool]]:
    """Publish each tenant's documents again over the present built-in layer.

    Yields each name, and whether anything was changed. What a tenant said stays as it is.
    """
    for record in records:
        place = record.tenant
        proposal = house.publisher.propose(place, house.publisher.documents(place))
        if proposal.plan.steps:
            house.publisher.publish(place, proposal, author=AUTHOR, message=MESSAGE)
        house.registry.set_builtin(place.name, builtin_digest())
        yield place.name, bool(proposal.plan.steps)


def migrate_behind(house: House) -> None:
    """Bring every tenant up to date that another version of the product made."""
    for _ in migrate(house, house.registry.behind(builtin_digest())):
        pass
