"""Publishing a draft or going back: at once where that is short, else by a worker."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from engine.access.grants import require_everything
from engine.context import Context
from engine.database import Database
from engine.drafts import Drafts
from engine.drafts.going_out import UNWATCHED, Ready, Watching
from engine.drafts.layers import own_document
from engine.drafts.service import looked_at
from engine.errors import DraftChanged, ModelChanged, NotFound, PublishRunning
from engine.going_live.length import is_long
from engine.going_live.underway import Underway, underway
from engine.going_live.wanted import Ordered, Wanted, digests_of
from engine.jobs import defer, has_workers, newest_of, state_of
from engine.publish import Proposal, Publisher, refuse
from engine.requests import claim, settle
from engine.versions import Versions

TASK = "go_live"


class GoingLive:
    """Publishes what administrators looked at, and says how far workers are with it."""

    def __init__(
        self, database: Database, publisher: Publisher, drafts: Drafts, versions: Versions
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._drafts = drafts
        self._versions = versions

    def publish(
        self, ctx: Context, wanted: Wanted, account: UUID, *, wait: bool = False
    ) -> int | Underway:
        """Publish at once and return the new revision, or have a worker do what takes long.

        With `wait`, or where no worker is there, it is done at once however long it takes.
        Raises what `Drafts.publish` and `Versions.go_back` raise; what only shows later is told
        by `state`.
        """
        ready, proposal = self._looked_at(ctx, wanted)
        is_short = not is_long(proposal)
        if wait or is_short or not self.is_attended(ctx):
            return self._publish(ctx, wanted, ready, proposal)
        refuse(proposal.plan, allow_loss=wanted.terms.allow_loss)
        newest = self.newest(ctx)
        if newest is not None and not newest.is_over:
            raise PublishRunning(tenant=ctx.tenant.name)
        version = ready.draft.version if ready is not None else 0
        digests = digests_of(proposal.documents)
        order = Ordered(wanted, account, ctx.language, version, digests)
        return self._database.unit(ctx, partial(self._defer, ctx, order))

    def state(self, ctx: Context, number: int) -> Underway:
        """Return how far a worker is with a publish; raises `NotFound`."""
        require_everything(ctx)
        found = state_of(self._database, ctx.tenant, number)
        if found is None or found.task != TASK:
            raise NotFound(publication=number)
        return underway(found)

    def newest(self, ctx: Context) -> Underway | None:
        """Return the publish that was last given to a worker, None where there is none."""
        require_everything(ctx)
        found = newest_of(self._database, ctx.tenant, TASK)
        return None if found is None else underway(found)

    def is_attended(self, ctx: Context) -> bool:
        """Return whether there are workers who would publish now."""
        return has_workers(self._database, ctx.tenant)

    def run(self, ctx: Context, order: Ordered, watching: Watching = UNWATCHED) -> int:
        """Publish what was ordered, unless that is published by now; return the revision.

        What a worker left that died is finished or undone first. Raises as `publish` does, and
        `DraftChanged` where the draft is another by now.
        """
        done = self._finished(ctx, order)
        if done:
            return done
        ready, proposal = self._looked_at(ctx, order.wanted)
        if digests_of(proposal.documents) != order.digests:
            raise DraftChanged(name=order.wanted.draft)
        return self._publish(ctx, order.wanted, ready, proposal, watching)

    def _defer(self, ctx: Context, order: Ordered, connection: Connection) -> Underway:
        """Keep an order; one that waits already is not joined by another."""
        claim(ctx, connection)
        number = defer(connection, TASK, order.payload(), queue="bulk", only_one=TASK)
        if number is None:
            raise PublishRunning(tenant=ctx.tenant.name)
        wanted = order.wanted
        kept = Underway(number, "waiting", wanted.draft, order.version, wanted.back)
        settle(ctx, connection, kept)
        return kept

    def _looked_at(self, ctx: Context, wanted: Wanted) -> tuple[Ready | None, Proposal]:
        """Return what would be published, and for a draft the draft."""
        if wanted.draft:
            ready = looked_at(self._drafts, ctx, wanted.draft, wanted.over)
            return ready, ready.proposal
        proposal = self._versions.back(ctx, wanted.back)
        if proposal.over != wanted.over:
            raise ModelChanged(tenant=ctx.tenant.name)
        return None, proposal

    def _publish(
        self,
        ctx: Context,
        wanted: Wanted,
        ready: Ready | None,
        proposal: Proposal,
        watching: Watching = UNWATCHED,
    ) -> int:
        if ready is not None:
            return self._drafts.going_out.publish(ctx, ready, wanted.terms, watching)
        return self._versions.publish(ctx, proposal, wanted.terms, watching)

    def _finished(self, ctx: Context, order: Ordered) -> int:
        """Return the revision that an order became whose worker died before it said so, or 0."""
        number = order.wanted.over + 1
        for each in self._publisher.revisions(ctx.tenant):
            if each.number == number and each.documents == order.digests:
                break
        else:
            return 0
        self._publisher.mend(ctx.tenant)
        if order.wanted.draft:
            self._drop_published(ctx, order.wanted.draft)
        return number

    def _drop_published(self, ctx: Context, name: str) -> None:
        """Throw a draft away that says what is published; one that says more stays."""
        try:
            draft = self._drafts.open(ctx, name)
        except NotFound:
            return
        published = self._publisher.documents(ctx.tenant, draft.over)[-1]
        if own_document(draft.layer) == own_document(published.text):
            self._drafts.discard(ctx, name)
