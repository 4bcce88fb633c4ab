"""Saved views as rows of the tenant's own tables: whose they are, and with whom shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from engine.context import Context
from engine.values.identity import new_id

ENTITY = "sys_view"

Sharing = Literal["mine", "some", "everyone"]


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view, report or dashboard that somebody keeps; `spec` is whatever its kind says.

    `entity` is blank for what is about several. `base` names the view of the model that it began
    as. One that stands `over` another is its owner's own way of looking at that one, which may be
    a view of the model by its key or a saved one by its id. `shared_with` are ids of people,
    departments and teams, and of roles as `role_id` has them. `uses` are the fields in it, as
    `entity.field` by key: what a plan looks for.
    """

    id: UUID
    entity: str
    title: str
    kind: str
    base: str
    over: str
    owner: UUID
    sharing: Sharing
    shared_with: tuple[UUID, ...]
    locked: bool
    spec: Mapping[str, Any]
    uses: tuple[str, ...]
    version: int
    at: datetime

    def shown_to(self, grantees: Collection[UUID]) -> bool:
        """Return whether whoever is all of these sees the view."""
        if self.sharing == "everyone" or self.owner in grantees:
            return True
        return self.sharing == "some" and any(each in grantees for each in self.shared_with)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a view to be."""

    title: str
    spec: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "list"
    entity: str = ""
    base: str = ""
    sharing: Sharing = "mine"
    shared_with: tuple[UUID, ...] = ()
    locked: bool = False
    uses: tuple[str, ...] = ()


def views_in(
    connection: Connection, ctx: Context, *, entity: str | None = None, kinds: Sequence[str] = ()
) -> tuple[SavedView, ...]:
    """Return the views that the person sees, of an entity and of some kinds, by their titles."""
    table = _table(ctx)
    query = select(table).where(
        or_(table.c["owner"] == ctx.actor.user, table.c["sharing"] != "mine")
    )
    if entity is not None:
        query = query.where(table.c["entity"] == entity)
    if kinds:
        query = query.where(table.c["kind"].in_(kinds))
    grantees = frozenset(ctx.actor.grantees)
    found = (_view(row) for row in connection.execute(query.order_by(table.c["title"])))
    return tuple(view for view in found if view.shown_to(grantees))


def view_in(connection: Connection, ctx: Context, id_: UUID) -> SavedView | None:
    """Return one view, whoever it belongs to."""
    table = _table(ctx)
    row = connection.execute(select(table).where(table.c["id"] == id_)).one_or_none()
    return None if row is None else _view(row)


def add_view(connection: Connection, ctx: Context, wanted: Wanted, over: str = "") -> SavedView:
    """Keep a new view of the person's own."""
    values = {"entity": wanted.entity, "over": over, "owner": ctx.actor.user, "version": 1}
    statement = insert(_table(ctx)).values(id=new_id(ctx.now), **values, **_values(ctx, wanted))
    return _view(connection.execute(statement.returning(_table(ctx))).one())


def keep_view(
    connection: Connection, ctx: Context, before: SavedView, wanted: Wanted
) -> SavedView | None:
    """Keep a changed view as its next version; None where somebody else changed it since."""
    table = _table(ctx)
    is_same = (table.c["id"] == before.id) & (table.c["version"] == before.version)
    values = {"version": before.version + 1, **_values(ctx, wanted)}
    statement = update(table).where(is_same).values(**values).returning(table)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _view(row)


def drop_layers(
    connection: Connection,
    ctx: Context,
    over: str,
    owner: UUID | None = None,
    *,
    entity: str | None = None,
) -> None:
    """Take away what people laid over a view: one's own, or everybody's."""
    table = _table(ctx)
    gone = delete(table).where(table.c["over"] == over)
    if owner is not None:
        gone = gone.where(table.c["owner"] == owner)
    if entity is not None:
        gone = gone.where(table.c["entity"] == entity)
    connection.execute(gone)


def drop_view(connection: Connection, ctx: Context, id_: UUID) -> None:
    """Take a view away."""
    connection.execute(delete(_table(ctx)).where(_table(ctx).c["id"] == id_))


def views_with(connection: Connection, ctx: Context, uses: Sequence[str]) -> tuple[SavedView, ...]:
    """Return everybody's views in which one of some fields stands, each `entity.field` by key."""
    table = _table(ctx)
    held = table.c["uses"].cast(JSONB)
    found = select(table).where(or_(*(held.contains([each]) for each in uses)))
    return tuple(_view(row) for row in connection.execute(found)) if uses else ()


def _table(ctx: Context) -> Table:
    return ctx.compiled.tables.of(ENTITY)


def _values(ctx: Context, wanted: Wanted) -> dict[str, object]:
    return {
        "title": wanted.title,
        "kind": wanted.kind,
        "base": wanted.base,
        "sharing": wanted.sharing,
        "shared_with": [str(each) for each in wanted.shared_with],
        "locked": wanted.locked,
        "spec": dict(wanted.spec),
        "uses": list(wanted.uses),
        "at": ctx.now,
    }


def _view(row: Row[Any]) -> SavedView:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row by its columns' names
    return SavedView(
        id=values["id"],
        entity=values["entity"] or "",
        title=values["title"] or "",
        kind=values["kind"],
        base=values["base"] or "",
        over=values["over"] or "",
        owner=values["owner"],
        sharing=values["sharing"],
        shared_with=tuple(UUID(each) for each in values["shared_with"] or ()),
        locked=bool(values["locked"]),
        spec=values["spec"] or {},
        uses=tuple(values["uses"] or ()),
        version=int(values["version"]),
        at=values["at"],
    )
