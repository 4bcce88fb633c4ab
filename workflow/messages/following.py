"""Addresses by which a mail tells that it was opened, or a link of it followed.

They are sealed: the site leads nowhere that a mail of its own did not, and nobody can guess which
messages there are. What a link leads to stands in it, so that it does long after the message.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from engine.context import Context
from engine.database import Database
from engine.errors import NotFound
from engine.jobs import defer
from engine.sealing import MasterKey, Unsealable

PICTURE, LINK = "/mail/seen", "/mail/link"

TASK = "message.seen"
"""The task that has a record show that its mail was opened, or a link of it followed."""

Deed = Literal["opened", "clicked"]

LONGEST_TARGET = 1_000
"""Characters of an address that a link may lead to by way of this site: browsers take twice that,
and sealing makes of each byte one and a third."""

_ID = 16


@dataclass(frozen=True, slots=True)
class Sign:
    """What an address of a mail stands for: whose it is, by the tenant's role; where it leads."""

    tenant: str
    message: UUID
    target: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """Writes the addresses by which one mail is heard of."""

    key: MasterKey
    site: str
    tenant: str
    message: UUID

    @property
    def picture(self) -> str:
        """The address of the picture that a program loads which shows the mail."""
        return self._address(PICTURE, "")

    def leading(self, target: str) -> str:
        """Return the address of this site that leads to a page, or the page's own if none can."""
        return self._address(LINK, target) if _can_lead(target) else target

    def _address(self, path: str, target: str) -> str:
        said = self.message.bytes + f"{self.tenant}\0{target}".encode()
        sealed = self.key.seal(said, purpose=_purpose(path))
        return f"{self.site}{path}?key={urlsafe_b64encode(sealed).decode().rstrip('=')}"


def read_sign(key: MasterKey, path: str, secret: str) -> Sign:
    """Return what an address stands for; raise `NotFound` for one that was not made here."""
    try:
        sealed = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        said = key.open(sealed, purpose=_purpose(path))
    except (Unsealable, ValueError):
        raise NotFound(link="mail") from None
    tenant, _, target = said[_ID:].decode().partition("\0")
    return Sign(tenant, UUID(bytes=said[:_ID]), target)


def _can_lead(target: str) -> bool:
    if len(target) > LONGEST_TARGET:
        return False
    try:
        parts = urlsplit(target)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _purpose(path: str) -> str:
    return f"mail {path}"


@dataclass(frozen=True, slots=True)
class Followings:
    """The door for programs that show mail; `named` finds a tenant's name by its role."""

    database: Database
    key: MasterKey
    system: Callable[[str], Context]
    named: Callable[[str], str | None]

    def read(self, path: str, secret: str) -> Sign:
        """Return what an address stands for; raise `NotFound`."""
        return read_sign(self.key, path, secret)

    def note(self, sign: Sign, deed: Deed) -> None:
        """Have the record told, soon: what is asked for while that waits is told once.

        Raises `NotFound` for a tenant that is gone, or not open.
        """
        name = self.named(sign.tenant)
        if name is None:
            raise NotFound(link="mail")
        ctx, message = self.system(name), str(sign.message)
        payload = {"message": message, "deed": deed, "at": ctx.now.isoformat()}
        self.database.unit(
            ctx,
            lambda connection: defer(
                connection, TASK, payload, queue="bulk", only_one=f"{message}:{deed}"
            ),
        )
