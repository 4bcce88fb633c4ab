"""Rehearsing a change: its scenarios are played on a throw-away copy before it is published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.context import Tenant
from engine.database import Database
from engine.errors import ScenariosRed
from engine.publish import Proposal, Publisher
from engine.scenarios.results import ScenarioResult, Tally
from engine.scenarios.stage import STAGE, Doors, rehearse, staged
from engine.scenarios.touched import tests_of
from engine.schema.revisions import Document
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry

ABANDONED = timedelta(hours=6)
"""After this a copy that is still there belongs to a process that was ended on the way."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Plays the scenarios that a change can touch, outside of the publish and before it."""

    database: Database
    publisher: Publisher
    provisioning: Provisioning
    registry: TenantRegistry
    doors: Doors

    def play(
        self, tenant: Tenant, proposal: Proposal, tally: Tally | None = None
    ) -> tuple[ScenarioResult, ...]:
        """Return what becomes of the scenarios that the change can touch; without any, nothing.

        What fails on the published model already is not the change's doing, and left out; the
        `tally` counts what is played on it, too.
        """
        old = proposal.old.model
        names = tests_of(old, proposal.new.model)
        if not names:
            return ()
        tell = tally or _unheard
        tell(0, len(names))
        played = []
        for each in self._played(proposal.documents, names):
            played.append(each)
            tell(len(played), len(names))
        red = {each.name for each in played if not each.passed} & old.scenarios.keys()
        if not red:
            return tuple(played)
        known, all_ = set(), len(names) + len(red)
        before = self.publisher.documents(tenant, proposal.over)
        for count, each in enumerate(self._played(before, red), len(names) + 1):
            known |= set() if each.passed else {each.name}
            tell(count, all_)
        return tuple(each for each in played if each.name not in known)

    def require(
        self,
        tenant: Tenant,
        proposal: Proposal,
        *,
        despite: bool = False,
        tally: Tally | None = None,
    ) -> Proposal:
        """Return a proposal that may be published; raise `ScenariosRed` where one fails.

        With `despite` the red ones go along by name, for the audit log.
        """
        red = tuple(each for each in self.play(tenant, proposal, tally) if not each.passed)
        if red and not despite:
            raise ScenariosRed(red)
        return replace(proposal, red=tuple(each.name for each in red))

    def clear(self) -> int:
        """Take away copies that an ended process left behind; return how many."""
        before = datetime.now(UTC) - ABANDONED
        left = [
            each.tenant.name
            for each in self.registry.all()
            if each.tenant.name.startswith(STAGE) and each.created_at < before
        ]
        for name in left:
            self.provisioning.delete(name)
        return len(left)

    def _played(
        self, documents: Sequence[Document], names: Collection[str]
    ) -> Iterator[ScenarioResult]:
        with staged(self.database, self.provisioning, documents, self.doors) as stage:
            yield from rehearse(stage, only=lambda scenario: scenario.name in names)


def _unheard(played: int, of: int) -> None:
    """Tell nobody."""
