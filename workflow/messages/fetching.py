"""Fetches mail through IMAP: each mailbox by a job of its own, from where it was left.

Where a mailbox stands is kept by its UIDs (RFC 3501) after each mail. A worker that dies in
between brings one mail twice, and it is taken once.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from engine.context import Context
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import Job, defer
from engine.notices.tables import columns_of
from engine.outgoing.allowance import Allowance
from engine.outgoing.connection import resolve
from engine.values.identity import new_id
from workflow.messages.addresses import plain
from workflow.messages.channels import Cabinet, Mailbox
from workflow.messages.message import Message
from workflow.messages.standing import look_ended

TASK = "message.fetch"

EVERY = "message.look"

COUNTER = "sys_counter"

PATIENCE = 30.0
"""Seconds that a mail server may take for an answer."""

LARGEST = 30_000_000
"""Bytes of one mail; larger ones stay where they are, and are told of."""

AT_ONCE = 200
"""Mails that one job takes."""

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxFailed(EngineError):
    """A mailbox that cannot be looked into; `why` is what its server said, in short."""

    code = "mailbox_failed"


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
        for tenant in self.tenants():
            try:
                self._look(self.system(tenant))
            except EngineError:
                # What is sealed under another key is told where it is set up.
                continue

    def _look(self, ctx: Context) -> None:
        if ctx.tenant.frozen:
            return
        with self.database.reading(ctx) as connection:
            addresses = [each.address for each in self.cabinet.read(ctx, connection).mailboxes]

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
            taken = self.look(ctx, mailbox)
        except EngineError as error:
            why = str(error.params.get("why", error.code))
            self.database.unit(ctx, lambda connection: look_ended(connection, ctx, mailbox, why))
            raise
        self.database.unit(ctx, lambda connection: look_ended(connection, ctx, mailbox, ""))
        if taken == AT_ONCE:
            again = {"mailbox": mailbox.address}
            self.database.unit(ctx, lambda at: defer(at, TASK, again, queue="mail"))

    def look(self, ctx: Context, mailbox: Mailbox) -> int:
        """Take what is new in a mailbox; return how many mails that was."""
        with opened(mailbox, self.allowance) as server:
            number = _validity(server)
            last = self.database.unit(ctx, lambda at: _left_at(at, ctx, mailbox, number))
            uids = _new(server, last)[:AT_ONCE]
            if last is None and not uids:
                self._left(ctx, mailbox, (number, _newest(server)))
            for uid in uids:
                self._take(ctx, mailbox, server, uid)
                self._left(ctx, mailbox, (number, int(uid)))
                _answered(server.uid("STORE", uid, "+FLAGS", "(\\Seen)"))
        return len(uids)

    def _left(self, ctx: Context, mailbox: Mailbox, place: tuple[str, int]) -> None:
        self.database.unit(ctx, lambda connection: _left(connection, ctx, mailbox, place))

    def _take(self, ctx: Context, mailbox: Mailbox, server: imaplib.IMAP4, uid: str) -> None:
        sized = _answered(server.uid("FETCH", uid, "(RFC822.SIZE)"))
        found = _SIZE.search(b" ".join(each for each in _flat(sized) if each))
        if found is not None and int(found[1]) > LARGEST:
            known_by = f"{uid}.{_validity(server)}@{mailbox.host}"
            self.intake.refuse(ctx, mailbox.address, known_by, "mail_too_large")
            return
        brought = _answered(server.uid("FETCH", uid, "(BODY.PEEK[])"))
        raw = next((each[1] for each in brought if isinstance(each, tuple)), None)
        if isinstance(raw, bytes):
            self.intake.take(ctx, mailbox.address, raw)


@contextmanager
def opened(mailbox: Mailbox, allowance: Allowance) -> Iterator[imaplib.IMAP4]:
    """Yield a connection with the mailbox selected; raise `MailboxFailed` or what guards others."""
    addresses = resolve(mailbox.host, mailbox.port)
    address = allowance.require(mailbox.host, addresses)
    server: imaplib.IMAP4 | None = None
    try:
        server = _Checked(mailbox, address)
        server.login(mailbox.user, mailbox.password)
        _answered(server.select(_quoted(mailbox.folder)))
        yield server
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxFailed(why=_in_short(error)) from None
    finally:
        if server is not None:
            _leave(server)


class _Checked(imaplib.IMAP4):
    """Speaks with the address that was checked, and with no other that the name leads to now."""

    def __init__(self, mailbox: Mailbox, address: str) -> None:
        self._mailbox = mailbox
        self._address = address
        super().__init__(mailbox.host, mailbox.port, timeout=PATIENCE)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = socket.create_connection((self._address, self._mailbox.port), timeout)
        if self._mailbox.plain:
            return made
        try:
            trust = ssl.create_default_context()
            return trust.wrap_socket(made, server_hostname=self._mailbox.host)
        except BaseException:
            made.close()
            raise


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()


def _validity(server: imaplib.IMAP4) -> str:
    """Return the number under which UIDs of the folder hold."""
    found = server.untagged_responses.get("UIDVALIDITY") or [b"0"]
    last = found[-1]
    return last.decode("ascii", "replace")[:40] if isinstance(last, bytes) else "0"


def _new(server: imaplib.IMAP4, last: int | None) -> list[str]:
    """Return the UIDs of what came since, the oldest first; at the first look what is unseen."""
    uids = _found(server, "UNSEEN" if last is None else f"UID {last + 1}:*")
    # A server answers `n:*` with its last mail, however low its number.
    return [str(uid) for uid in uids if last is None or uid > last]


def _newest(server: imaplib.IMAP4) -> int:
    """Return the UID of the last mail that lies there, 0 where none does."""
    return max(_found(server, "ALL"), default=0)


def _found(server: imaplib.IMAP4, asked: str) -> list[int]:
    parts = _answered(server.uid("SEARCH", asked))
    return sorted(int(each) for part in parts if isinstance(part, bytes) for each in part.split())


def _answered(answer: tuple[str, Any]) -> Any:  # Any: what the library reads, in many shapes
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer[0])
    return answer[1] or []


def _flat(parts: Sequence[Any]) -> Iterator[bytes]:  # Any: see above
    for each in parts:
        yield from each if isinstance(each, tuple) else (each,)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_short(error: Exception) -> str:
    """Return what went wrong without what a server may tell of people."""
    if isinstance(error, imaplib.IMAP4.error) and "AUTH" in str(error).upper():
        return "sign_in_refused"
    return "no_answer" if isinstance(error, OSError) else "refused"


def _left_at(connection: Connection, ctx: Context, mailbox: Mailbox, number: str) -> int | None:
    table, column = columns_of(ctx, COUNTER)
    mine = (column["name"] == _named(mailbox), column["period"] == number)
    found = connection.execute(select(column["value"]).where(*mine)).scalar_one_or_none()
    return None if found is None else int(found)


def _left(connection: Connection, ctx: Context, mailbox: Mailbox, place: tuple[str, int]) -> None:
    table, column = columns_of(ctx, COUNTER)
    number, uid = place
    row = {"id": new_id(ctx.now), "name": _named(mailbox), "period": number, "value": uid}
    statement = insert(table).values({column[key].name: value for key, value in row.items()})
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[column["name"], column["period"]],
            set_={column["value"].name: uid},
        )
    )


def _named(mailbox: Mailbox) -> str:
    return f"mailbox {plain(mailbox.address)} {mailbox.folder}"
