"""People of the installation: their addresses, passwords and memberships."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.exc import IntegrityError

from engine.database import Database
from engine.tenants import sessions, tokens
from engine.tenants.errors import AccountExists, AccountUnknown, PasswordWeak, TenantError
from engine.tenants.identity import Account, Bearer, SignedIn
from engine.tenants.lately import Lately
from engine.tenants.tables import account as table
from engine.tenants.tables import membership, session, tenant

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 512

_ADDRESS = re.compile(r"[^@\s\x00]+@[^@\s\x00]+")


class Accounts:
    """The people who may sign in to this installation, whatever tenants they work in.

    Who is behind a session or a token is known for a moment: what another process takes away
    ends within a second, what this one takes away ends at once.
    """

    def __init__(self, database: Database, *, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        # An unknown address costs the same time as a wrong password.
        self._decoy = self._hasher.hash("nobody's password")
        self._sessions: Lately[bytes, SignedIn] = Lately()
        self._bearers: Lately[bytes, Bearer] = Lately()

    def create(
        self, email: str, *, name: str = "", password: str | None = None, language: str = ""
    ) -> Account:
        """Make an account; without a password it cannot sign in until one is set."""
        if not _ADDRESS.fullmatch(email):
            raise TenantError(f"{email!r} is no e-mail address: write it as name@example.com.")
        made = {
            "id": uuid4(),
            "email": email,
            "name": name or email.partition("@")[0],
            "language": language,
            "password": self._hashed(password),
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
        with self._database.registry() as connection:
            hashed = self._hashed(password)
            connection.execute(update(table).where(table.c.id == account).values(password=hashed))
            connection.execute(delete(session).where(session.c.account == account))
        self._forget()

    def set_active(self, account: UUID, *, active: bool) -> None:
        """Let an account sign in, or bar it, which ends its sessions."""
        with self._database.registry() as connection:
            connection.execute(update(table).where(table.c.id == account).values(active=active))
            if not active:
                connection.execute(delete(session).where(session.c.account == account))
        self._forget()

    def join(self, account: UUID, tenant_name: str, *, user: UUID) -> None:
        """Make an account a member of a tenant, where `user` is its row."""
        values = {"tenant": tenant_name, "account": account, "user": user}
        with self._database.registry() as connection:
            connection.execute(
                insert_or(membership)
                .values(values)
                .on_conflict_do_update(index_elements=["tenant", "account"], set_={"user": user})
            )

    def sign_in(self, email: str, password: str, *, address: str) -> SignedIn | None:
        """Return a new session, or None for wrong credentials or too many wrong ones before."""
        with self._database.registry() as connection:
            if sessions.barred(connection, email, address):
                return None
            row = connection.execute(
                select(table).where(func.lower(table.c.email) == email.lower())
            ).one_or_none()
        known = row is not None and row.password is not None and row.active
        right = self._verify(row.password if row is not None and known else self._decoy, password)
        with self._database.registry() as connection:
            if row is None or not known or not right:
                sessions.note_failure(connection, email, address)
                return None
            sessions.forget_failures(connection, email)
            if self._hasher.check_needs_rehash(row.password):
                values: Mapping[str, object] = {"password": self._hasher.hash(password)}
                connection.execute(update(table).where(table.c.id == row.id).values(values))
            return sessions.begin(connection, _account(row), address)

    def session(self, secret: str) -> SignedIn | None:
        """Return the live session of a cookie's secret."""

        def read() -> SignedIn | None:
            with self._database.registry() as connection:
                return sessions.resume(connection, secret)

        return self._sessions.get(sessions.hashed(secret), read)

    def sign_out(self, secret: str) -> None:
        """End a session."""
        with self._database.registry() as connection:
            sessions.end(connection, secret)
        self._forget()

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

    def _forget(self) -> None:
        self._sessions.forget()
        self._bearers.forget()

    def _hashed(self, password: str | None) -> str | None:
        if password is None:
            return None
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise PasswordWeak(
                f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; "
                f"this one has {len(password)}."
            )
        return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.email, row.name, row.language)
