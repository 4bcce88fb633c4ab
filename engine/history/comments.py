"""What people say about a record, and everything that became of it, in one line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from engine.access.grants import FILE
from engine.access.policy import Policy
from engine.access.tracked import require_live, tracked
from engine.context import Context
from engine.database import Database
from engine.errors import FieldError, NotFound, RecordRefused
from engine.files.uploads import file_value
from engine.notices import News, tell
from engine.query.get import get
from engine.query.spec import Entry, FileValue, LinkValue
from engine.query.story import Stretch, story
from engine.query.titles import titles_of
from engine.requests import claim, settle
from engine.values.identity import new_id
from metamodel.model import Entity

COMMENT = "sys_comment"

LONGEST = 10_000
"""Characters that a comment may have."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person said about a record; `mentions` are people it speaks to."""

    id: UUID
    at: datetime
    author: LinkValue | None
    body: str
    mentions: tuple[LinkValue, ...] = ()
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that became of a record: a change, something said, a file attached."""

    kind: Literal["change", "comment", "file"]
    id: UUID
    at: datetime
    of: Entry | Comment | FileValue
    by: LinkValue | None = None


class Talk:
    """Takes comments in, and tells what became of a record."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def say(
        self, ctx: Context, entity: str, record: UUID, body: str, mentions: Sequence[UUID] = ()
    ) -> Comment:
        """Keep what the person says about a record that they may read.

        Raises `NotFound` for a record that is not there for them or that keeps no comments,
        `RecordRefused` for a text that is blank or too long or for people who are not there.
        """
        kind = tracked(ctx, entity)
        text = _judged(body)

        def unit(connection: Connection) -> Comment:
            claim(ctx, connection)
            require_live(ctx, self._policy, connection, (kind, record), "read")
            people = titles_of(ctx, self._policy, connection, "user", {*mentions, ctx.actor.user})
            if missing := [each for each in mentions if each not in people]:
                raise RecordRefused(
                    [FieldError("link_missing", ("mentions",), {"value": str(missing[0])})]
                )
            said = Comment(
                new_id(ctx.now), ctx.now, people.get(ctx.actor.user), text,
                tuple(people[each] for each in dict.fromkeys(mentions)),
            )  # fmt: skip
            values = {
                "id": said.id, "entity": kind.key, "record": record, "author": ctx.actor.user,
                "at": said.at, "body": text, "mentions": [str(each.id) for each in said.mentions],
            }  # fmt: skip
            connection.execute(insert(ctx.compiled.tables.of(COMMENT)).values(**values))
            _tell(ctx, connection, kind, record, said)
            settle(ctx, connection, said)
            return said

        return self._database.unit(ctx, unit)

    def mend(self, ctx: Context, entity: str, record: UUID, comment: UUID, body: str) -> Comment:
        """Put other words in the place of what the person said; `NotFound` for another's."""
        text = _judged(body)

        def unit(connection: Connection) -> Comment:
            claim(ctx, connection)
            row, table = self._own(ctx, connection, (entity, record), comment)
            mended = {"body": text, "edited_at": ctx.now}
            connection.execute(update(table).where(table.c.id == comment).values(mended))
            named = {ctx.actor.user, *(UUID(each) for each in row.mentions or ())}
            people = titles_of(ctx, self._policy, connection, "user", named)
            said = replace(_comment(row, people), body=text, edited_at=ctx.now)
            settle(ctx, connection, said)
            return said

        return self._database.unit(ctx, unit)

    def withdraw(self, ctx: Context, entity: str, record: UUID, comment: UUID) -> None:
        """Take back what the person said; `NotFound` for what another said."""

        def unit(connection: Connection) -> None:
            claim(ctx, connection)
            _, table = self._own(ctx, connection, (entity, record), comment)
            connection.execute(delete(table).where(table.c.id == comment))
            settle(ctx, connection, None)

        self._database.unit(ctx, unit)

    def _own(
        self, ctx: Context, connection: Connection, at: tuple[str, UUID], comment: UUID
    ) -> tuple[Row[Any], Table]:
        """Return what the person said about a record, locked, and where it is kept."""
        kind, table = tracked(ctx, at[0]), ctx.compiled.tables.of(COMMENT)
        require_live(ctx, self._policy, connection, (kind, at[1]), "read")
        about = (table.c.entity == kind.key, table.c.record == at[1], table.c.id == comment)
        mine = select(table).where(*about, table.c.author == ctx.actor.user).with_for_update()
        row = connection.execute(mine).one_or_none()
        if row is None:
            raise NotFound(comment=str(comment))
        return row, table

    def timeline(
        self, ctx: Context, entity: str, record: UUID, wanted: Stretch
    ) -> tuple[Happening, ...]:
        """Return a stretch of what became of a record, the latest first."""
        kind = tracked(ctx, entity)
        changing = wanted.kinds & {"change", "move", "followed"}
        with self._database.reading(ctx) as connection:
            at = (kind.key, record)
            # Whoever may not read the record is told so first, whatever is asked for of it.
            get(ctx, self._policy, connection, kind.key, [record], trashed=True)
            changes = story(ctx, self._policy, connection, at, wanted) if changing else ()
            said = self._said(ctx, connection, at, wanted) if "comment" in wanted.kinds else []
            files = self._files(ctx, connection, at, wanted) if "file" in wanted.kinds else []
        found = [
            Happening("change", each.change_set, each.at, each, each.actor) for each in changes
        ]
        found += [*said, *files]
        # Ids sort by the instant they were made at; one change set tells of several records.
        found.sort(key=lambda each: each.id, reverse=True)
        kept = set(sorted({each.id for each in found}, reverse=True)[: wanted.limit])
        return tuple(each for each in found if each.id in kept)

    def _said(
        self, ctx: Context, connection: Connection, at: tuple[str, UUID], wanted: Stretch
    ) -> list[Happening]:  # fmt: skip
        rows = _latest(ctx, connection, COMMENT, at, wanted)
        named = {UUID(each) for row in rows for each in row.mentions or ()}
        named |= {row.author for row in rows if row.author is not None}
        people = titles_of(ctx, self._policy, connection, "user", named)
        return [
            Happening("comment", row.id, row.at, _comment(row, people), people.get(row.author))
            for row in rows
        ]

    def _files(
        self, ctx: Context, connection: Connection, at: tuple[str, UUID], wanted: Stretch
    ) -> list[Happening]:  # fmt: skip
        rows = _latest(ctx, connection, FILE, at, wanted)
        people = titles_of(
            ctx, self._policy, connection, "user", {row.uploader for row in rows if row.uploader}
        )
        return [
            Happening(
                "file", row.id, row.at, file_value(row), people.get(row.uploader),
            )
            for row in rows
        ]  # fmt: skip


