"""Records found by text, over all entities that a person may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.types import Integer, Text

from engine.access.fields import may_read_all
from engine.access.grants import rights_key
from engine.context import Context
from engine.doors import Access
from engine.query.binds import binds
from engine.query.matching import blind_words, searches_blindly
from engine.query.paging import Cut, cut
from engine.query.paths import Reading, title_of
from engine.query.spec import Hit, ListQuery
from engine.values.refusals import storable
from engine.values.searchkeys import search_query, words_of
from metamodel.model import Entity, Field

MOST_HITS = 100

DETAILS = 2
"""How many values beside the title tell records of the same title apart."""


def search(
    ctx: Context,
    access: Access,
    connection: Connection,
    text: str,
    *,
    entities: Sequence[str],
    limit: int,
) -> tuple[Hit, ...]:
    """Return records whose search fields contain `text`, the closest first; one statement."""
    asked = [key for key in entities or searchable(ctx) if access.readable(ctx, key)]
    if not asked or not search_query(text):
        return ()
    key = ("search", tuple(asked), *rights_key(ctx))
    statement = ctx.compiled.keep(key, lambda: _over(ctx, access, asked))
    return found(ctx, connection, statement, text=text, limit=limit)


def searchable(ctx: Context) -> tuple[str, ...]:
    """Return the entities that have something to find, in the model's order."""
    return tuple(
        entity.key
        for entity in ctx.model.entities.values()
        if not entity.retired
        and not entity.system
        and any(field.search and not field.retired for field in entity.fields.values())
    )


def found(
    ctx: Context,
    connection: Connection,
    statement: Select[Any],
    *,
    text: str,
    limit: int,
    extra: Mapping[str, object] | None = None,
) -> tuple[Hit, ...]:
    """Run a statement made by `together` and return what it finds; `extra` are further binds."""
    values = {
        **binds(ctx),
        **(extra or {}),
        "search_query": search_query(text),
        "search_words": words_of(text),
        "search_text": storable(text).strip().casefold(),
        "hits": max(1, min(limit, MOST_HITS)),
    }
    if searches_blindly(ctx):
        values |= blind_words(ctx, connection, text)
    rows = connection.execute(statement, values)
    return tuple(Hit(row.entity, row.id, row.title or "", row.detail or "") for row in rows)


def hits(body: Cut, *, ranked: bool) -> Select[Any]:
    """Return the rows of a cut as hits, at most `hits` of them."""
    reading = body.reading
    source = reading.source
    title = cast(title_of(reading, source), Text())
    rank = _rank(title) if ranked else literal_column("0")
    order = _order_of(reading, title)
    columns = [
        literal(source.entity.name, Text()).label("entity"),
        source.row.c.id.label("id"),
        title.label("title"),
        _detail(reading).label("detail"),
        rank.label("rank"),
        order.label("ordered"),
    ]
    statement = body.rows(columns).order_by(
        literal_column("rank"), literal_column("ordered").asc().nulls_last(), source.row.c.id
    )
    return statement.limit(bindparam("hits", type_=Integer()))


def together(parts: Sequence[Select[Any]]) -> Select[Any]:
    """Return the best hits of several entities as one statement."""
    every = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return (
        select(every)
        .order_by(every.c.rank, every.c.ordered.asc().nulls_last(), every.c.id)
        .limit(bindparam("hits", type_=Integer()))
    )


def _over(ctx: Context, access: Access, entities: Sequence[str]) -> Select[Any]:
    bodies = (cut(ctx, access, ListQuery(entity, search="?")) for entity in entities)
    return together([hits(body, ranked=True) for body in bodies])


def _rank(title: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return 0 for a title that is the text, 1 for one that begins with it, 2 for others."""
    asked = bindparam("search_text", type_=Text())
    folded = func.lower(title)
    return case((folded == asked, 0), (func.starts_with(folded, asked), 1), else_=2)


def _order_of(reading: Reading, title: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what hits are ordered by: a title's sort key, where the title may be read."""
    entity, row = reading.source.entity, reading.source.row
    field = entity.fields.get(entity.title_field)
    if field is None or not field.sort_column:
        return title
    return (
        row.c[field.sort_column] if may_read_all(reading.ctx, entity.title.dependencies) else title
    )


def _detail(reading: Reading) -> ColumnElement[Any]:
    """Return what tells a record apart: the record it belongs to, then other search fields."""
    parts = [
        part
        for field in _telling(reading.source.entity)
        if (part := _part(reading, field)) is not None
    ]
    if not parts:
        return cast(null(), Text())
    return func.nullif(func.concat_ws(" · ", *parts[:DETAILS]), "")


def _telling(entity: Entity) -> list[Field]:
    live = [field for field in entity.fields.values() if not field.retired and not field.builtin]
    links = [field for field in live if field.link and field.required and len(field.link.to) == 1]
    texts = [
        field
        for field in live
        if field.column and (field.search or field.unique) and field.key != entity.title_field
        if not field.encrypted
    ]
    return [*links[:1], *texts]


def _part(reading: Reading, field: Field) -> ColumnElement[Any] | None:
    access, source = reading.access, reading.source
    key = source.entity.key
    if field.key not in access.readable(reading.ctx, key) - access.masked(reading.ctx, key):
        return None
    if field.link is None:
        return cast(source.row.c[field.column], Text())
    there = source.follow(field.key, field.link.to[0])
    shown = there.shown()
    title = cast(title_of(reading, there), Text())
    return title if shown is None else case((shown, title), else_=null())
