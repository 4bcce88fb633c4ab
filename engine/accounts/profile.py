"""What people change about their own account: name, language, password."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from engine.accounts.door import Door
from engine.accounts.errors import LastProof
from engine.accounts.ledger import Ledger
from engine.accounts.letters import Letters
from engine.accounts.passwords import Passwords
from engine.accounts.tables import identity, passkey
from engine.context import Origin
from engine.tenants import sessions
from engine.tenants.errors import TenantError
from engine.tenants.identity import Account, SignedIn
from engine.tenants.sessions import LiveSession
from engine.tenants.tables import account

LONGEST_NAME = 120


class Profile:
    """A person's own account, changed by that person."""

    def __init__(self, ledger: Ledger, passwords: Passwords, door: Door, letters: Letters) -> None:
        self._ledger = ledger
        self._passwords = passwords
        self._door = door
        self._letters = letters

    def rename(self, who: Account, *, name: str, language: str) -> None:
        """Change what somebody is called and the language they are spoken to in."""
        called = " ".join(name.split())
        if not 0 < len(called) <= LONGEST_NAME:
            raise TenantError(f"A name has 1 to {LONGEST_NAME} characters.")
        with self._ledger.change() as connection:
            values = {"name": called, "language": language}
            connection.execute(update(account).where(account.c.id == who.id).values(values))

    def has_password(self, who: Account) -> bool:
        """Tell whether an account has a password."""
        with self._ledger.database.registry() as connection:
            found = select(account.c.password).where(account.c.id == who.id)
            return connection.execute(found).scalar() is not None

    def change_password(
        self, signed_in: SignedIn, secret: str, old: str, new: str, origin: Origin
    ) -> str:
        """Change a password by the old one; other sessions end, this one gets a new secret.

        Raises `SignInRefused` or `TooManyTries` for the old one, `PasswordWeak` for the new.
        """
        who = signed_in.account
        stored = self._passwords.hash(new, email=who.email)
        fresh = (
            self._door.again(signed_in, secret, old, origin)
            if self.has_password(who)
            else self._door.renew(secret, strong=signed_in.strong)
        )
        with self._ledger.change() as connection:
            connection.execute(
                update(account).where(account.c.id == who.id).values(password=stored)
            )
            sessions.end_all(connection, who.id, but=signed_in.id)
            what = "password"
            self._ledger.tell(connection, "account_changed", who, origin, what=what)
            self._letters.password_changed(connection, who)
        return fresh

    def sessions(self, who: Account) -> tuple[LiveSession, ...]:
        """Return where somebody is signed in, the last used first."""
        with self._ledger.database.registry() as connection:
            return sessions.live(connection, who.id)

    def end_session(self, who: Account, which: UUID, origin: Origin) -> bool:
        """End one session, at once; return whether it was there."""
        with self._ledger.change() as connection:
            ended = sessions.end_one(connection, who.id, which)
            if ended:
                detail = {"what": "session ended", "session": str(which)}
                self._ledger.tell(connection, "account_changed", who, origin, **detail)
        return ended

    def end_others(self, signed_in: SignedIn, origin: Origin) -> int:
        """End every session but this one, at once; return how many there were."""
        who = signed_in.account
        with self._ledger.change() as connection:
            ended = sessions.end_all(connection, who.id, but=signed_in.id)
            what = "other sessions ended"
            self._ledger.tell(connection, "account_changed", who, origin, what=what)
        return ended

    def require_way_in(self, who: Account, *, without: str) -> None:
        """Raise `LastProof` where taking `passkey` or `identity` away would shut somebody out."""
        with self._ledger.database.registry() as connection:
            if connection.execute(
                select(account.c.password).where(account.c.id == who.id)
            ).scalar():
                return
            ways = 0
            for table in (passkey, identity):
                rows = connection.execute(select(1).where(table.c.account == who.id)).all()
                ways += len(rows)
        if ways <= 1:
            raise LastProof(f"This {without} is the only way into this account.", what=without)
