"""Messages as they are kept: to whom or from whom, what they say, how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import Column, Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from engine.context import Context
from engine.jobs import defer
from engine.notices.tables import columns_of

MESSAGE = "sys_message"

Direction = Literal["out", "in"]

Channel = Literal["email", "sms", "wechat", "voice", "fax", "robot"]

State = Literal[
    "waiting", "sent", "logged", "held", "failed", "bounced", "received", "ignored", "refused"
]
"""Of those to people: `waiting` for its carrier, `sent`, `logged` where no carrier is set up,
`held` back by the gate, `failed`, `bounced`. Of those from them: `received`, `ignored` since a
program wrote it, `refused` since it cannot be read.
"""

CHANNELS: tuple[Channel, ...] = get_args(Channel)

STATES: tuple[State, ...] = get_args(State)

RESULT = "message.result"
"""The task that has a record show what became of a message."""

LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, as it is kept: the id of the file, and its name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address, or from one.

    `whom` is the record that is written to, `entity` and `record` what it is about. `message_id`
    is what mail programs know it by, without brackets, and `thread` that of the first of its
    conversation. `error` is a code or what a server said. `detail` are JSON values: `cc`,
    `attach` (documents by name), `files`, `reply_to`, `answers`, `promotional`, `language`, `form`,
    `cost` as a gateway tells it, `result` (see `results`), `tracked` where its record shows
    whether it was opened, `again` where somebody asked for it once more.
    """

    id: UUID
    direction: Direction
    channel: Channel
    state: State
    address: str
    message_id: str
    at: datetime
    subject: str = ""
    body: str = ""
    whom: UUID | None = None
    entity: str = ""
    record: UUID | None = None
    by: UUID | None = None
    automation: str = ""
    thread: str = ""
    done_at: datetime | None = None
    attempts: int = 0
    error: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Attachment, ...]:
        """The files that came with it, or go along."""
        return tuple(
            Attachment(UUID(each["id"]), each["name"]) for each in self.detail.get("files", ())
        )


def keep(connection: Connection, ctx: Context, message: Message) -> bool:
    """Keep a new message; return whether it is new: one that came before is not kept again."""
    table, column = columns_of(ctx, MESSAGE)
    row = {column[key].name: value for key, value in _row(message).items()}
    statement = insert_or_not(table).values(row).on_conflict_do_nothing().returning(column["id"])
    return connection.execute(statement).one_or_none() is not None


def keep_all(connection: Connection, ctx: Context, messages: list[Message]) -> None:
    """Keep new messages, whose ids nobody else can have given."""
    if messages:
        table, column = columns_of(ctx, MESSAGE)
        rows = [{column[key].name: value for key, value in _row(each).items()} for each in messages]
        connection.execute(insert(table), rows)


def change(connection: Connection, ctx: Context, message: Message) -> None:
    """Keep how far a message is, and have the record that shows it told."""
    table, column = columns_of(ctx, MESSAGE)
    row = {column[key].name: value for key, value in _row(message).items() if key != "id"}
    connection.execute(update(table).where(column["id"] == message.id).values(**row))
    if message.detail.get("result"):
        defer(connection, RESULT, {"message": str(message.id)}, queue="mail")


def take(connection: Connection, ctx: Context, id_: UUID) -> Message | None:
    """Return a message, locked; None where it is gone, or somebody else is at it."""
    table, column = columns_of(ctx, MESSAGE)
    statement = select(table).where(column["id"] == id_).with_for_update(skip_locked=True)
    row = connection.execute(statement).one_or_none()
    return None if row is None else message_of(column, row)


def one(connection: Connection, ctx: Context, id_: UUID) -> Message | None:
    """Return a message as it is; None where it is gone."""
    table, column = columns_of(ctx, MESSAGE)
    row = connection.execute(select(table).where(column["id"] == id_)).one_or_none()
    return None if row is None else message_of(column, row)


def known(
    connection: Connection, ctx: Context, message_ids: list[str], direction: Direction | None = None
) -> list[Message]:
    """Return the messages known by ids of mail programs, the latest first."""
    if not message_ids:
        return []
    table, column = columns_of(ctx, MESSAGE)
    statement = select(table).where(column["message_id"].in_(message_ids))
    if direction is not None:
        statement = statement.where(column["direction"] == direction)
    rows = connection.execute(statement.order_by(column["at"].desc(), column["id"].desc()))
    return [message_of(column, row) for row in rows]


def of_record(connection: Connection, ctx: Context, entity: str, record: UUID) -> list[Message]:
    """Return the messages about a record, the oldest first."""
    table, column = columns_of(ctx, MESSAGE)
    here = (column["entity"] == entity, column["record"] == record)
    rows = connection.execute(select(table).where(*here).order_by(column["at"], column["id"]))
    return [message_of(column, row) for row in rows]


def message_of(column: Mapping[str, Column[Any]], row: Row[Any]) -> Message:
    """Return a row of the log. Any: columns and rows of every type."""
    held = {key: row._mapping[each.name] for key, each in column.items()}
    return Message(
        id=held["id"],
        direction=held["direction"],
        channel=held["channel"],
        state=held["state"],
        address=held["address"],
        message_id=held["message_id"],
        at=held["at"],
        subject=held["subject"] or "",
        body=held["body"] or "",
        whom=held["whom"],
        entity=held["entity"] or "",
        record=held["record"],
        by=held["by"],
        automation=held["automation"] or "",
        thread=held["thread"] or "",
        done_at=held["done_at"],
        attempts=int(held["attempts"] or 0),
        error=held["error"] or "",
        detail=held["detail"] or {},
    )


def _row(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "direction": message.direction,
        "channel": message.channel,
        "state": message.state,
        "address": message.address,
        "whom": message.whom,
        "subject": message.subject[:LONGEST_SUBJECT],
        "body": message.body,
        "entity": message.entity or None,
        "record": message.record,
        "by": message.by,
        "automation": message.automation or None,
        "message_id": message.message_id,
        "thread": message.thread or None,
        "at": message.at,
        "done_at": message.done_at,
        "attempts": message.attempts,
        "error": message.error or None,
        "detail": dict(message.detail),
    }
