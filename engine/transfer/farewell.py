"""Letting a tenant go: closed at once, deleted for good when its days of grace are over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.files.storage import Storage
from engine.tenants.errors import TenantError
from engine.tenants.provision import Provisioning
from engine.tenants.registry import State, TenantRegistry
from engine.walking import one_by_one

GRACE = timedelta(days=30)
"""How long a tenant can be taken back after it was deleted."""

PURGE = "purge"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Farewell:
    """Deletes tenants, later or now; also a `jobs.Recurring` that deletes those that are due."""

    registry: TenantRegistry
    provisioning: Provisioning
    storage: Storage
    told: Callable[[str, str], None]

    @property
    def cron(self) -> str:
        return "17 * * * *"

    def tick(self, at: datetime) -> None:
        """Delete every tenant whose days of grace are over."""
        due = [
            record.tenant.name
            for record in self.registry.all()
            if record.state == "leaving" and record.leaving_at and record.leaving_at <= at
        ]
        one_by_one(due, str, self.at_once, (_LOG, "What was deleted is still there"))

    def later(self, name: str, *, grace: timedelta = GRACE) -> datetime:
        """Close a tenant, and return when it goes for good."""
        when = datetime.now(UTC) + grace
        self.registry.set_leaving(name, when)
        self.told(name, "leaving")
        return when

    def back(self, name: str) -> State:
        """Make a tenant that was to go what it was before; raise `TenantError` for any other."""
        if self.registry.get(name).state != "leaving":
            raise TenantError(f"The tenant {name!r} is not about to be deleted.", tenant=name)
        was = self.registry.take_back(name)
        self.told(name, was)
        return was

    def at_once(self, name: str) -> None:
        """Delete a tenant for good: records, files, people's membership; begun again, go on."""
        place = self.registry.get(name).tenant
        self.registry.set_leaving(name, datetime.now(UTC))
        self.storage.remove_all(place)
        self.told(name, "deleted")
        self.provisioning.delete(name)
