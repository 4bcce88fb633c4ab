"""Rehearsing a change: its scenarios are played on a throw-away copy before it is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.context import NO_RINGS, Rings, Tenant
from engine.database import Database
from engine.doors import Reader, Writer
from engine.errors import ScenariosRed
from engine.publish import Proposal, Publisher
from engine.scenarios.results import ScenarioResult
from engine.scenarios.stage import STAGE, rehearse, staged
from engine.scenarios.touched import touched_by
from engine.schema.revisions import Document
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRegistry
from metamodel.stories import Scenario

ABANDONED = timedelta(hours=6)
"""After this a copy that is still there belongs to a process that was ended on the way."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Plays the scenarios that a change can touch, outside of the publish and before it."""

    database: Database
    publisher: Publisher
    provisioning: Provisioning
    registry: TenantRegistry
    reader: Reader
    writer: Writer
    rings: Rings = NO_RINGS

    def play(self, tenant: Tenant, proposal: Proposal) -> tuple[ScenarioResult, ...]:
        """Return what becomes of the scenarios that the change can touch; without any, nothing.

        What fails on the published model already is not the change's doing, and left out.
        """
        model = proposal.new.model
        touches = touched_by(proposal.old.model, model)
        if not any(touches(each) for each in model.scenarios.values()):
            return ()
        played = self._played(proposal.documents, touches)
        red = {
            each.name for each in played if not each.passed
        } & proposal.old.model.scenarios.keys()
        if not red:
            return played
        before = self.publisher.documents(tenant, proposal.over)
        earlier = self._played(before, lambda scenario: scenario.name in red)
        known = {each.name for each in earlier if not each.passed}
        return tuple(each for each in played if each.name not in known)

    def require(self, tenant: Tenant, proposal: Proposal, *, despite: bool = False) -> Proposal:
        """Return a proposal that may be published; raise `ScenariosRed` where one fails.

        With `despite` the red ones go along by name, for the audit log.
        """
        red = tuple(each for each in self.play(tenant, proposal) if not each.passed)
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
        self, documents: Sequence[Document], touches: Callable[[Scenario], bool]
    ) -> tuple[ScenarioResult, ...]:
        with staged(
            self.database,
            self.provisioning,
            documents,
            reader=self.reader,
            writer=self.writer,
            rings=self.rings,
        ) as stage:
            return tuple(rehearse(stage, only=touches))
