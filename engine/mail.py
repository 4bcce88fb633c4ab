"""Mail out: one message in plain words and in HTML, sent by a job so that nobody waits for it.

What a message says, links with secrets included, lies sealed in the queue.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate, make_msgid, parseaddr
from typing import Any, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, text

from engine.errors import EngineError
from engine.jobs import QUEUE, Job
from engine.outgoing.ending import ended_after
from engine.sealing import MasterKey

TASK = "mail.send"

PATIENCE = 30.0
"""Seconds that a mail server may take for an answer."""

LONGEST = 600.0
"""Seconds after which a connection ends, however busy its server keeps us."""

INVITES = "text/calendar; method="
"""What the type of a file begins with that invites to something, its method behind."""

PERMANENT, AFTER_PERMANENT = 500, 600
"""Answers of a mail server with which it says that trying again is of no use."""

VERBATIM = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})
"""Headers that programs read: each of their words is of any length, and stands as it is."""

_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_PURPOSE = "mail"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailFailed(EngineError):
    """A mail server that does not take a message; the job tries again."""

    code = "mail_failed"


class AddressRefused(MailFailed):
    """A mail server that will never take a message to this address; `said` is its answer."""

    code = "mail_address_refused"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along with a message: its name, media type, and content in base 64."""

    name: str
    type: str
    content: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person; `page` is the same as `words` in HTML.

    `headers` are said beside, or in place of, those that every message has.
    """

    to: str
    subject: str
    words: str
    page: str
    files: tuple[Attached, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class MailSender(Protocol):
    """Something that hands a message to a mail server."""

    def send(self, mail: Mail) -> None:
        """Send a message, or raise `MailFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server: `smtps` speaks TLS at once, `smtp+tls` must change to it, `smtp` may."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, address: str) -> MailServer:
        """Return the server of `smtp://user:password@host:port`; raise `ValueError`."""
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("write it as smtp://user:password@host:port, smtp+tls:// or smtps://")
        return cls(
            parts.scheme,
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


class _Letter(EmailPolicy):
    """Writes what programs read as it is: the library would encode words that fill a line."""

    def fold(self, name: str, value: str) -> str:
        """Return a header on as many lines as it has words, or as it is usually done."""
        if name.lower() not in VERBATIM:
            return str(super().fold(name, value))
        words = str(value).encode("ascii", "replace").decode().split()
        return f"{name}: {f'{self.linesep} '.join(words)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as `fold` does, in bytes."""
        if name.lower() not in VERBATIM:
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode("ascii")


_LETTER = _Letter()


class Smtp:
    """Sends over SMTP; a password goes over an encrypted connection only, or to this machine."""

    def __init__(self, server: MailServer, sender: str, patience: float = PATIENCE) -> None:
        self._server = server
        self._sender = sender
        self._patience = patience
        # Reading whom this machine trusts takes longer than handing a mail over.
        self._trust = ssl.create_default_context()

    def send(self, mail: Mail) -> None:
        """Send a message, or raise `MailFailed`."""
        try:
            refused = self._sent(self._letter(mail))
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # The server's own words may name people.
            code = getattr(error, "smtp_code", "")
            raise MailFailed(f"{type(error).__name__} {code}".strip()) from None
        if mail.to in refused:
            _raise_refused(refused[mail.to][0])

    def _sent(self, message: EmailMessage) -> Mapping[str, tuple[int, bytes]]:
        """Send a message; return what was answered to addresses that were not taken."""
        server = self._connected()
        try:
            with ended_after(LONGEST, lambda: server.sock):
                refused = server.send_message(message)
            # What was taken is taken, however the server parts.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()
        return refused

    def _connected(self) -> smtplib.SMTP:
        chosen = self._server
        if chosen.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                chosen.host, chosen.port, timeout=self._patience, context=self._trust
            )
        else:
            server = smtplib.SMTP(chosen.host, chosen.port, timeout=self._patience)
        try:
            self._enter(server)
        except BaseException:
            server.close()
            raise
        return server

    def _enter(self, server: smtplib.SMTP) -> None:
        chosen = self._server
        server.ehlo()
        encrypted = chosen.scheme == "smtps"
        if not encrypted and (chosen.scheme == "smtp+tls" or server.has_extn("starttls")):
            server.starttls(context=self._trust)
            server.ehlo()
            encrypted = True
        if not chosen.user:
            return
        if not encrypted and chosen.host not in _HERE:
            raise MailFailed("The mail server offers no encryption, and would see a password.")
        server.login(chosen.user, chosen.password)

    def _letter(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=_LETTER)
        message["From"] = self._sender
        message["To"] = mail.to
        # A name may have several lines, and a heading may not.
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        for name, value in mail.headers:
            del message[name]
            message[name] = value
        message.set_content(mail.words)
        message.add_alternative(mail.page, subtype="html")
        for each in mail.files:
            kind, _, subtype = each.type.partition("/")
            content = b64decode(each.content)
            method = each.type.removeprefix(INVITES)
            if method != each.type:
                # Programs answer an invitation that is another form of the words themselves.
                words, said = content.decode(), {"method": method}
                message.add_alternative(words, subtype="calendar", params=said)
                continue
            message.add_attachment(content, maintype=kind, subtype=subtype, filename=each.name)
        return message


