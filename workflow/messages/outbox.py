"""Messages to people outside: kept in the log at once, carried after the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, select

from engine.context import Context
from engine.jobs import defer
from engine.notices.tables import columns_of
from engine.query.spec import FileValue
from engine.values.identity import new_id
from workflow.messages.addresses import plain
from workflow.messages.channels import Cabinet, ChannelsClosed
from workflow.messages.gate import Passing, held_back
from workflow.messages.message import (
    MESSAGE,
    Channel,
    Message,
    State,
    keep_all,
    message_of,
)

TASK = "message.send"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sent, in words; see `Message`. `copies` are addresses that read along."""

    channel: Channel
    address: str
    subject: str
    words: str
    language: str = ""
    entity: str = ""
    record: UUID | None = None
    whom: UUID | None = None
    automation: str = ""
    copies: Sequence[str] = ()
    attach: Sequence[str] = ()
    promotional: bool = False
    form: str = ""
    files: Sequence[FileValue] = ()
    result: Mapping[str, str] = field(default_factory=dict)
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class Outbox:
    """Takes messages in the transaction that writes them.

    Only those of `carried` channels go anywhere; others can be looked at in the log. `domain` is
    what the ids end with that mail programs know messages by.
    """

    carried: frozenset[str] = frozenset()
    domain: str = "joinery.invalid"
    cabinet: Cabinet | None = None

    def robots(self, ctx: Context, connection: Connection) -> Sequence[str]:
        """Return the names of a tenant's robots, none where nothing can be carried to them.

        A copy of a tenant, or one that came to an installation with another key, has none until
        their secrets are entered again.
        """
        if self.cabinet is None or "robot" not in self.carried:
            return ()
        try:
            return [each.name for each in self.cabinet.read(ctx, connection).robots]
        except ChannelsClosed:
            return ()

    def put(self, ctx: Context, connection: Connection, wanted: Wanted) -> Message:
        """Keep a message, and have it carried once the transaction is there."""
        # Of a robot this is its name, and of a number of a phone there is one way to write it.
        address = plain(wanted.address) if wanted.channel == "email" else wanted.address.strip()
        passing = Passing(wanted.channel, address, wanted.whom, wanted.promotional)
        reason = held_back(ctx, connection, passing)
        state: State = "held" if reason else "logged"
        if wanted.channel in self.carried and not reason:
            state = "waiting"
        before = _last_with(ctx, connection, wanted, address)
        id_ = new_id(ctx.now)
        known_by = f"{id_.hex}@{self.domain}"
        detail: dict[str, object] = {"language": wanted.language, "copies": list(wanted.copies)}
        detail |= {"attach": list(wanted.attach), "promotional": wanted.promotional}
        detail |= {"form": wanted.form} if wanted.form else {}
        if wanted.files:
            detail["files"] = [{"id": str(each.id), "name": each.name} for each in wanted.files]
        detail |= {"result": dict(wanted.result)} if wanted.result else {}
        detail |= {"tracked": True} if wanted.tracked else {}
        detail |= {"answers": before.message_id} if before is not None else {}
        message = Message(
            id_, "out", wanted.channel, state, address, known_by, ctx.now,
            subject=" ".join(wanted.subject.split()), body=wanted.words, whom=wanted.whom,
            entity=wanted.entity, record=wanted.record, by=ctx.actor.user,
            automation=wanted.automation, error=reason,
            thread=before.thread if before is not None and before.thread else known_by,
            done_at=None if state == "waiting" else ctx.now, detail=detail,
        )  # fmt: skip
        keep_all(connection, ctx, [message])
        if state == "waiting":
            defer(connection, TASK, {"message": str(id_)}, queue="mail")
        return message


def _last_with(
    ctx: Context, connection: Connection, wanted: Wanted, address: str
) -> Message | None:
    """Return the last message to or from an address about the same record."""
    if wanted.record is None or wanted.channel != "email":
        return None
    table, column = columns_of(ctx, MESSAGE)
    same = (column["entity"] == wanted.entity, column["record"] == wanted.record)
    with_them = (column["channel"] == "email", column["address"] == address)
    there = column["state"].in_(("waiting", "sent", "received", "logged"))
    newest = (column["at"].desc(), column["id"].desc())
    statement = select(table).where(*same, *with_them, there).order_by(*newest).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else message_of(column, row)
