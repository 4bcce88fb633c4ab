"""Who has a record open, and the drafts that they would lose with their browser.

A row says that a person has a record open, or the form of a new one, when they were last seen
with it, and what they typed. Nobody reads another's draft; who is there is told only to people
who may read the record. What is encrypted is never kept in a draft.

A page that goes away says so while its last signs of life may still be on their way. Each page
gives its visit a name: signs of one that has ended bring nobody back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, and_, case, delete, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from engine.access.policy import Policy
from engine.access.tracked import require_live
from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, RecordRefused
from engine.query.spec import LinkValue
from engine.query.titles import titles_of
from engine.values.identity import new_id
from engine.values.refusals import require_storable
from metamodel.model import Entity

OPEN = "sys_open_form"

NEW = UUID(int=0)
"""Stands for the record that a form is about to make."""

AWAY = timedelta(seconds=50)
"""After this time without a sign somebody is no longer there."""

KEPT = timedelta(days=30)
"""How long a draft that nobody comes back to is kept."""

LONGEST = 2_000_000
"""Characters of JSON that a draft may have."""

MOST_SHOWN = 20

VISIT = {"seen_at", "editing"}
"""What a row says of the person's being there."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else who has a record open; `editing`: in its form."""

    person: LinkValue
    editing: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into a form over a record's `version`, None for a new one.

    `elsewhere`: the form is still open in another window. Any: JSON of every shape.
    """

    typed: Mapping[str, Any]
    version: int | None
    at: datetime
    elsewhere: bool


class Desk:
    """Keeps what lies open, under the person's rights."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def look(
        self, ctx: Context, entity: Entity, record: UUID, *, editing: bool, visit: str = ""
    ) -> tuple[Present, ...]:
        """Note that the person has a record open, and return who else has.

        `visit` is the page's own name for its being open, blank for one that never ends.
        """

        def unit(connection: Connection) -> tuple[Present, ...]:
            require_live(ctx, self._policy, connection, (entity, record), "read")
            _put(ctx, connection, (entity, record), visit, seen_at=ctx.now, editing=editing)
            return self._others(ctx, connection, entity, record)

        return self._database.unit(ctx, unit)

    def leave(self, ctx: Context, entity: Entity, record: UUID, *, visit: str = "") -> None:
        """Note that the person has a record, or a new one's form, no longer open."""

        def unit(connection: Connection) -> None:
            _forget_visits(ctx, connection)
            _put(
                ctx, connection, (entity, record), "",
                seen_at=None, editing=False, left_at=ctx.now, left_visit=visit or None,
            )  # fmt: skip

        self._database.unit(ctx, unit)

    def keep(
        self, ctx: Context, entity: Entity, record: UUID, typed: Mapping[str, Any],
        version: int | None, visit: str = "",
    ) -> None:  # fmt: skip
        """Keep what the person typed; raise `RecordRefused` for more than a form can hold."""
        told = _without_secrets(ctx, entity, typed)
        require_storable("draft", told)
        length = len(json.dumps(told, ensure_ascii=False))
        if length > LONGEST:
            params = {"length": length, "max": LONGEST}
            raise RecordRefused([FieldError("too_long", ("draft",), params)])

        def unit(connection: Connection) -> None:
            if record != NEW:
                require_live(ctx, self._policy, connection, (entity, record), "read")
            _put(
                ctx, connection, (entity, record), visit,
                draft=told, version=version, kept_at=ctx.now, seen_at=ctx.now, editing=True,
            )  # fmt: skip
            _clear_old(ctx, connection)

        self._database.unit(ctx, unit)

    def draft(self, ctx: Context, entity: Entity, record: UUID) -> Draft | None:
        """Return what the person typed and did not save."""
        table, column = _columns(ctx)
        wanted = [column[name] for name in ("draft", "version", "kept_at", "seen_at")]
        with self._database.reading(ctx) as connection:
            found = select(*wanted).where(_mine(ctx, column, entity, record))
            row = connection.execute(found).one_or_none()
        if row is None or not isinstance(row[0], dict) or row[2] is None:
            return None
        there = row[3] is not None and row[3] > ctx.now - AWAY
        version = int(row[1]) if row[1] is not None else None
        return Draft(_without_secrets(ctx, entity, row[0]), version, row[2], there)

    def discard(self, ctx: Context, entity: Entity, record: UUID) -> None:
        """Forget what the person typed: it was saved, or is not wanted any more."""

        def unit(connection: Connection) -> None:
            table, column = _columns(ctx)
            connection.execute(delete(table).where(_mine(ctx, column, entity, record)))

        self._database.unit(ctx, unit)

    def _others(
        self, ctx: Context, connection: Connection, entity: Entity, record: UUID
    ) -> tuple[Present, ...]:
        _, column = _columns(ctx)
        there = and_(
            column["entity"] == entity.key,
            column["record"] == record,
            column["person"] != ctx.actor.user,
            column["seen_at"] > ctx.now - AWAY,
        )
        found = select(column["person"], column["editing"]).where(there).limit(MOST_SHOWN)
        editing = {row[0]: bool(row[1]) for row in connection.execute(found)}
        people = titles_of(ctx, self._policy, connection, "user", editing)
        # Somebody whose name is not shown to the person is not pointed out to them either.
        seen = [each for each in people.values() if each.title]
        return tuple(Present(each, editing[each.id]) for each in seen)


