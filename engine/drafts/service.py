"""Drafts of a tenant's application: prepared beside what serves, looked at, and published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from engine.access.grants import require_everything
from engine.compiled import CompiledModel
from engine.context import Context
from engine.database import Database
from engine.drafts.draft import (
    Draft,
    add_draft,
    begun,
    drafts_in,
    drop_draft,
    keep_draft,
    read_draft,
)
from engine.drafts.going_out import GoingOut, Ready, Terms, Watching
from engine.drafts.layers import (
    Ground,
    changed_layer,
    decided_layer,
    rebased_draft,
    require_asked,
)
from engine.errors import DraftChanged, NothingToUndo
from engine.publish import Proposal, Publisher
from engine.requests import claim, settle
from engine.schema.apply import Progress
from engine.schema.revisions import Document
from engine.store import ModelStore
from engine.tenants.reshape import OWN, with_changes, with_layer
from engine.values.refusals import remark
from metamodel.editing import Edit, name_for
from metamodel.threeway import Answer, Path, Question

Change = Callable[[Ground, Draft], Draft]
"""From what serves now and a draft over it to the draft as it is to be."""


TRIES = 5
"""How often an edit of no certain version is made anew, where others edit the same draft."""


class Drafts:
    """Keeps, edits and publishes drafts; all of it is for those who administer the tenant."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        going_out: GoingOut,
    ) -> None:
        self.going_out = going_out
        self._database = database
        self._store = store
        self._publisher = going_out.publisher

    def list(self, ctx: Context) -> tuple[Draft, ...]:
        """Return every draft as it was left, the one changed last first."""
        require_everything(ctx)
        with self._database.reading(ctx) as connection:
            return drafts_in(connection, ctx)

    def open(self, ctx: Context, name: str) -> Draft:
        """Return a draft over what serves now: what others published since is taken in.

        Where they changed the same things its `questions` say so. Raises `NotFound`.
        """
        require_everything(ctx)
        with self._database.reading(ctx) as connection:
            draft = read_draft(connection, ctx, name)
        if draft.over == ctx.revision:
            return draft
        return self._changed(ctx, name, None, lambda _, rebased: rebased)

    def create(self, ctx: Context, title: str, *, name: str = "", changes: str = "") -> Draft:
        """Begin a draft at what serves now, with a layer of changes merged in, or without.

        Without `name` it gets one from its title. Raises `DraftExists` where the name is taken,
        `DefinitionInvalid` where the changes cannot be made.
        """
        require_everything(ctx)
        documents = self._publisher.documents(ctx.tenant, ctx.revision)
        if changes.strip():
            documents = with_changes(documents, changes, name or "draft")
        taken = {each.name for each in self.list(ctx)}
        chosen = name or name_for(title, taken, fallback="draft")
        draft = begun(ctx, chosen, remark("title", title) or name, documents[-1].text)

        def unit(connection: Connection) -> Draft:
            claim(ctx, connection)
            added = add_draft(connection, ctx, draft)
            settle(ctx, connection, added)
            return added

        return self._database.unit(ctx, unit)

    def edit(
        self, ctx: Context, name: str, edits: Sequence[Edit], version: int | None = None
    ) -> Draft:
        """Make edits, in order, of the draft of that version; None: of whatever it is now.

        Raises `DefinitionInvalid` with every problem where one cannot be made, or where the
        application would be invalid because of them; `DraftChanged` where it was edited since.
        """

        def change(ground: Ground, draft: Draft) -> Draft:
            return draft.edited(changed_layer(ground, draft.layer, edits), ctx.now)

        return self._changed(ctx, name, version, change)

    def put(self, ctx: Context, name: str, text: str, version: int | None = None) -> Draft:
        """Make a text the whole layer of the draft; raises as `edit` does, with places in it."""

        def change(ground: Ground, draft: Draft) -> Draft:
            whole = with_layer(_documents(ground, draft), text, name)
            return draft.edited(whole[-1].text, ctx.now)

        return self._changed(ctx, name, version, change)

    def merge(self, ctx: Context, name: str, text: str, version: int | None = None) -> Draft:
        """Merge a partial layer into the draft; raises as `edit` does, with places in it."""

        def change(ground: Ground, draft: Draft) -> Draft:
            merged = with_changes(_documents(ground, draft), text, name)
            return draft.edited(merged[-1].text, ctx.now)

        return self._changed(ctx, name, version, change)

    def undo(self, ctx: Context, name: str, version: int | None = None) -> Draft:
        """Take the last edit back; raises `NothingToUndo` where there is none."""

        def change(_: Ground, draft: Draft) -> Draft:
            if not draft.earlier:
                raise NothingToUndo(draft=name)
            return replace(draft, layer=draft.earlier[-1], earlier=draft.earlier[:-1], at=ctx.now)

        return self._changed(ctx, name, version, change)

    def questions(self, ctx: Context, name: str) -> tuple[Question, ...]:
        """Return what has to be decided before the draft can be published."""
        return self.open(ctx, name).questions

    def decide(self, ctx: Context, name: str, answers: Mapping[Path, Answer]) -> Draft:
        """Answer some of a draft's questions by their paths.

        Raises `RecordRefused` for a path that nothing is asked about, and for an answer that is
        none of its question's.
        """

        def change(ground: Ground, draft: Draft) -> Draft:
            require_asked(draft.questions, answers)
            return replace(decided_layer(ground, draft, answers), at=ctx.now)

        return self._changed(ctx, name, None, change)

    def discard(self, ctx: Context, name: str) -> None:
        """Throw a draft away; raises `NotFound`."""
        require_everything(ctx)
        self._database.unit(ctx, lambda connection: drop_draft(connection, ctx, name))

    def compiled(self, ctx: Context, name: str) -> CompiledModel:
        """Return the model as the draft has it; raises `DefinitionInvalid`."""
        documents = self.documents(ctx, self.open(ctx, name))
        return self._store.compiled(documents, passing=True)

    def documents(self, ctx: Context, draft: Draft | None) -> tuple[Document, ...]:
        """Return what a draft's model, or the published one, is linked from, the lowest first."""
        over = ctx.revision if draft is None else draft.over
        ground = ground_at(self._publisher, self._store, ctx, over)
        return ground.documents if draft is None else _documents(ground, draft)

    def proposal(self, ctx: Context, name: str) -> Proposal:
        """Return what publishing the draft would do; raises `DefinitionInvalid`."""
        draft = self.open(ctx, name)
        documents = self.documents(ctx, draft)
        return self._publisher.propose(ctx.tenant, documents)

    def publish(
        self,
        ctx: Context,
        name: str,
        *,
        over: int,
        message: str = "",
        allow_loss: bool = False,
        despite_red: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Publish a draft that was looked at over revision `over`; return the new revision.

        Scenarios that it can touch are played first; with `despite_red` none stops it. The
        draft is gone afterwards. Whatever is raised leaves it as it was: `ModelChanged`
        where others published since, `DraftUndecided`, `ScenariosRed`, and what
        `Publisher.publish` raises.
        """
        ready = looked_at(self, ctx, name, over)
        terms = Terms(message, allow_loss, despite_red)
        return self.going_out.publish(ctx, ready, terms, Watching(steps=progress))

    def _changed(self, ctx: Context, name: str, version: int | None, change: Change) -> Draft:
        """Keep what becomes of a draft, taken over what serves now first.

        What is costly is done outside the transaction, which only looks whether the draft is
        still what it was; a change of no certain version is made again of what it is by then.
        """
        require_everything(ctx)
        ground = ground_at(self._publisher, self._store, ctx, ctx.revision)
        for _ in range(TRIES):
            with self._database.reading(ctx) as connection:
                before = read_draft(connection, ctx, name)
            if version is not None and version != before.version:
                break
            rebased = before
            if before.over != ground.revision:
                start = ground_at(self._publisher, self._store, ctx, before.over)
                rebased = rebased_draft(start.under(before), ground.under(before), before)
            after = change(ground.under(before), rebased)
            if after == before:
                return before
            kept = self._database.unit(ctx, partial(keep_draft, ctx, before, after))
            if kept is not None:
                return kept
        raise DraftChanged(name=name, version=before.version)


def looked_at(drafts: Drafts, ctx: Context, name: str, over: int) -> Ready:
    """Return a draft as it would be published, for whom looked at it over revision `over`.

    A request that was answered before is answered again. Raises `NotFound`, `DraftUndecided`,
    `DefinitionInvalid`, and `ModelChanged` where others published since.
    """
    if ctx.once is not None:
        drafts.going_out.database.unit(ctx, partial(claim, ctx))
    draft = drafts.open(ctx, name)
    return drafts.going_out.ready(ctx, draft, drafts.documents(ctx, draft), over)


def ground_at(publisher: Publisher, store: ModelStore, ctx: Context, revision: int) -> Ground:
    """Return what a draft over a revision stands on."""
    return Ground(revision, publisher.documents(ctx.tenant, revision), store)


def _documents(ground: Ground, draft: Draft) -> tuple[Document, ...]:
    return (*ground.under(draft).below, Document(OWN, draft.layer))
