"""Links with which somebody wants no more mail: signed, for one address of one tenant."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

from engine.context import Context
from engine.database import Database
from engine.errors import NotFound
from engine.sealing import MasterKey, Unsealable
from workflow.messages.addresses import subscribe, unsubscribe

PATH = "/unsubscribe"

PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whose mail somebody wants no more of: a tenant, by its role, and the address written to."""

    tenant: str
    address: str


def link_of(key: MasterKey, site: str, leaving: Leaving) -> str:
    """Return the address of the page on which somebody leaves; its secret is in the query."""
    said = json.dumps([leaving.tenant, leaving.address]).encode()
    sealed = key.seal(said, purpose=PURPOSE)
    return f"{site}{PATH}?key={urlsafe_b64encode(sealed).decode().rstrip('=')}"


def read_link(key: MasterKey, secret: str) -> Leaving:
    """Return what a link is for; raise `NotFound` for one that was not made here."""
    try:
        sealed = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        tenant, address = json.loads(key.open(sealed, purpose=PURPOSE))
    except (Unsealable, ValueError):
        raise NotFound(link="unsubscribe") from None
    return Leaving(tenant, address)


@dataclass(frozen=True, slots=True)
class Leavings:
    """The door for those who want no more mail; `named` finds a tenant's name by its role."""

    database: Database
    key: MasterKey
    system: Callable[[str], Context]
    named: Callable[[str], str | None]

    def read(self, secret: str) -> tuple[Context, Leaving]:
        """Return whose mail a link is about; raise `NotFound`."""
        leaving = read_link(self.key, secret)
        name = self.named(leaving.tenant)
        if name is None:
            raise NotFound(link="unsubscribe")
        return self.system(name), leaving

    def leave(self, secret: str) -> Leaving:
        """Note that an address wants no more mail, however often it says so."""
        ctx, leaving = self.read(secret)
        self.database.unit(ctx, lambda connection: unsubscribe(connection, ctx, leaving.address))
        return leaving

    def come_back(self, secret: str) -> Leaving:
        """Note that an address wants mail again: it was a mistake."""
        ctx, leaving = self.read(secret)
        self.database.unit(ctx, lambda connection: subscribe(connection, ctx, leaving.address))
        return leaving
