"""Who somebody is at an identity provider, and the account that this stands for here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from engine.accounts.authenticator import proofs_of
from engine.accounts.door import Door
from engine.accounts.errors import IdentityUnknown, ProviderRefused
from engine.accounts.ledger import Ledger
from engine.accounts.providers import Returning
from engine.accounts.tables import identity
from engine.accounts.tickets import spend
from engine.context import Origin
from engine.tenants import sessions
from engine.tenants.identity import Account, SignedIn
from engine.tenants.tables import account


@dataclass(frozen=True, slots=True)
class Identity:
    """What an account is known as at a provider."""

    issuer: str
    email: str
    created_at: datetime
    used_at: datetime | None


class Identities:
    """Lets people in whom a provider knows, and links what they are there to their account."""

    def __init__(self, ledger: Ledger, door: Door) -> None:
        self._ledger = ledger
        self._door = door

    def sign_in(self, said: Returning, origin: Origin, *, device: str = "") -> SignedIn:
        """Return a session, in the stage `second` where the account asks for more than was given.

        Raises `IdentityUnknown` where no account here is linked to this.
        """
        with self._ledger.change() as connection:
            _spend(connection, said)
            who = _linked(connection, said) or self._by_address(connection, said, origin)
            if who is None:
                raise IdentityUnknown("No account here is linked to this identity.")
            _used(connection, said)
            if not said.strong and proofs_of(connection, who.id).any:
                return sessions.begin(connection, who, origin, stage="second")
            means = f"identity provider {said.provider.name}"
            return self._door.let_in(
                connection, who, origin, device, strong=said.strong, means=means
            )

    def link(self, who: Account, said: Returning, origin: Origin) -> None:
        """Link what somebody is at a provider to their account; raise where it is another's."""
        if said.account != str(who.id):
            raise ProviderRefused("This was begun by somebody else.")
        with self._ledger.change() as connection:
            _spend(connection, said)
            before = _owner(connection, said)
            if before is not None and before != who.id:
                raise ProviderRefused("This identity is linked to another account.")
            _keep(connection, said, who)
            what = f"linked to {said.provider.name}"
            self._ledger.tell(connection, "account_changed", who, origin, what=what)

    def unlink(self, who: Account, issuer: str, origin: Origin) -> None:
        """Forget what an account is at a provider."""
        chosen = (identity.c.account == who.id) & (identity.c.issuer == issuer)
        with self._ledger.change() as connection:
            if connection.execute(delete(identity).where(chosen)).rowcount:
                what = "identity unlinked"
                self._ledger.tell(connection, "account_changed", who, origin, what=what)

    def of(self, who: Account) -> tuple[Identity, ...]:
        """Return what an account is known as at providers."""
        with self._ledger.database.registry() as connection:
            rows = connection.execute(
                select(
                    identity.c.issuer, identity.c.email, identity.c.created_at, identity.c.used_at
                )
                .where(identity.c.account == who.id)
                .order_by(identity.c.created_at)
            )
            return tuple(Identity(*row) for row in rows)

    def _by_address(
        self, connection: Connection, said: Returning, origin: Origin
    ) -> Account | None:
        """Return the account of an address that the provider vouches for, linked from now on."""
        if not (said.provider.link_by_email and said.verified and said.email):
            return None
        row = connection.execute(
            select(account).where(
                func.lower(account.c.email) == said.email.lower(), account.c.active
            )
        ).one_or_none()
        # Whoever is linked there already is somebody else at this provider.
        if row is None or _has_other(connection, row, said.issuer):
            return None
        who = _account(row)
        _keep(connection, said, who)
        what = f"linked to {said.provider.name} by address"
        self._ledger.tell(connection, "account_changed", who, origin, what=what)
        return who


def _spend(connection: Connection, said: Returning) -> None:
    if not spend(connection, said.ticket):
        raise ProviderRefused("This sign-in was used before.")


def _linked(connection: Connection, said: Returning) -> Account | None:
    row = connection.execute(
        select(account)
        .join(identity, identity.c.account == account.c.id)
        .where(
            identity.c.issuer == said.issuer, identity.c.subject == said.subject, account.c.active
        )
    ).one_or_none()
    return None if row is None else _account(row)


def _owner(connection: Connection, said: Returning) -> object:
    return connection.execute(
        select(identity.c.account).where(
            identity.c.issuer == said.issuer, identity.c.subject == said.subject
        )
    ).scalar()


def _has_other(connection: Connection, row: Row[Any], issuer: str) -> bool:
    found = select(identity.c.subject).where(
        identity.c.account == row.id, identity.c.issuer == issuer
    )
    return connection.execute(found).first() is not None


def _keep(connection: Connection, said: Returning, who: Account) -> None:
    connection.execute(
        insert(identity)
        .values(issuer=said.issuer, subject=said.subject, account=who.id, email=said.email)
        .on_conflict_do_nothing()
    )


def _used(connection: Connection, said: Returning) -> None:
    chosen = (identity.c.issuer == said.issuer) & (identity.c.subject == said.subject)
    connection.execute(identity.update().where(chosen).values(used_at=func.now(), email=said.email))


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.email, row.name, row.language)
