"""Keeps people's views: made, changed, shared, locked, laid over others, and taken away (P-20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from engine.access.grants import administers, require_everything
from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, Forbidden, NotFound, RecordRefused, VersionConflict
from engine.requests import claim, settle
from engine.values.refusals import Refused, bounded_text, remark, require_storable
from engine.views.saved import (
    SavedView,
    Wanted,
    add_view,
    drop_layers,
    drop_view,
    keep_view,
    view_in,
    views_in,
    views_with,
)

Done = TypeVar("Done")

LONGEST_TITLE = 120

MOST_VIEWS = 500
"""Views of one entity that one person keeps, what they lay over others among them."""


class SavedViews:
    """Views beside those of the model, and whatever else is kept, shared and locked like them.

    What a view's `spec` says is the business of its kind.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, ctx: Context, *, entity: str | None = None, kinds: Sequence[str] = ()
    ) -> tuple[SavedView, ...]:
        """Return the views that the person sees, with those that they laid over others."""
        with self._database.reading(ctx) as connection:
            return views_in(connection, ctx, entity=entity, kinds=kinds)

    def get(self, ctx: Context, id_: UUID) -> SavedView:
        """Return one view; raise `NotFound` for one that the person does not see."""
        with self._database.reading(ctx) as connection:
            return _seen(connection, ctx, id_)

    def using(self, ctx: Context, fields: Sequence[str]) -> tuple[SavedView, ...]:
        """Return everybody's views in which one of some fields stands, as `entity.field` by key.

        For whoever administers, before a field is taken away: what is in them is not shown.
        """
        require_everything(ctx)
        with self._database.reading(ctx) as connection:
            return views_with(connection, ctx, fields)

    def create(self, ctx: Context, wanted: Wanted) -> SavedView:
        """Keep a new view; raise `RecordRefused` with what is wrong with it."""
        judged = _judged(wanted)

        def work(connection: Connection) -> SavedView:
            _require_room(ctx, views_in(connection, ctx, entity=wanted.entity))
            return add_view(connection, ctx, judged)

        return self._once(ctx, work)

    def change(
        self, ctx: Context, id_: UUID, wanted: Wanted, version: int | None = None
    ) -> SavedView:
        """Change a view for everybody who sees it; what its changer laid over it is gone then.

        Only its owner and administrators change with whom it is shared and whether it is locked.
        Raises `Forbidden` for a locked one of somebody else, `VersionConflict` where somebody
        changed it since.
        """
        judged = _judged(wanted)

        def work(connection: Connection) -> SavedView:
            before = _seen(connection, ctx, id_)
            if not may_change(ctx, before):
                raise Forbidden("view_locked")
            if version is not None and version != before.version:
                raise VersionConflict(before.id, before.version)
            after = keep_view(connection, ctx, before, _changed(ctx, before, judged))
            if after is None:
                raise VersionConflict(before.id, before.version + 1)
            drop_layers(connection, ctx, str(id_), ctx.actor.user)
            return after

        return self._once(ctx, work)

    def drop(self, ctx: Context, id_: UUID) -> None:
        """Take a view away; raise `Forbidden` for one of somebody else."""

        def work(connection: Connection) -> None:
            if not may_own(ctx, _seen(connection, ctx, id_)):
                raise Forbidden("view_of_another")
            drop_layers(connection, ctx, str(id_))
            drop_view(connection, ctx, id_)

        self._once(ctx, work)

    def lay(self, ctx: Context, over: str, wanted: Wanted) -> SavedView:
        """Change a view for oneself alone; `over` is its id, or the key of one of the model."""
        judged = _judged(replace(wanted, sharing="mine", locked=False))
        remark("over", over)

        def work(connection: Connection) -> SavedView:
            views = views_in(connection, ctx, entity=wanted.entity)
            if not any(view.over == over for view in views):
                _require_room(ctx, views)
            # Two windows may lay at the same moment: whatever lies there already gives way.
            drop_layers(connection, ctx, over, ctx.actor.user, entity=wanted.entity)
            return add_view(connection, ctx, judged, over)

        return self._once(ctx, work)

    def reset(self, ctx: Context, entity: str, over: str) -> None:
        """Show a view of an entity to the person as everybody else sees it."""
        remark("over", over)

        def work(connection: Connection) -> None:
            drop_layers(connection, ctx, over, ctx.actor.user, entity=entity)

        self._once(ctx, work)

    def _once(self, ctx: Context, work: Callable[[Connection], Done]) -> Done:
        def unit(connection: Connection) -> Done:
            claim(ctx, connection)
            done = work(connection)
            settle(ctx, connection, done)
            return done

        return self._database.unit(ctx, unit)


def _changed(ctx: Context, before: SavedView, wanted: Wanted) -> Wanted:
    """Return what a view is to be, as far as the person may say."""
    kept = replace(wanted, entity=before.entity, kind=before.kind, base=before.base)
    if may_own(ctx, before):
        return kept
    return replace(
        kept, sharing=before.sharing, shared_with=before.shared_with, locked=before.locked
    )


def may_own(ctx: Context, view: SavedView) -> bool:
    """Return whether the person may share, lock and take away a view."""
    return view.owner == ctx.actor.user or (view.sharing != "mine" and administers(ctx))


def may_change(ctx: Context, view: SavedView) -> bool:
    """Return whether the person may change a view for everybody who sees it."""
    return may_own(ctx, view) or not view.locked


def _require_room(ctx: Context, views: Sequence[SavedView]) -> None:
    """Raise `RecordRefused` where a person keeps as many views as one may."""
    if sum(view.owner == ctx.actor.user for view in views) >= MOST_VIEWS:
        raise RecordRefused([FieldError("too_many_views", (), {"max": MOST_VIEWS})])


def _seen(connection: Connection, ctx: Context, id_: UUID) -> SavedView:
    found = view_in(connection, ctx, id_)
    theirs = found is not None and found.shown_to(frozenset(ctx.actor.grantees))
    if found is None or found.over or not theirs:
        raise NotFound(view=str(id_))
    return found


def _judged(wanted: Wanted) -> Wanted:
    """Return what can be kept; raise `RecordRefused` for what cannot."""
    require_storable("spec", wanted.spec)
    errors: list[FieldError] = []
    title = wanted.title
    try:
        title = bounded_text(wanted.title, LONGEST_TITLE)
    except Refused as refused:
        errors.append(FieldError(refused.code, ("title",), refused.params))
    if not title:
        errors.append(FieldError("required", ("title",)))
    shared = wanted.shared_with if wanted.sharing == "some" else ()
    if wanted.sharing == "some" and not shared:
        errors.append(FieldError("required", ("shared_with",)))
    if errors:
        raise RecordRefused(errors)
    return replace(wanted, title=title, shared_with=shared)
