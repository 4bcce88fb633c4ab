"""People of an installation, and what proves who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

Stage = Literal["second", "in"]

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the installation, whatever tenants they work in."""

    id: UUID
    email: str
    name: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: who, the secret for the cookie (only when just made), its CSRF token.

    In the stage `second` a second proof is still awaited, and the session opens nothing else.
    `strong`: two proofs were given; `proved_at` is when the last one was. `id` may be shown.
    `device` is a new secret by which this browser is known again (only when just made).
    """

    account: Account
    secret: str
    csrf: str
    id: UUID = UUID(int=0)
    stage: Stage = "in"
    strong: bool = False
    proved_at: datetime = NEVER
    device: str = ""


@dataclass(frozen=True, slots=True)
class Bearer:
    """An API token that was recognised: whose it is, for which tenant, and its scopes.

    Scopes are `all`, `read`, or `entity:right` as given when it was made; `start` are the
    token's first characters, which may be shown.
    """

    account: Account
    tenant: str
    scopes: frozenset[str]
    start: str = ""
