"""Speaks IMAP with a mailbox: in windows of mail, within limits, with the checked address alone."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.outgoing.allowance import Allowance
from engine.outgoing.connection import resolve
from engine.outgoing.ending import ended_after
from workflow.messages.channels import Mailbox

PATIENCE = 30.0
"""Seconds that a mail server may take for an answer."""

LONGEST = 900.0
"""Seconds after which a connection ends, however busy its server keeps us."""

LARGEST = 30_000_000
"""Bytes of one mail; larger ones stay where they are, and are told of."""

WINDOW = 60_000
"""UIDs that are asked for at once: those of a larger mailbox fit on no line that is read."""

LAST_UID = 2**32 - 1

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxFailed(EngineError):
    """A mailbox that cannot be looked into; `why` is what its server said, in short."""

    code = "mailbox_failed"


class _SignInRefused(imaplib.IMAP4.error):
    """A name and password that a server does not take."""


@contextmanager
def opened(
    mailbox: Mailbox, allowance: Allowance, patience: float = PATIENCE
) -> Iterator[imaplib.IMAP4]:
    """Yield a connection with the mailbox selected; raise `MailboxFailed` or what guards others."""
    addresses = resolve(mailbox.host, mailbox.port)
    place = _Place(mailbox, allowance.require(mailbox.host, addresses), patience)
    try:
        with ended_after(LONGEST, lambda: place.connected):
            server = _Checked(place)
            try:
                _enter(server, mailbox)
                yield server
            finally:
                _leave(server)
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxFailed(why=_in_short(error)) from None


@dataclass(slots=True)
class _Place:
    """Where a mailbox is, the address that was checked, and the connection once there is one."""

    mailbox: Mailbox
    address: str
    patience: float
    connected: socket.socket | None = None


class _Checked(imaplib.IMAP4):
    """Speaks with the address that was checked, and with no other that the name leads to now."""

    def __init__(self, place: _Place) -> None:
        self._place = place
        super().__init__(place.mailbox.host, place.mailbox.port, timeout=place.patience)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        place, mailbox = self._place, self._place.mailbox
        made = socket.create_connection((place.address, mailbox.port), timeout)
        place.connected = made
        if mailbox.plain:
            return made
        try:
            wrapped = ssl.create_default_context().wrap_socket(
                made, server_hostname=mailbox.host, do_handshake_on_connect=False
            )
            place.connected = made = wrapped
            wrapped.do_handshake()
        except BaseException:
            made.close()
            raise
        return wrapped

    def read(self, size: int) -> bytes:
        """Return what a server says comes now, unless that is more than anybody asked for."""
        if size > 2 * LARGEST:
            raise self.abort("too much")
        return super().read(size)


def validity(server: imaplib.IMAP4) -> str:
    """Return the number under which UIDs of the folder hold."""
    found = server.untagged_responses.get("UIDVALIDITY") or [b"0"]
    last = found[-1]
    return last.decode("ascii", "replace")[:40] if isinstance(last, bytes) else "0"


def newest(server: imaplib.IMAP4) -> int:
    """Return the UID of the last mail that lies there, 0 where none does."""
    return max(_found(server, "UID *"), default=0)


def window_of(server: imaplib.IMAP4) -> int:
    """Return how many UIDs may be asked for at once: all, where few mails lie there."""
    held = server.untagged_responses.get("EXISTS") or [b""]
    count = held[-1] if isinstance(held[-1], bytes) else b""
    return LAST_UID if count.isdigit() and int(count[:12]) <= WINDOW else WINDOW


def found_between(server: imaplib.IMAP4, window: tuple[int, int], *, unseen: bool) -> list[int]:
    """Return the UIDs of mail between two of them, the oldest first."""
    first, last = window
    asked = f"UID {first}:{last}" + (" UNSEEN" if unseen else "")
    # A server answers `n:*`, and some any range, with its last mail, however low its number.
    return [uid for uid in _found(server, asked) if first <= uid <= last]


def content(server: imaplib.IMAP4, uid: int) -> bytes | None:
    """Return a mail as it is; None for one that is too large, blank for one that is gone."""
    sized = answered(server.uid("FETCH", str(uid), "(RFC822.SIZE)"))
    found = _SIZE.search(b" ".join(each for each in _flat(sized) if each))
    if found is not None and int(found[1]) > LARGEST:
        return None
    brought = answered(server.uid("FETCH", str(uid), "(BODY.PEEK[])"))
    raw = next((each[1] for each in brought if isinstance(each, tuple)), b"")
    if not isinstance(raw, bytes):
        return b""
    return raw if len(raw) <= LARGEST else None


def answered(answer: tuple[str, Any]) -> Any:  # Any: what the library reads, in many shapes
    """Return what a server answered, or raise what it refused."""
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer[0])
    return answer[1] or []


def _enter(server: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        _sign_in(server, mailbox.user, mailbox.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise _SignInRefused from None
    if "ID" in server.capabilities:
        # Some (163.com, 126.com) show no folder to a program that does not say what it is.
        server.xatom("ID", '("name" "Joinery")')
    answered(server.select(_quoted(mailbox.folder)))


def _sign_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    both = f"{user}{password}"
    if both.isascii() and both.isprintable() and " " not in user:
        server.login(user, password)
        return
    # Whatever else somebody is called goes by the one way that says how it is written (RFC 4616).
    said = f"\0{user}\0{password}".encode("utf-8", "replace")
    server.authenticate("PLAIN", lambda _: said)


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()


def _found(server: imaplib.IMAP4, asked: str) -> list[int]:
    parts = answered(server.uid("SEARCH", asked))
    words = (each for part in parts if isinstance(part, bytes) for each in part.split())
    uids = (int(each) for each in words if each.isdigit() and len(each) <= len(str(LAST_UID)))
    return sorted(uid for uid in uids if 0 < uid <= LAST_UID)


def _flat(parts: Sequence[Any]) -> Iterator[bytes]:  # Any: see above
    for each in parts:
        yield from each if isinstance(each, tuple) else (each,)


def _quoted(folder: str) -> str:
    escaped = _spelled(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _spelled(folder: str) -> str:
    """Return the name of a folder in the letters that IMAP has for it (RFC 3501, 5.1.3)."""
    found = []
    for part in re.split(r"([^\x20-\x7e]+)", folder):
        if part.isascii() and part.isprintable():
            found.append(part.replace("&", "&-"))
        else:
            coded = b64encode(part.encode("utf-16-be", "replace")).decode().rstrip("=")
            found.append(f"&{coded.replace('/', ',')}-")
    return "".join(found)


def _in_short(error: Exception) -> str:
    """Return what went wrong without what a server may tell of people."""
    if isinstance(error, _SignInRefused):
        return "sign_in_refused"
    return "no_answer" if isinstance(error, OSError | imaplib.IMAP4.abort) else "refused"
