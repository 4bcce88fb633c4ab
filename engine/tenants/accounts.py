"""People of the installation: their addresses, passwords and memberships."""

from __future__ import annotations

import re
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.exc import IntegrityError

from engine.accounts.authenticator import Authenticators
from engine.accounts.door import Door
from engine.accounts.errors import SignInRefused, TooManyTries
from engine.accounts.ledger import Ledger
from engine.accounts.passwords import Passwords
from engine.accounts.unlogged import Unlogged
from engine.audit.event import DoorLog
from engine.context import NOWHERE, Origin
from engine.database import Database
from engine.sealing import KEY_BYTES, MasterKey
from engine.tenants import sessions, tokens
from engine.tenants.errors import AccountExists, AccountUnknown, TenantError
from engine.tenants.identity import Account, Bearer, SignedIn
from engine.tenants.lately import Lately
from engine.tenants.tables import account as table
from engine.tenants.tables import membership, tenant, token

_ADDRESS = re.compile(r"[^@\s\x00]+@[^@\s\x00]+")

LONGEST_ADDRESS = 200


class Accounts:
    """The people who may sign in to this installation, whatever tenants they work in.

    Who is behind a session or a token is known for a moment: what another process takes away
    ends within a second, what this one takes away ends at once. Without the installation's
    `key`, authenticator apps that were set up with it open nothing.
    """

    def __init__(
        self,
        database: Database,
        *,
        hasher: PasswordHasher | None = None,
        log: DoorLog | None = None,
        key: MasterKey | None = None,
    ) -> None:
        self._database = database
        self._sessions: Lately[bytes, SignedIn] = Lately()
        self._bearers: Lately[bytes, Bearer] = Lately()
        self.passwords = Passwords(hasher)
        self.ledger = Ledger(database, log or Unlogged(), self.forget)
        self.key = key or MasterKey(token_bytes(KEY_BYTES))
        self.authenticators = Authenticators(self.ledger, self.key)
        self.door = Door(self.ledger, self.passwords, self.authenticators)

    def create(
        self, email: str, *, name: str = "", password: str | None = None, language: str = ""
    ) -> Account:
        """Make an account; without a password it cannot sign in until one is set."""
        require_address(email)
        made = {
            "id": uuid4(),
            "email": email,
            "name": name or email.partition("@")[0],
            "language": language,
            "password": None if password is None else self.passwords.hash(password, email=email),
        }
        try:
            with self._database.registry() as connection:
                connection.execute(insert(table).values(made))
        except IntegrityError:
            raise AccountExists(f"There is an account for {email} already.", email=email) from None
        return Account(made["id"], email, str(made["name"]), language)  # type: ignore[arg-type]

    def by_email(self, email: str) -> Account | None:
        """Return the account of an address, however its letters are cased."""
        with self._database.registry() as connection:
            row = connection.execute(
                select(table).where(func.lower(table.c.email) == email.lower())
            ).one_or_none()
        return None if row is None else _account(row)

    def require(self, email: str) -> Account:
        """Return the account of an address; raise `AccountUnknown`."""
        found = self.by_email(email)
        if found is None:
            raise AccountUnknown(
                f"There is no account for {email}: add it with `joinery user add`.", email=email
            )
        return found

    def set_password(self, account: UUID, password: str) -> None:
        """Set a password, and end every session of the account."""
        hashed = self.passwords.hash(password)
        with self.ledger.change() as connection:
            connection.execute(update(table).where(table.c.id == account).values(password=hashed))
            sessions.end_all(connection, account)
            self.ledger.tell(connection, "account_changed", account, NOWHERE, what="password")

    def set_active(self, account: UUID, *, active: bool) -> None:
        """Let an account sign in, or bar it, which ends its sessions."""
        with self.ledger.change() as connection:
            connection.execute(update(table).where(table.c.id == account).values(active=active))
            if not active:
                sessions.end_all(connection, account)
            what = "enabled" if active else "disabled"
            self.ledger.tell(connection, "account_changed", account, NOWHERE, what=what)

    def end_all(self, account: UUID) -> None:
        """End every session of an account, at once."""
        with self.ledger.change() as connection:
            sessions.end_all(connection, account)

    def join(self, account: UUID, tenant_name: str, *, user: UUID) -> None:
        """Make an account a member of a tenant, where `user` is its row."""
        values = {"tenant": tenant_name, "account": account, "user": user}
        with self._database.registry() as connection:
            connection.execute(
                insert_or(membership)
                .values(values)
                .on_conflict_do_update(index_elements=["tenant", "account"], set_={"user": user})
            )

    def leave(self, account: UUID, tenant_name: str) -> None:
        """End a membership, with the tokens that the account has in the tenant."""
        with self.ledger.change() as connection:
            for each in (membership, token):
                connection.execute(
                    delete(each).where(each.c.tenant == tenant_name, each.c.account == account)
                )

    def sign_in(self, email: str, password: str, *, address: str) -> SignedIn | None:
        """Return a session opened by a password alone, None where it takes more or is refused."""
        try:
            found = self.door.by_password(email, password, Origin(address))
        except (SignInRefused, TooManyTries):
            return None
        return found if found.stage == "in" else None

    def session(self, secret: str) -> SignedIn | None:
        """Return the live session of a cookie's secret."""

        def read() -> SignedIn | None:
            with self._database.registry() as connection:
                return sessions.resume(connection, secret)

        return self._sessions.get(sessions.hashed(secret), read)

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self.door.sign_out(secret, NOWHERE)

    def bearer(self, token: str) -> Bearer | None:
        """Return what an API token stands for, if it is live."""

        def read() -> Bearer | None:
            with self._database.registry() as connection:
                return tokens.recognise(connection, token)

        return self._bearers.get(sessions.hashed(token), read)

    def tenants_of(self, account: UUID) -> tuple[str, ...]:
        """Return the names of the live tenants a person works in."""
        with self._database.registry() as connection:
            return tuple(
                connection.execute(
                    select(membership.c.tenant)
                    .join(tenant, tenant.c.name == membership.c.tenant)
                    .where(membership.c.account == account, tenant.c.state == "live")
                    .order_by(membership.c.tenant)
                ).scalars()
            )

    def works_as(self, tenant_name: str, user: UUID) -> Account | None:
        """Return the account that works as a person of a tenant."""
        with self._database.registry() as connection:
            row = connection.execute(
                select(table)
                .join(membership, membership.c.account == table.c.id)
                .where(membership.c.tenant == tenant_name, membership.c.user == user)
            ).one_or_none()
        return None if row is None else _account(row)

    def forget(self) -> None:
        """Forget what was known for a moment: something was taken away."""
        self._sessions.forget()
        self._bearers.forget()


def require_address(email: str) -> None:
    """Raise `TenantError` unless this is written as an e-mail address."""
    if len(email) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(email):
        raise TenantError(f"{email!r} is no e-mail address: write it as name@example.com.")


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.email, row.name, row.language)