def _raise_refused(code: int) -> NoReturn:
    """Raise what an answer of a mail server to an address means; copies do not count."""
    if PERMANENT <= code < AFTER_PERMANENT:
        raise AddressRefused(said=str(code))
    raise MailFailed(f"SMTPRecipientsRefused {code}")


class Post:
    """Takes messages in the transaction that asks for them, sealed until they are sent."""

    def __init__(self, key: MasterKey) -> None:
        self._key = key

    def drop(self, connection: Connection, mail: Mail) -> None:
        """Have a message sent after this transaction of the registry."""
        sealed = self.sealed(asdict(mail))
        defer_for_installation(connection, TASK, {"sealed": sealed})

    def sealed(self, payload: Mapping[str, object]) -> str:
        """Return what a job of the post is given, closed to whoever reads the queue."""
        return self._key.seal(json.dumps(payload).encode(), purpose=_PURPOSE).hex()

    def opened(self, job: Job) -> Mapping[str, Any]:
        """Return what a job of the post was given. Any: JSON."""
        plain = self._key.open(bytes.fromhex(job.payload["sealed"]), purpose=_PURPOSE)
        found: Mapping[str, Any] = json.loads(plain)
        return found


@dataclass(frozen=True, slots=True)
class SendMail:
    """The task that sends one message; tried again for about an hour."""

    post: Post
    sender: MailSender
    attempts: int = 8

    def run(self, job: Job) -> None:
        """Send the message of a job."""
        said = self.post.opened(job)
        files = tuple(Attached(**each) for each in said.get("files", ()))
        headers = tuple((name, value) for name, value in said.get("headers", ()))
        self.sender.send(Mail(**{**said, "files": files, "headers": headers}))


def defer_for_installation(
    connection: Connection, task: str, payload: Mapping[str, object], *, only_one: str | None = None
) -> None:
    """Defer a job that belongs to no tenant, in a transaction of the registry.

    With `only_one`, nothing is deferred while a job with the same text still waits.
    """
    connection.execute(text(f"SET LOCAL search_path TO {QUEUE}, pg_catalog"))
    connection.execute(
        text(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('mail', :task, 0, NULL, :alike, "
            "jsonb_build_object('tenant', '', 'payload', cast(:payload AS jsonb)), NULL"
            ")::procrastinate_job_to_defer_v1]) WHERE cast(:alike AS text) IS NULL OR NOT EXISTS ("
            "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :alike AND status = 'todo')"
        ),
        {
            "task": task,
            "payload": json.dumps(dict(payload)),
            "alike": None if only_one is None else f":{task}:{only_one}",
        },
    )
    connection.execute(text("SET LOCAL search_path TO pg_catalog"))