def _tell(ctx: Context, connection: Connection, kind: Entity, record: UUID, said: Comment) -> None:
    """Tell those whom a comment speaks to, and else the owner of the record."""
    words = {"comment": str(said.id)}
    spoken_to = {each.id for each in said.mentions}
    tell(ctx, connection, spoken_to, News("mention", kind.key, record, words))
    owner = kind.fields.get("owner") if kind.owned else None
    if owner is None:
        return
    table = ctx.compiled.tables.of(kind.key)
    whose = select(table.c[owner.column]).where(table.c.id == record)
    others = {each for each in connection.execute(whose).scalars() if each is not None}
    tell(ctx, connection, others - spoken_to, News("comment", kind.key, record, words))


def _latest(
    ctx: Context, connection: Connection, entity: str, at: tuple[str, UUID], wanted: Stretch
) -> Sequence[Row[Any]]:  # fmt: skip
    """Return the latest rows of one of the engine's own tables that are about a record."""
    table = ctx.compiled.tables.of(entity)
    found = select(table).where(table.c.entity == at[0], table.c.record == at[1])
    if wanted.before is not None:
        found = found.where(table.c.id < wanted.before)
    return connection.execute(found.order_by(table.c.id.desc()).limit(wanted.limit)).all()


def _comment(row: Row[Any], people: Any) -> Comment:  # Any: a mapping of links by id
    mentions = (people.get(UUID(each)) for each in row.mentions or ())
    return Comment(
        row.id, row.at, people.get(row.author), row.body,
        tuple(each for each in mentions if each is not None), row.edited_at,
    )  # fmt: skip


def _judged(body: str) -> str:
    text = body.replace("\x00", "").strip()
    if not text:
        raise RecordRefused([FieldError("required", ("body",))])
    if len(text) > LONGEST:
        raise RecordRefused(
            [FieldError("too_long", ("body",), {"length": len(text), "max": LONGEST})]
        )
    return text
