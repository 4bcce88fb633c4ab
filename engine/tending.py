"""Looks again and again for publishes whose process died, and finishes or undoes them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.context import Tenant
from engine.errors import PublishRunning
from engine.publish import Publisher
from engine.walking import one_by_one

TEND = "tend_publishes"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TendPublishes:
    """Mends what was left in every tenant; a `jobs.Recurring`."""

    publisher: Publisher
    tenants: Callable[[], Sequence[Tenant]]

    @property
    def cron(self) -> str:
        return "*/10 * * * *"

    def tick(self, at: datetime) -> None:
        """Mend where something was left; a tenant that cannot be reached keeps nobody waiting."""
        complain = (_LOG, "Publishes were not tended")
        one_by_one(self.tenants(), lambda tenant: tenant.name, self._tend, complain)

    def _tend(self, tenant: Tenant) -> None:
        # One that somebody works on is none of ours.
        with suppress(PublishRunning):
            if not any(each.alive for each in self.publisher.publications(tenant)):
                self.publisher.mend(tenant)