def _columns(ctx: Context) -> tuple[Table, Mapping[str, Column[Any]]]:
    """Return the table and its columns by field key. Any: columns of every type."""
    table = ctx.compiled.tables.of(OPEN)
    fields = ctx.model.entities[OPEN].fields
    return table, {key: table.c[each.column] for key, each in fields.items()}


def _mine(ctx: Context, column: Mapping[str, Column[Any]], entity: Entity, record: UUID) -> Any:
    """Return the condition of the person's own row. Any: as SQLAlchemy types conditions."""
    return and_(
        column["person"] == ctx.actor.user,
        column["entity"] == entity.key,
        column["record"] == record,
    )


def _put(
    ctx: Context, connection: Connection, at: tuple[Entity, UUID], visit: str, **values: object
) -> None:
    """Write the person's row; whoever ended the visit stays away."""
    table, column = _columns(ctx)
    place = {"person": ctx.actor.user, "entity": at[0].key, "record": at[1]}
    named = {column[key].name: each for key, each in {**place, **values}.items()}
    left = column["left_visit"] == visit
    signs = {
        column[key].name: case((left, column[key]), else_=literal(each, column[key].type))
        for key, each in values.items()
        if key in VISIT
    }
    kept = {column[key].name: each for key, each in values.items()} | signs
    statement = insert(table).values(id=new_id(ctx.now), **named)
    once = [column[key] for key in place]
    connection.execute(statement.on_conflict_do_update(index_elements=once, set_=kept))


def _forget_visits(ctx: Context, connection: Connection) -> None:
    """Take away what says no more than that the person left something a while ago."""
    table, column = _columns(ctx)
    over = and_(
        column["person"] == ctx.actor.user,
        column["draft"].is_(None),
        column["seen_at"].is_(None),
        column["left_at"] < ctx.now - AWAY,
    )
    connection.execute(delete(table).where(over))


def _clear_old(ctx: Context, connection: Connection) -> None:
    """Take away what the person left lying for too long."""
    table, column = _columns(ctx)
    oldest = ctx.now - KEPT
    old = and_(
        column["person"] == ctx.actor.user,
        or_(column["kept_at"] < oldest, column["kept_at"].is_(None)),
        or_(column["seen_at"] < oldest, column["seen_at"].is_(None)),
    )
    connection.execute(delete(table).where(old))


def _without_secrets(ctx: Context, entity: Entity, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft without the values of encrypted fields, of the record and of its lines."""
    fields, grids = typed.get("fields"), typed.get("grids")
    return {
        "fields": _open_only(entity, fields),
        "grids": {
            name: [
                {"id": str(row.get("id") or ""), "cells": _open_only(child, row.get("cells"))}
                for row in rows
                if isinstance(row, dict)
            ]
            for name, rows in (grids.items() if isinstance(grids, dict) else ())
            if isinstance(rows, list) and (child := _member(ctx, entity, name)) is not None
        },
    }


def _member(ctx: Context, entity: Entity, name: str) -> Entity | None:
    collection = entity.collections.get(name)
    return ctx.model.entities[collection.entity] if collection is not None else None


def _open_only(entity: Entity, fields: object) -> dict[str, Any]:
    names: Collection[str] = [
        each.name for each in entity.fields.values() if not each.encrypted and not each.retired
    ]
    return (
        {name: held for name, held in fields.items() if name in names}
        if isinstance(fields, dict)
        else {}
    )
