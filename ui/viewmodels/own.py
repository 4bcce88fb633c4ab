"""One's own account: who one is, what proves it, where one is signed in, and one's tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

BROWSERS = (
    ("Edg/", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What browsers call themselves, the tell-tale part first: most also name others."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""What the systems under them are called."""

PHONES = frozenset({"iPhone", "Android"})

BETWEEN = " · "
"""What stands between a browser and the system under it."""


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant: for the browser to show in its own zone, and as text until it does."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One place where somebody is signed in; `here` is the one that looks."""

    id: UUID
    device: str
    icon: str
    address: str
    seen: Instant
    here: bool


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    """One passkey."""

    id: UUID
    label: str
    made: Instant
    used: Instant | None


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One identity provider, and as what somebody is known there; blank: not linked."""

    name: str
    label: str
    linked: bool
    email: str


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One API token, by its beginning."""

    id: UUID
    start: str
    tenant: str
    label: str
    scopes: str
    used: Instant | None
    ends: Instant | None
    over: bool


@dataclass(frozen=True, slots=True)
class SecondState:
    """What is asked besides the password."""

    app: Instant | None
    codes: int
    any: bool


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """The page of one's own account; `fresh`: proved lately, so that all of it may be changed.

    `asked` names a tenant that lets nobody in without a second proof.
    """

    language: str
    theme: str
    title: str
    csrf: str
    person: str
    email: str
    chosen: str
    home: str
    fresh: bool
    has_password: bool
    shortest: int
    sends: bool
    second: SecondState
    passkeys: tuple[PasskeyLine, ...]
    identities: tuple[IdentityLine, ...]
    sessions: tuple[SessionLine, ...]
    tokens: tuple[TokenLine, ...]
    tenants: tuple[str, ...]
    asked: str = ""
    notice: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticatorPage:
    """Setting an authenticator app up: squares to photograph, a secret to type, its first code."""

    language: str
    theme: str
    title: str
    csrf: str
    squares: str
    secret: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownOncePage:
    """What is shown once and never again: recovery codes, or a token."""

    language: str
    theme: str
    title: str
    lead: str
    values: tuple[str, ...]
    back: str


def instant(value: datetime) -> Instant:
    """Return an instant as a page shows it."""
    return Instant(value.isoformat(timespec="seconds"), f"{value:%Y-%m-%d %H:%M} UTC")


def device_of(agent: str) -> tuple[str, str]:
    """Return what somebody signed in with, as people call it, and its icon."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    named = BETWEEN.join(filter(None, (browser, system)))
    return named, icon_of(named)


def icon_of(device: str) -> str:
    """Return the icon of a device, by what people call it."""
    return "device-desktop" if PHONES.isdisjoint(device.split(BETWEEN)) else "device-mobile"
