"""Coming in, step by step: a password, then a second proof where the account has one.

Whatever is wrong, the answer is the same: which part it was is not said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from engine.accounts import familiar
from engine.accounts.authenticator import Authenticators, proofs_of
from engine.accounts.errors import SignInRefused, TooManyTries
from engine.accounts.guesses import Guesses, Try
from engine.accounts.ledger import Ledger
from engine.accounts.passwords import SHORTEST, Passwords
from engine.audit.event import EventKind, PersonEvent
from engine.context import Origin
from engine.tenants import sessions
from engine.tenants.identity import Account, SignedIn
from engine.tenants.tables import account as table

PASSWORD, CODE = "password", "code"
"""What tries are counted for."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An account as the door looks it up, and the try that is made for it."""

    one: Try
    who: Account | None
    stored: str | None


class Door:
    """Lets people in who prove who they are, and notes who did not."""

    def __init__(
        self,
        ledger: Ledger,
        passwords: Passwords,
        authenticators: Authenticators,
        guesses: Guesses | None = None,
    ) -> None:
        self._ledger = ledger
        self._passwords = passwords
        self._authenticators = authenticators
        self._guesses = guesses or Guesses()

    def by_password(
        self, email: str, password: str, origin: Origin, *, device: str = ""
    ) -> SignedIn:
        """Return a new session, in the stage `second` where a second proof is awaited.

        `device` is the secret by which this browser is known. Raises `SignInRefused` or
        `TooManyTries`, the same whether there is such an account or not.
        """
        with self._ledger.database.registry() as connection:
            known = self._look_up(connection, PASSWORD, email, origin, device)
            wait = self._guesses.admit(connection, known.one)
        if wait:
            self._turn_away(known, origin, wait)
        right = self._passwords.match(known.stored, password)
        if known.who is None or not right:
            self._refuse(known, origin, "password")
            raise SignInRefused("E-mail and password do not match.")
        with self._ledger.change() as connection:
            if not _holds(connection, known.who, known.stored):
                raise SignInRefused("The password was changed meanwhile.")
            self._guesses.forgive(connection, known.one)
            if known.stored is not None and self._passwords.is_dated(known.stored):
                _store(connection, known.who.id, self._passwords.hash(password))
            if proofs_of(connection, known.who.id).any:
                return sessions.begin(connection, known.who, origin, stage="second")
            return self.let_in(connection, known.who, origin, device, means="password")

    def by_code(self, secret: str, code: str, origin: Origin, *, device: str = "") -> SignedIn:
        """Return the session of somebody who gave a password before and a code now.

        Raises `SignInRefused` or `TooManyTries`; the session half-way ends where it is used.
        """
        half_way = self.half_way(secret)
        if half_way is None:
            raise SignInRefused("The time to give a code is over: sign in again.")
        who = half_way.account
        if not self._proves(who, CODE, lambda at: self._accepts(at, who, code), origin, device):
            raise SignInRefused("This code is not right.")
        with self._ledger.change() as connection:
            _hold(connection, who)
            # Two at once with one half-way session: the second finds it gone.
            if sessions.end(connection, secret) is None:
                raise SignInRefused("The time to give a code is over: sign in again.")
            return self.let_in(
                connection, who, origin, device, strong=True, means="password and code"
            )

    def half_way(self, secret: str) -> SignedIn | None:
        """Return the session of somebody whose second proof is awaited."""
        with self._ledger.database.registry() as connection:
            return sessions.resume(connection, secret, stage="second") if secret else None

    def again(
        self, signed_in: SignedIn, secret: str, given: str, origin: Origin, *, device: str = ""
    ) -> str:
        """Prove anew who somebody is, by their password or a code; return their new secret."""
        who = signed_in.account
        with self._ledger.database.registry() as connection:
            stored = connection.execute(
                select(table.c.password).where(table.c.id == who.id)
            ).scalar()
        purpose, right = PASSWORD, lambda _: self._passwords.match(stored, given)
        if _is_code(given):
            purpose, right = CODE, lambda at: self._accepts(at, who, given)
        if not self._proves(who, purpose, right, origin, device):
            raise SignInRefused("Neither the password nor a code.")
        # A code beside what opened the session makes two proofs.
        return self.renew(secret, strong=signed_in.strong or purpose == CODE)

    def renew(self, secret: str, *, strong: bool) -> str:
        """Note that the owner of a session proved who they are; return its new secret."""
        with self._ledger.change() as connection:
            made = sessions.renew(connection, secret, strong=strong)
        if made is None:
            raise SignInRefused("This session has ended: sign in again.")
        return made

    def let_in(
        self,
        connection: Connection,
        who: Account,
        origin: Origin,
        device: str,
        *,
        means: str,
        strong: bool = False,
    ) -> SignedIn:
        """Begin a session that opens everything, and know browser and place from now on."""
        made = sessions.begin(connection, who, origin, strong=strong)
        here = replace(origin, session=str(made.id))
        self._ledger.tell(connection, "sign_in", who, here, means=means)
        return replace(made, device=familiar.remember(connection, who.id, origin, device))

    def sign_out(self, secret: str, origin: Origin) -> None:
        """End a session."""
        with self._ledger.change() as connection:
            ended = sessions.end(connection, secret)
            if ended is not None:
                here = replace(origin, session=str(ended.id))
                self._ledger.tell(connection, "sign_out", ended.account, here)

    def _accepts(self, connection: Connection, who: Account, code: str) -> bool:
        return self._authenticators.accepts(connection, who.id, code)

    def _proves(
        self,
        who: Account,
        purpose: str,
        right: Callable[[Connection], bool],
        origin: Origin,
        device: str,
    ) -> bool:
        """Look at a further proof of somebody who is known; wrong ones are counted."""
        database = self._ledger.database
        with database.registry() as connection:
            one = familiar.try_of(connection, purpose, who.email, who.id, origin, device)
            wait = self._guesses.admit(connection, one)
        if wait:
            self._turn_away(_Known(one, who, None), origin, wait)
        with database.registry() as connection:
            if right(connection):
                self._guesses.forgive(connection, one)
                return True
        self._refuse(_Known(one, who, None), origin, purpose)
        return False

    def _look_up(
        self, connection: Connection, purpose: str, email: str, origin: Origin, device: str
    ) -> _Known:
        row = connection.execute(
            select(table).where(func.lower(table.c.email) == email.lower())
        ).one_or_none()
        # The same is asked for an address that nobody has.
        one = familiar.try_of(
            connection, purpose, email, row.id if row else UUID(int=0), origin, device
        )
        if row is None or not row.active or row.password is None:
            return _Known(one, None, None)
        return _Known(one, Account(row.id, row.email, row.name, row.language), row.password)

    def _turn_away(self, known: _Known, origin: Origin, wait: int) -> NoReturn:
        self._refuse(known, origin, "too many tries")
        raise TooManyTries(wait)

    def _refuse(self, known: _Known, origin: Origin, reason: str) -> None:
        kind: EventKind = "sign_in_refused"
        account = known.who.id if known.who is not None else None
        detail = {"reason": reason}
        event = PersonEvent(kind, account, known.one.email[:320], "", origin, detail)
        self._ledger.log.note(event)


def _is_code(given: str) -> bool:
    """Tell a code of an app from a password, which is never as short."""
    plain = "".join(given.split())
    return len(plain) < SHORTEST and plain.isdecimal()


def _hold(connection: Connection, who: Account) -> str | None:
    """Return what is stored of a password; until the transaction ends nobody changes it.

    So whoever changes it, and ends all sessions, ends this one too, or comes before it.
    """
    found = select(table.c.password).where(table.c.id == who.id, table.c.active)
    return connection.execute(found.with_for_update()).scalar()


def _holds(connection: Connection, who: Account, stored: str | None) -> bool:
    """Tell whether a password that was looked at is still the one."""
    return stored is not None and _hold(connection, who) == stored


def _store(connection: Connection, account: UUID, hashed: str) -> None:
    connection.execute(update(table).where(table.c.id == account).values(password=hashed))
