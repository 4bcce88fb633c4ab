"""The log of messages, read: all of it by administrators, of a record by whoever may read that."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, or_, select, tuple_

from engine.access.grants import administers
from engine.access.policy import Policy
from engine.access.tracked import require_live, tracked
from engine.context import Context
from engine.database import Database
from engine.errors import EngineError, Forbidden, NotFound
from engine.jobs import defer
from engine.notices.tables import columns_of
from engine.query.get import get
from engine.requests import claim, settle
from engine.values.refusals import storable
from engine.values.sealed import MARK
from workflow.messages.addresses import try_again
from workflow.messages.channels import Cabinet, Channels, Mailbox
from workflow.messages.message import MESSAGE, Message, State, change, message_of, of_record, take
from workflow.messages.outbox import TASK
from workflow.messages.standing import Look, last_look

PAGE = 50

AGAIN: frozenset[State] = frozenset({"failed", "bounced", "held"})
"""States in which a message may be sent after all."""


class MessageOver(EngineError):
    """A message that cannot be sent again: it went out, or is about to."""

    code = "message_over"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages are asked for; what is blank narrows nothing."""

    text: str = ""
    channel: str = ""
    state: str = ""
    direction: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, the latest first; `cursor` leads to those before, blank where there are none."""

    messages: tuple[Message, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class MessageBook:
    """The door to the log, and to what a tenant has set up."""

    database: Database
    policy: Policy
    cabinet: Cabinet

    def page(self, ctx: Context, asked: Asked, cursor: str = "", limit: int = PAGE) -> Page:
        """Return a page of the log; raise `Forbidden` for all but administrators."""
        require_administrator(ctx)
        table, column = columns_of(ctx, MESSAGE)
        statement = select(table).where(*_narrowed(column, asked))
        if cursor:
            statement = statement.where(tuple_(column["at"], column["id"]) < _read(cursor))
        newest = (column["at"].desc(), column["id"].desc())
        with self.database.reading(ctx) as connection:
            rows = connection.execute(statement.order_by(*newest).limit(limit + 1)).all()
        found = tuple(message_of(column, row) for row in rows[:limit])
        return Page(found, _cursor(found[-1]) if len(rows) > limit else "")

    def of_record(self, ctx: Context, entity: str, record: UUID) -> Sequence[Message]:
        """Return the messages about a record; raise `NotFound` where it is not theirs to read."""
        kind = tracked(ctx, entity)
        with self.database.reading(ctx) as connection:
            require_live(ctx, self.policy, connection, (kind, record), "read")
            return self._as_seen(ctx, of_record(connection, ctx, entity, record))

    def latest(
        self, ctx: Context, about: tuple[str, UUID], before: UUID | None, limit: int
    ) -> Sequence[Message]:
        """Return the latest messages about a record, one in the trash too, before another.

        An app that neither writes nor is written to is asked nothing.
        """
        if not ctx.model.messages and not ctx.model.automations:
            return ()
        table, column = columns_of(ctx, MESSAGE)
        found = select(table).where(column["entity"] == about[0], column["record"] == about[1])
        if before is not None:
            found = found.where(column["id"] < before)
        with self.database.reading(ctx) as connection:
            rows = connection.execute(found.order_by(column["id"].desc()).limit(limit)).all()
            if rows:
                get(ctx, self.policy, connection, about[0], [about[1]], trashed=True)
        return self._as_seen(ctx, [message_of(column, row) for row in rows])

    def _as_seen(self, ctx: Context, messages: Sequence[Message]) -> Sequence[Message]:
        """Return messages without what a person would see only masked, or not at all.

        What they say was put together from fields of the record, and addresses from anywhere.
        """
        fields = ctx.model.entities
        hidden = {each for each in fields if self.policy.masked(ctx, each)}
        return [
            replace(each, address=MARK) if hidden and not _is_own(ctx, each) else each
            for each in (
                replace(each, subject=MARK, body="", detail={})
                if each.entity in hidden or not self._reads_all(ctx, each.entity)
                else each
                for each in messages
            )
        ]

    def _reads_all(self, ctx: Context, entity: str) -> bool:
        kept = {key for key, each in ctx.model.entities[entity].fields.items() if not each.retired}
        return kept <= self.policy.readable(ctx, entity)

    def send_again(self, ctx: Context, id_: UUID) -> None:
        """Have a message sent that was not; an address that bounced is given another chance."""
        require_administrator(ctx)

        def unit(connection: Connection) -> None:
            claim(ctx, connection)
            message = take(connection, ctx, id_)
            if message is None:
                raise NotFound(message=str(id_))
            if message.state not in AGAIN:
                raise MessageOver
            if message.state == "bounced" or message.error == "bounced":
                try_again(connection, ctx, message.address)
            change(connection, ctx, _waiting(message))
            defer(connection, TASK, {"message": str(id_)}, queue="mail")
            settle(ctx, connection, None)

        self.database.unit(ctx, unit)

    def channels(self, ctx: Context) -> Channels:
        """Return what the tenant has set up; raise `Forbidden`, `ChannelsClosed`."""
        require_administrator(ctx)
        with self.database.reading(ctx) as connection:
            return self.cabinet.read(ctx, connection)

    def last_looks(self, ctx: Context, mailboxes: Sequence[Mailbox]) -> Sequence[Look | None]:
        """Return how the last look into each mailbox ended."""
        with self.database.reading(ctx) as connection:
            return [last_look(connection, ctx, each) for each in mailboxes]

    def set_up(self, ctx: Context, channels: Channels) -> None:
        """Keep what the tenant has set up."""
        require_administrator(ctx)
        self.database.unit(ctx, lambda at: self.cabinet.write(ctx, at, channels))


def require_administrator(ctx: Context) -> None:
    """Raise `Forbidden` for whoever does not look after the tenant."""
    if not administers(ctx):
        raise Forbidden(action="read", entity=MESSAGE)


def _narrowed(column: Mapping[str, Column[Any]], asked: Asked) -> list[ColumnElement[bool]]:
    exact = {"channel": asked.channel, "state": asked.state, "direction": asked.direction}
    found: list[ColumnElement[bool]] = [
        column[name] == value for name, value in exact.items() if value
    ]
    if asked.text:
        sought = [column[name].icontains(storable(asked.text), autoescape=True)
                  for name in ("address", "subject")]  # fmt: skip
        found.append(or_(*sought))
    if asked.since is not None:
        found.append(column["at"] >= asked.since)
    if asked.until is not None:
        found.append(column["at"] < asked.until)
    return found


def _is_own(ctx: Context, message: Message) -> bool:
    """Return whether a person wrote a message, and its address, with their own hands."""
    own = message.by is not None and message.by == ctx.actor.user
    return own and message.direction == "out" and not message.automation


def _waiting(message: Message) -> Message:
    detail = {**message.detail, "again": True}
    return replace(message, state="waiting", error="", done_at=None, detail=detail)


def _cursor(last: Message) -> str:
    return urlsafe_b64encode(f"{last.at.isoformat()} {last.id}".encode()).decode()


def _read(cursor: str) -> Any:  # Any: a pair of values that PostgreSQL compares
    try:
        at, _, id_ = urlsafe_b64decode(cursor).decode().partition(" ")
        return tuple_(datetime.fromisoformat(at), UUID(id_))
    except ValueError:
        raise NotFound(cursor=cursor) from None
