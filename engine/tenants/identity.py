"""People of an installation, and what proves who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the installation, whatever tenants they work in."""

    id: UUID
    email: str
    name: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: who, the secret for the cookie (only when just made), its CSRF token."""

    account: Account
    secret: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """An API token that was recognised: whose it is, for which tenant, and its scopes.

    Scopes are `all`, `read`, or `entity:right` as given when it was made.
    """

    account: Account
    tenant: str
    scopes: frozenset[str]
