"""Wiring what has to do with people at the door: letters, passkeys, identity providers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from boot.errors import BootError
from boot.settings import Settings
from engine.accounts.identities import Identities
from engine.accounts.invitations import Invitations
from engine.accounts.letters import RESET_TASK, Letters, WriteReset
from engine.accounts.passkeys import Passkeys
from engine.accounts.people import People
from engine.accounts.profile import Profile
from engine.accounts.providers import Provider, Providers, read_providers
from engine.doors import Access, Reader, Writer
from engine.jobs import Task
from engine.mail import TASK, MailServer, Post, SendMail, Smtp
from engine.outgoing.calls import Outgoing
from engine.tenants.accounts import Accounts


def people(
    settings: Settings,
    accounts: Accounts,
    outgoing: Outgoing,
    records: tuple[Reader, Writer, Access],
) -> People:
    """Build the services of the door; raise `BootError` where a setting cannot be meant."""
    site = site_of(settings)
    post = Post(accounts.key)
    sends = post if mail_server(settings) is not None else None
    letters = Letters(accounts.ledger, accounts.passwords, sends, site)
    return People(
        ledger=accounts.ledger,
        door=accounts.door,
        authenticators=accounts.authenticators,
        passkeys=Passkeys(accounts.ledger, accounts.door, accounts.key),
        letters=letters,
        profile=Profile(accounts.ledger, accounts.passwords, accounts.door, letters),
        providers=Providers(_providers(settings), outgoing, accounts.key),
        identities=Identities(accounts.ledger, accounts.door),
        invitations=Invitations(accounts, letters, *records),
        post=post,
        site=site,
    )


def post_tasks(settings: Settings, built: People) -> Mapping[str, Task]:
    """Return the tasks that write and send letters, where a mail server is set up."""
    server = mail_server(settings)
    if server is None:
        return {}
    return {
        TASK: SendMail(built.post, Smtp(server, sender_of(settings, built.site))),
        RESET_TASK: WriteReset(built.post, built.letters),
    }


def sender_of(settings: Settings, site: str) -> str:
    """Return whom mail is from."""
    return settings.mail_from or f"Joinery <no-reply@{urlsplit(site).hostname}>"


def site_of(settings: Settings) -> str:
    """Return where people find the installation, blank where nobody said; raise `BootError`."""
    if not settings.address:
        return ""
    parts = urlsplit(settings.address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise BootError(
            f"The setting address is {settings.address!r}; write where people find this "
            "installation, as https://crm.example.com."
        )
    return f"{parts.scheme}://{parts.netloc}"


def mail_server(settings: Settings) -> MailServer | None:
    """Return the mail server that is set up; raise `BootError` where it cannot be meant."""
    if not settings.smtp:
        return None
    if not settings.address:
        raise BootError(
            "The setting smtp names a mail server, and letters hold links: say in the setting "
            "address where people find this installation, as https://crm.example.com."
        )
    try:
        return MailServer.read(settings.smtp)
    except ValueError as error:
        raise BootError(f"The setting smtp cannot be read: {error}.") from None


def _providers(settings: Settings) -> Mapping[str, Provider]:
    if not settings.oidc:
        return {}
    try:
        given = json.loads(settings.oidc)
        if not isinstance(given, dict):
            raise ValueError("it is no table")
        return read_providers(given)
    except (ValueError, TypeError) as error:
        raise BootError(
            f"The setting oidc cannot be read ({error}): write a table for each provider with "
            "issuer, client_id and client_secret."
        ) from None
