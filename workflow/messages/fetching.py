"""Fetches mail through IMAP: each mailbox by a job of its own, from where it was left.

Where a mailbox stands is kept by its UIDs (RFC 3501) after each mail. A worker that dies in
between brings one mail twice, and it is taken once.
"""

from __future__ import annotations

import imaplib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError

from engine.context import Context
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import Job, defer
from engine.notices.tables import columns_of
from engine.outgoing.allowance import Allowance
from engine.values.identity import new_id
from engine.walking import in_each
from workflow.messages.addresses import plain
from workflow.messages.channels import Cabinet, ChannelsClosed, Mailbox
from workflow.messages.imap import (
    PATIENCE,
    answered,
    content,
    found_between,
    newest,
    opened,
    validity,
    window_of,
)
from workflow.messages.message import Message
from workflow.messages.standing import look_ended

TASK = "message.fetch"

EVERY = "message.look"

COUNTER = "sys_counter"

AT_ONCE = 200
"""Mails that one job takes."""

UNTAKEABLE = (ValueError, TypeError, LookupError, DataError)
"""What a mail may break that is made to break something."""

_LOG = logging.getLogger(__name__)


class Takes(Protocol):
    """Takes mail for a tenant."""

    def take(self, ctx: Context, to: str, raw: bytes) -> Message | None:
        """Take a mail, once; None where it was taken before."""
        ...

    def refuse(self, ctx: Context, to: str, message_id: str, why: str) -> Message | None:
        """Keep that a mail came which is not taken, once."""
        ...


@dataclass(frozen=True, slots=True)
class FetchAll:
    """Has every mailbox looked into; a `jobs.Recurring`."""

    database: Database
    cabinet: Cabinet
    tenants: Callable[[], Sequence[str]]
    system: Callable[[str], Context]

    @property
    def cron(self) -> str:
        return "* * * * *"

    def tick(self, at: datetime) -> None:
        """Defer a job for each mailbox, unless one waits: one that hangs keeps no other waiting."""
        in_each(self.tenants(), self.system, self._look, (_LOG, "Mailboxes were not looked into"))

    def _look(self, ctx: Context) -> None:
        if ctx.tenant.frozen:
            return
        with self.database.reading(ctx) as connection:
            try:
                mailboxes = self.cabinet.read(ctx, connection).mailboxes
            except ChannelsClosed:
                # What is sealed under another key is told where it is set up.
                return
        addresses = [each.address for each in mailboxes]

        def unit(connection: Connection) -> None:
            for each in addresses:
                defer(connection, TASK, {"mailbox": each}, queue="mail", only_one=each)

        if addresses:
            self.database.unit(ctx, unit)


@dataclass(frozen=True, slots=True)
class Fetch:
    """Takes what came into one mailbox; a `jobs.Task`."""

    database: Database
    cabinet: Cabinet
    intake: Takes
    allowance: Allowance
    system: Callable[[str], Context]
    patience: float = PATIENCE

    @property
    def attempts(self) -> int:
        """Once: it is looked again within a minute."""
        return 1

    def run(self, job: Job) -> None:
        """Look into the mailbox of a job; what it met is kept for those who set it up."""
        ctx = self.system(job.tenant)
        with self.database.reading(ctx) as connection:
            mailboxes = self.cabinet.read(ctx, connection).mailboxes
        mailbox = next((each for each in mailboxes if each.address == job.payload["mailbox"]), None)
        if mailbox is None:
            return
        try:
            more = self.look(ctx, mailbox)
        except EngineError as error:
            why = str(error.params.get("why", error.code))
            self.database.unit(ctx, lambda connection: look_ended(connection, ctx, mailbox, why))
            raise
        self.database.unit(ctx, lambda connection: look_ended(connection, ctx, mailbox, ""))
        if more:
            again = {"mailbox": mailbox.address}
            self.database.unit(ctx, lambda at: defer(at, TASK, again, queue="mail"))

    def look(self, ctx: Context, mailbox: Mailbox) -> bool:
        """Take what is new in a mailbox; return whether there is more of it."""
        taken = 0
        with opened(mailbox, self.allowance, self.patience) as server:
            number, last = validity(server), newest(server)
            place = self.database.unit(ctx, lambda at: _place(at, ctx, mailbox, (number, last)))
            for window in _windows(place, last, window_of(server)):
                for uid in found_between(server, window, unseen=window[1] <= place.old):
                    if taken == AT_ONCE:
                        return True
                    self._take(ctx, mailbox, server, uid)
                    self._left(ctx, mailbox, (number, uid))
                    answered(server.uid("STORE", str(uid), "+FLAGS", "(\\Seen)"))
                    taken += 1
                self._left(ctx, mailbox, (number, window[1]))
        return False

    def _left(self, ctx: Context, mailbox: Mailbox, place: tuple[str, int]) -> None:
        self.database.unit(ctx, lambda at: _keep(at, ctx, _named(mailbox), place))

    def _take(self, ctx: Context, mailbox: Mailbox, server: imaplib.IMAP4, uid: int) -> None:
        raw = content(server, uid)
        known_by = f"{uid}.{validity(server)}@{mailbox.host}"
        if raw is None:
            self.intake.refuse(ctx, mailbox.address, known_by, "mail_too_large")
        elif raw:
            try:
                self.intake.take(ctx, mailbox.address, raw)
            except UNTAKEABLE as error:
                # It would keep all that came after it waiting, for ever.
                _LOG.warning("A mail of %s cannot be kept: %s", ctx.tenant.name, type(error))
                self.intake.refuse(ctx, mailbox.address, known_by, "unreadable")


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a mailbox was taken: all up to `done`; of what came up to `old` only the unseen.

    What lay there when it was looked into first, and was read by somebody, is nothing new.
    """

    done: int
    old: int


def _windows(place: _Place, last: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of the UIDs of what is to be taken, each of what is old, or of what is not."""
    first = place.done + 1
    while first <= last:
        end = min(first + size - 1, place.old if first <= place.old else last, last)
        yield first, end
        first = end + 1


def _place(
    connection: Connection, ctx: Context, mailbox: Mailbox, newest: tuple[str, int]
) -> _Place:
    """Return how far a mailbox was taken; at the first look keep what lies there already."""
    number, last = newest
    done = _kept(connection, ctx, _named(mailbox), number)
    old = _kept(connection, ctx, f"{_named(mailbox)} old", number)
    if done is None and old is None:
        _keep(connection, ctx, f"{_named(mailbox)} old", (number, last))
        old = last
    return _Place(done or 0, old or 0)


def _kept(connection: Connection, ctx: Context, name: str, number: str) -> int | None:
    table, column = columns_of(ctx, COUNTER)
    mine = (column["name"] == name, column["period"] == number)
    found = connection.execute(select(column["value"]).where(*mine)).scalar_one_or_none()
    return None if found is None else int(found)


def _keep(connection: Connection, ctx: Context, name: str, place: tuple[str, int]) -> None:
    table, column = columns_of(ctx, COUNTER)
    number, uid = place
    row = {"id": new_id(ctx.now), "name": name, "period": number, "value": uid}
    statement = insert(table).values({column[key].name: value for key, value in row.items()})
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[column["name"], column["period"]],
            set_={column["value"].name: uid},
        )
    )


def _named(mailbox: Mailbox) -> str:
    return f"mailbox {plain(mailbox.address)} {mailbox.folder}"
