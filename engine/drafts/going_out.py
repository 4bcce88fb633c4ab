"""What was looked at is published: its scenarios are played, then it is made live."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from engine.context import Context, Tenant
from engine.database import Database
from engine.drafts.draft import Draft, drop_published
from engine.errors import DraftUndecided, ModelChanged
from engine.publish import Proposal, Publisher
from engine.requests import settle
from engine.scenarios.results import Tally
from engine.schema.apply import Progress
from engine.schema.revisions import Author, Document
from engine.store import Published


class Rehearsing(Protocol):
    """What plays scenarios before a publish."""

    def require(
        self,
        tenant: Tenant,
        proposal: Proposal,
        *,
        despite: bool = False,
        tally: Tally | None = None,
    ) -> Proposal:
        """Return the proposal to publish; raise `ScenariosRed` where one fails that did not."""
        ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A draft that may be published, and what that would do."""

    draft: Draft
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Terms:
    """How something is published: what is said of it, and what does not stop it."""

    message: str = ""
    allow_loss: bool = False
    despite_red: bool = False


@dataclass(frozen=True, slots=True)
class Watching:
    """Who is told how far a publish is: of scenarios that are played, then of steps."""

    tests: Tally | None = None
    steps: Progress | None = None


UNWATCHED = Watching()


@dataclass(frozen=True, slots=True)
class GoingOut:
    """Publishes what people looked at.

    Without a rehearsal no scenarios are played.
    """

    database: Database
    publisher: Publisher
    rehearsal: Rehearsing | None = None

    def ready(
        self, ctx: Context, draft: Draft, documents: tuple[Document, ...], over: int
    ) -> Ready:
        """Return a draft as it would be published over revision `over`.

        Raises `DraftUndecided`, and `ModelChanged` where others published since.
        """
        if draft.questions:
            raise DraftUndecided(name=draft.name, count=len(draft.questions))
        proposal = self.publisher.propose(ctx.tenant, documents)
        if proposal.over != over:
            raise ModelChanged(tenant=ctx.tenant.name)
        return Ready(draft, proposal)

    def publish(
        self, ctx: Context, ready: Ready, terms: Terms, watching: Watching = UNWATCHED
    ) -> int:
        """Publish a draft, which is gone afterwards; return the new revision."""
        titled = replace(terms, message=terms.message or ready.draft.title)
        published = self.release(ctx, ready.proposal, titled, watching)
        after = replace(ctx, compiled=published.compiled, revision=published.revision)
        return self._cleared(after, ready.draft)

    def release(
        self, ctx: Context, proposal: Proposal, terms: Terms, watching: Watching = UNWATCHED
    ) -> Published:
        """Play the scenarios that a proposal can touch, and publish it in the person's name.

        Raises `ScenariosRed`, and what `Publisher.publish` raises.
        """
        if self.rehearsal is not None:
            proposal = self.rehearsal.require(
                ctx.tenant, proposal, despite=terms.despite_red, tally=watching.tests
            )
        return self.publisher.publish(
            ctx.tenant,
            proposal,
            author=Author(ctx.actor.name, ctx.actor.user, ctx.origin),
            message=terms.message,
            allow_loss=terms.allow_loss,
            progress=watching.steps,
        )

    def _cleared(self, ctx: Context, draft: Draft) -> int:
        """Take a draft away that was published as the revision of `ctx`, which is returned."""

        def unit(connection: Connection) -> int:
            drop_published(connection, ctx, draft)
            settle(ctx, connection, ctx.revision)
            return ctx.revision

        try:
            return self.database.unit(ctx, unit)
        except ModelChanged:  # somebody else published in between: it says nothing new by now
            return ctx.revision
