"""What records are called, for values that hold only their ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Uuid, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from engine.access.grants import rights_key
from engine.context import Context
from engine.doors import Access
from engine.query.binds import binds
from engine.query.joins import RowSource
from engine.query.paths import Reading, link_value, title_of
from engine.query.spec import LinkValue


def titles_of(
    ctx: Context, access: Access, connection: Connection, entity: str, ids: Collection[UUID]
) -> Mapping[UUID, LinkValue]:
    """Return each record that exists as a link shows it, trashed ones included; one statement."""
    if not ids:
        return {}
    name = ctx.model.entities[entity].name
    key = ("titles", entity, *rights_key(ctx))
    statement = ctx.compiled.keep(key, lambda: _statement(ctx, access, entity))
    found = connection.execute(statement, {**binds(ctx), "ids": list(ids)})
    return {
        row.id: link_value(name, row.id, row.title, shown=bool(row.shown), trashed=row.trashed)
        for row in found
    }


def _statement(ctx: Context, access: Access, entity: str) -> Select[Any]:
    row = ctx.compiled.tables.of(entity).alias()
    reading = Reading.of(ctx, access, RowSource.over(ctx.compiled, entity, row))
    title = title_of(reading, reading.source)
    shown = reading.source.shown()
    trashed = row.c.get("sys_trashed_at")
    return (
        select(
            row.c.id,
            title.label("title"),
            (literal_column("true") if shown is None else shown).label("shown"),
            (literal_column("false") if trashed is None else trashed.is_not(None)).label("trashed"),
        )
        .select_from(reading.source.joins.clause())
        .where(row.c.id == bindparam("ids", type_=ARRAY(Uuid())).any_())
    )
