"""One's own notices: how many are new, which there are, and what was done with them.

A notice about a record that the person may not read, or that lies in the trash, is not there
for them: it is neither counted nor listed, and comes back with the right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from engine.access.policy import Policy
from engine.context import Context
from engine.database import Database
from engine.notices.tables import NOTICE, columns_of
from engine.notices.telling import News, tell
from engine.query.spec import LinkValue
from engine.query.titles import titles_of

MOST_COUNTED = 100
"""Unread notices that are looked at for a count: it says 99+ from there on."""

COMMENT = "sys_comment"

State = Literal["open", "unread", "done", "all"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; `record` is what it is about and `by` who caused it, where there is such.

    `said` is the comment that it tells of, as it reads now.
    """

    id: UUID
    kind: str
    at: datetime
    record: LinkValue | None
    by: LinkValue | None
    words: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    read: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many notices nobody looked at; `mark` changes with any of them.

    `kinds` counts them by kind, `latest` are the newest, the last first.
    """

    count: int
    mark: str
    latest: tuple[Notice, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notices are asked for: `kinds` empty for every one, those `before` an id."""

    state: State = "open"
    kinds: Collection[str] = ()
    before: UUID | None = None
    limit: int = 30


class Notices:
    """The door to the notices of the person who acts, and to telling others."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def tell(self, ctx: Context, people: Sequence[UUID], news: News) -> None:
        """Tell people in a unit of its own; `telling.tell` does it inside another."""
        self._database.unit(ctx, lambda connection: tell(ctx, connection, people, news))

    def tell_once(self, ctx: Context, person: UUID, news: News) -> bool:
        """Tell somebody what they were not told before in the same words; return whether so."""
        table, column = columns_of(ctx, NOTICE)
        told = select(column["id"]).where(
            column["person"] == person,
            column["kind"] == news.kind,
            column["entity"] == news.entity,
            column["record"] == news.record,
            column["words"] == dict(news.words),
        )

        def unit(connection: Connection) -> bool:
            if connection.execute(told.limit(1)).first() is not None:
                return False
            tell(ctx, connection, [person], news)
            return True

        return self._database.unit(ctx, unit)

    def unseen(self, ctx: Context, mark: str = "") -> Unseen | None:
        """Return what is new, None where nothing changed since `mark` was given out."""
        table, column = columns_of(ctx, NOTICE)
        mine = (column["person"] == ctx.actor.user, column["read_at"].is_(None))
        with self._database.reading(ctx) as connection:
            heads = select(func.count(), func.max(column["at"])).select_from(table).where(*mine)
            count, last = connection.execute(heads).one()
            now = f"{count}-{int(last.timestamp() * 1000):x}" if last else "0"
            if now == mark:
                return None
            found = self._read(ctx, connection, mine, MOST_COUNTED)
        kinds = Counter(each.kind for each in found)
        return Unseen(len(found), now, tuple(found[:3]), kinds)

    def page(self, ctx: Context, asked: Asked) -> tuple[Notice, ...]:
        """Return notices, the latest first; fewer than `limit` says that there are no more.

        Those about records that the person may not read are left out, and the next taken.
        """
        _, column = columns_of(ctx, NOTICE)
        found: list[Notice] = []
        before = asked.before
        with self._database.reading(ctx) as connection:
            while len(found) < asked.limit:
                where = [column["person"] == ctx.actor.user, *_state(column, asked.state)]
                where += [column["kind"].in_(list(asked.kinds))] if asked.kinds else []
                where += [column["id"] < before] if before is not None else []
                rows = self._rows(ctx, connection, where, asked.limit)
                found += self._shown(ctx, connection, rows)
                if len(rows) < asked.limit:
                    break
                before = rows[-1].id
        return tuple(found[: asked.limit])

    def unread(self, ctx: Context, id_: UUID) -> Notice | None:
        """Return one notice that nobody looked at; None where it was, or is not theirs to read."""
        _, column = columns_of(ctx, NOTICE)
        mine = (column["person"] == ctx.actor.user, column["id"] == id_)
        with self._database.reading(ctx) as connection:
            found = self._read(ctx, connection, (*mine, column["read_at"].is_(None)), 1)
        return found[0] if found else None

    def mark(self, ctx: Context, ids: Collection[UUID] | None, state: State) -> int:
        """Put notices into a state: `unread`, `done`, else read; None: every one that is not yet.

        Returns how many there were.
        """
        table, column = columns_of(ctx, NOTICE)
        read = None if state == "unread" else ctx.now
        done = ctx.now if state == "done" else None
        named = {column["read_at"].name: read, column["done_at"].name: done}
        statement = update(table).where(column["person"] == ctx.actor.user)
        if ids is not None:
            statement = statement.where(column["id"].in_(list(ids)))
        elif state == "done":
            statement = statement.where(column["done_at"].is_(None))
        else:
            statement = statement.where(column["read_at"].is_(None))

        def unit(connection: Connection) -> int:
            return connection.execute(statement.values(**named)).rowcount

        return self._database.unit(ctx, unit)

    def see(self, ctx: Context, entity: str, record: UUID) -> None:
        """Count what was told of a record as read: the person looks at it."""
        table, column = columns_of(ctx, NOTICE)
        statement = (
            update(table)
            .where(
                column["person"] == ctx.actor.user,
                column["read_at"].is_(None),
                column["entity"] == entity,
                column["record"] == record,
            )
            .values({column["read_at"].name: ctx.now})
        )
        self._database.unit(ctx, lambda connection: connection.execute(statement))

    def _read(
        self, ctx: Context, connection: Connection, where: Iterable[ColumnElement[bool]], limit: int
    ) -> list[Notice]:
        rows = self._rows(ctx, connection, where, limit)
        return self._shown(ctx, connection, rows)

    def _rows(
        self, ctx: Context, connection: Connection, where: Iterable[ColumnElement[bool]], limit: int
    ) -> Sequence[Row[Any]]:
        _, column = columns_of(ctx, NOTICE)
        wanted = ("id", "kind", "entity", "record", "by", "at", "words", "read_at", "done_at")
        statement = select(*(column[key].label(key) for key in wanted)).where(*where)
        return connection.execute(statement.order_by(column["id"].desc()).limit(limit)).all()

    def _shown(
        self, ctx: Context, connection: Connection, rows: Sequence[Row[Any]]
    ) -> list[Notice]:
        """Return those of some rows that are about what the person may read, with its names."""
        about: dict[str, set[UUID]] = {}
        for row in rows:
            if row.entity in ctx.model.entities:
                about.setdefault(row.entity, set()).add(row.record)
        found = {
            (entity, id_): link
            for entity, ids in about.items()
            for id_, link in titles_of(ctx, self._policy, connection, entity, ids).items()
            if not link.restricted and not link.trashed
        }
        people = titles_of(
            ctx, self._policy, connection, "user", {row.by for row in rows if row.by is not None}
        )
        said = _comments(ctx, connection, rows)
        return [
            Notice(
                row.id, row.kind, row.at, found.get((row.entity, row.record)), people.get(row.by),
                row.words or {}, said.get(str((row.words or {}).get("comment")), ""),
                row.read_at is not None, row.done_at is not None,
            )
            for row in rows
            if row.record is None or (row.entity, row.record) in found
        ]  # fmt: skip


def _comments(ctx: Context, connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Return what the comments say that rows of notices tell of, by id as text."""
    ids = {UUID(row.words["comment"]) for row in rows if row.words and "comment" in row.words}
    if not ids:
        return {}
    _, column = columns_of(ctx, COMMENT)
    found = connection.execute(
        select(column["id"], column["body"]).where(column["id"].in_(list(ids)))
    )
    return {str(id_): body for id_, body in found}


def _state(column: Mapping[str, Any], state: State) -> list[ColumnElement[bool]]:
    """Return the conditions of a state. Any: columns of every type."""
    match state:
        case "open":
            return [column["done_at"].is_(None)]
        case "unread":
            return [column["read_at"].is_(None)]
        case "done":
            return [column["done_at"].is_not(None)]
        case "all":
            return []
