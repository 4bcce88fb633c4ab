"""Versions of a tenant's application: what each one was, and going back to one.

Going back publishes an earlier version anew, with a plan of its own: nothing is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.access.grants import require_everything
from engine.compiled import CompiledModel
from engine.context import Context
from engine.drafts.going_out import UNWATCHED, GoingOut, Terms, Watching
from engine.planning import report
from engine.planning.rows import rows_csv
from engine.publish import Proposal
from engine.schema.revisions import Revision
from engine.schema.running import Publication
from engine.store import ModelStore


class Versions:
    """Reads a tenant's versions and goes back to them; for those who administer it."""

    def __init__(self, going_out: GoingOut, store: ModelStore) -> None:
        self._going_out = going_out
        self._publisher = going_out.publisher
        self._store = store

    def list(self, ctx: Context) -> tuple[Revision, ...]:
        """Return every version, the newest first."""
        require_everything(ctx)
        return self._publisher.revisions(ctx.tenant)

    def running(self, ctx: Context) -> Publication | None:
        """Return the publish that runs now, with how far it is; None where nobody publishes."""
        require_everything(ctx)
        kept = self._publisher.publications(ctx.tenant)
        return next((each for each in kept if each.alive and each.state == "running"), None)

    def model(self, ctx: Context, number: int) -> CompiledModel:
        """Return a version's model; raises `NotFound`."""
        require_everything(ctx)
        return self._store.compiled(self._publisher.documents(ctx.tenant, number))

    def back(self, ctx: Context, number: int) -> Proposal:
        """Return what publishing a version again would do; raises `NotFound`."""
        require_everything(ctx)
        documents = self._publisher.documents(ctx.tenant, number)
        return self._publisher.propose(ctx.tenant, documents)

    def publish(
        self, ctx: Context, proposal: Proposal, terms: Terms, watching: Watching = UNWATCHED
    ) -> int:
        """Publish a proposal to go back, after its scenarios; return the new version."""
        require_everything(ctx)
        return self._going_out.release(ctx, proposal, terms, watching).revision

    def rows(self, ctx: Context, proposal: Proposal, effect: int) -> Iterator[bytes]:
        """Yield the file of every record that one effect of a proposal is about."""
        require_everything(ctx)
        told = report(proposal, None, ctx.language)
        return rows_csv(self._publisher, ctx.tenant, proposal, told, only=[effect])
