"""Passkeys: keys that a device keeps and uses after it has asked its owner (W3C WebAuthn)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from engine.accounts.authenticator import drop_idle_codes, proofs_of, renew_codes
from engine.accounts.door import Door
from engine.accounts.errors import PasskeyRefused, SignInRefused
from engine.accounts.ledger import Ledger
from engine.accounts.tables import passkey
from engine.accounts.tickets import Tickets, spend
from engine.context import Origin
from engine.sealing import MasterKey
from engine.tenants import sessions
from engine.tenants.identity import Account, SignedIn
from engine.tenants.tables import account

NAME = "Joinery"

LONGEST_LABEL = 80
LONGEST_ANSWER = 20_000
MOST = 20
"""How many passkeys somebody has at most."""

_TRANSPORTS = {each.value: each for each in AuthenticatorTransport}


@dataclass(frozen=True, slots=True)
class WebSite:
    """Where browsers find this installation: its host, and the whole beginning of its addresses."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is asked, as JSON, and the ticket that it brings back with its answer."""

    options: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: UUID
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered, with its ticket, and the site that asked."""

    credential: str
    ticket: str
    site: WebSite


class Passkeys:
    """Registers passkeys and lets people in by them, alone or as the second proof."""

    def __init__(self, ledger: Ledger, door: Door, key: MasterKey) -> None:
        self._ledger = ledger
        self._door = door
        self._new = Tickets(key, "new passkey")
        self._use = Tickets(key, "passkey")

    def offer(self, who: Account, site: WebSite) -> Question:
        """Ask a browser to make a passkey for an account."""
        with self._ledger.database.registry() as connection:
            known = _credentials(connection, who.id)
        if len(known) >= MOST:
            raise PasskeyRefused(f"There are {MOST} passkeys already: remove one first.")
        options = generate_registration_options(
            rp_id=site.host,
            rp_name=NAME,
            user_id=who.id.bytes,
            user_name=who.email,
            user_display_name=who.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=known,
        )
        challenge = bytes_to_base64url(options.challenge)
        ticket = self._new.write(challenge=challenge, account=str(who.id))
        return Question(options_to_json(options), ticket)

    def add(self, who: Account, answer: Answer, label: str, origin: Origin) -> tuple[str, ...]:
        """Keep a new passkey; return recovery codes where it is the first second proof."""
        said = self._said(self._new, answer.ticket)
        if said.get("account") != str(who.id):
            raise PasskeyRefused("This ticket is somebody else's.")
        body = _parsed(answer.credential)
        try:
            made = verify_registration_response(
                credential=body,
                expected_challenge=base64url_to_bytes(said["challenge"]),
                expected_rp_id=answer.site.host,
                expected_origin=answer.site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused(type(error).__name__) from None
        values = {
            "credential": made.credential_id,
            "account": who.id,
            "public_key": made.credential_public_key,
            "uses": made.sign_count,
            "transports": _transports(body),
            "label": label.strip()[:LONGEST_LABEL],
        }
        return self._keep(who, answer.ticket, values, origin)

    def question(self, site: WebSite, who: Account | None = None) -> Question:
        """Ask a browser for a passkey: any of this site's, or one of an account."""
        allowed: list[PublicKeyCredentialDescriptor] = []
        if who is not None:
            with self._ledger.database.registry() as connection:
                allowed = _credentials(connection, who.id)
        options = generate_authentication_options(
            rp_id=site.host,
            allow_credentials=allowed,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        challenge = bytes_to_base64url(options.challenge)
        ticket = self._use.write(challenge=challenge, account=str(who.id) if who else "")
        return Question(options_to_json(options), ticket)

    def sign_in(self, answer: Answer, origin: Origin, *, device: str = "") -> SignedIn:
        """Return the session of whoever's passkey this is: it stands for both proofs."""
        with self._ledger.change() as connection:
            who = self._recognised(connection, answer, None)
            return self._door.let_in(connection, who, origin, device, strong=True, means="passkey")

    def second(self, secret: str, answer: Answer, origin: Origin, *, device: str = "") -> SignedIn:
        """Return the session of somebody who gave a password before and a passkey now."""
        half_way = self._door.half_way(secret)
        if half_way is None:
            raise SignInRefused("The time for a second proof is over: sign in again.")
        with self._ledger.change() as connection:
            who = self._recognised(connection, answer, half_way.account)
            if sessions.end(connection, secret) is None:
                raise SignInRefused("The time for a second proof is over: sign in again.")
            return self._door.let_in(
                connection, who, origin, device, strong=True, means="password and passkey"
            )

    def again(self, signed_in: SignedIn, secret: str, answer: Answer) -> str:
        """Prove anew who somebody is; return the new secret of their session."""
        with self._ledger.change() as connection:
            self._recognised(connection, answer, signed_in.account)
        return self._door.renew(secret, strong=True)

    def of(self, who: Account) -> tuple[Passkey, ...]:
        """Return the passkeys of an account, the oldest first."""
        with self._ledger.database.registry() as connection:
            rows = connection.execute(
                select(passkey.c.id, passkey.c.label, passkey.c.created_at, passkey.c.used_at)
                .where(passkey.c.account == who.id)
                .order_by(passkey.c.created_at, passkey.c.id)
            )
            return tuple(Passkey(*row) for row in rows)

    def rename(self, who: Account, which: UUID, label: str) -> None:
        """Call a passkey something else."""
        chosen = (passkey.c.account == who.id) & (passkey.c.id == which)
        with self._ledger.database.registry() as connection:
            words = label.strip()[:LONGEST_LABEL]
            connection.execute(update(passkey).where(chosen).values(label=words))

    def remove(self, who: Account, which: UUID, origin: Origin) -> None:
        """Forget a passkey: it opens nothing any more."""
        chosen = (passkey.c.account == who.id) & (passkey.c.id == which)
        with self._ledger.change() as connection:
            if connection.execute(delete(passkey).where(chosen)).rowcount:
                drop_idle_codes(connection, who.id)
                what = "passkey removed"
                self._ledger.tell(connection, "account_changed", who, origin, what=what)

    def _keep(
        self, who: Account, ticket: str, values: dict[str, Any], origin: Origin
    ) -> tuple[str, ...]:
        try:
            with self._ledger.change() as connection:
                if not spend(connection, ticket):
                    raise PasskeyRefused("This answer was given before.")
                first = not proofs_of(connection, who.id).any
                connection.execute(insert(passkey).values(values))
                what = "passkey added"
                self._ledger.tell(connection, "account_changed", who, origin, what=what)
                return renew_codes(connection, who.id) if first else ()
        except IntegrityError:
            raise PasskeyRefused("This passkey is known already.") from None

    def _recognised(
        self, connection: Connection, answer: Answer, expected: Account | None
    ) -> Account:
        """Return whose passkey answered; raise `PasskeyRefused`."""
        said = self._said(self._use, answer.ticket)
        if said.get("account") != (str(expected.id) if expected else ""):
            raise PasskeyRefused("This ticket is for something else.")
        body = _parsed(answer.credential)
        row = connection.execute(
            select(passkey, account.c.email, account.c.name, account.c.language)
            .join(account, account.c.id == passkey.c.account)
            .where(passkey.c.credential == _credential_id(body), account.c.active)
            .with_for_update(of=passkey)
        ).one_or_none()
        if row is None or (expected is not None and row.account != expected.id):
            raise PasskeyRefused("This passkey is not known here.")
        try:
            seen = verify_authentication_response(
                credential=body,
                expected_challenge=base64url_to_bytes(said["challenge"]),
                expected_rp_id=answer.site.host,
                expected_origin=answer.site.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.uses,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused(type(error).__name__) from None
        if not spend(connection, answer.ticket):
            raise PasskeyRefused("This answer was given before.")
        values = {"uses": seen.new_sign_count, "used_at": datetime.now(UTC)}
        chosen = passkey.c.credential == row.credential
        connection.execute(update(passkey).where(chosen).values(values))
        return Account(row.account, row.email, row.name, row.language)

    def _said(self, tickets: Tickets, ticket: str) -> dict[str, str]:
        try:
            return dict(tickets.read(ticket))
        except ValueError as error:
            raise PasskeyRefused(str(error)) from None


def _credentials(connection: Connection, who: UUID) -> list[PublicKeyCredentialDescriptor]:
    rows = connection.execute(
        select(passkey.c.credential, passkey.c.transports)
        .where(passkey.c.account == who)
        .order_by(passkey.c.created_at)
    )
    return [
        PublicKeyCredentialDescriptor(
            id=row.credential,
            transports=[_TRANSPORTS[each] for each in row.transports if each in _TRANSPORTS],
        )
        for row in rows
    ]


def _parsed(credential: str) -> dict[str, Any]:
    if len(credential) > LONGEST_ANSWER:
        raise PasskeyRefused("This answer is too long.")
    try:
        found = json.loads(credential)
    except ValueError:
        raise PasskeyRefused("This answer is no JSON.") from None
    if not isinstance(found, dict):
        raise PasskeyRefused("This answer is no object.")
    return found


def _credential_id(body: dict[str, Any]) -> bytes:
    named = body.get("rawId") or body.get("id")
    try:
        return base64url_to_bytes(named) if isinstance(named, str) else b""
    except ValueError:
        return b""


def _transports(body: dict[str, Any]) -> list[str]:
    response = body.get("response")
    said = response.get("transports") if isinstance(response, dict) else None
    return [each for each in said or () if each in _TRANSPORTS] if isinstance(said, list) else []
