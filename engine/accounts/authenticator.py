"""The authenticator app: a secret shared once, and a code of six digits every half minute.

Codes follow RFC 6238. A code works once, and a step early or late. Recovery codes stand in for a
lost telephone, each once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import UUID

import pyotp
from sqlalchemy import Connection, ScalarSelect, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from engine.accounts.errors import CodeWrong
from engine.accounts.ledger import Ledger
from engine.accounts.tables import authenticator, passkey, recovery_code
from engine.context import Origin
from engine.sealing import MasterKey
from engine.tenants.identity import Account
from engine.tenants.sessions import hashed

ISSUER = "Joinery"

CODES = 10
"""How many recovery codes somebody is given."""

_PURPOSE = "authenticator app"
_STEP = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """What an app is told: the secret to type, and the address that a picture of squares holds."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class SecondProofs:
    """What an account gives as a second proof; `codes` are the recovery codes that are left."""

    app: datetime | None
    passkeys: int
    codes: int

    @property
    def any(self) -> bool:
        """Whether a password alone does not open this account."""
        return self.app is not None or self.passkeys > 0


class Authenticators:
    """Sets authenticator apps up, and checks their codes and those that stand in for them."""

    def __init__(self, ledger: Ledger, key: MasterKey) -> None:
        self._ledger = ledger
        self._key = key

    def begin(self, who: Account) -> NewAuthenticator:
        """Make a secret for an account; it counts once a code of it was given."""
        made = pyotp.random_base32()
        values = {"secret": self._sealed(who.id, made), "last_step": 0, "confirmed_at": None}
        with self._ledger.database.registry() as connection:
            connection.execute(
                insert_or(authenticator)
                .values(account=who.id, **values)
                .on_conflict_do_update(
                    index_elements=["account"],
                    set_=values,
                    # An app that works is taken away first, and never replaced unseen.
                    where=authenticator.c.confirmed_at.is_(None),
                )
            )
        return _shown(who, made)

    def begun(self, who: Account) -> NewAuthenticator | None:
        """Return the secret that waits for its first code."""
        with self._ledger.database.registry() as connection:
            row = connection.execute(
                select(authenticator.c.secret).where(
                    authenticator.c.account == who.id, authenticator.c.confirmed_at.is_(None)
                )
            ).one_or_none()
        return None if row is None else _shown(who, self._opened(who.id, row.secret))

    def confirm(self, who: Account, code: str, origin: Origin) -> tuple[str, ...]:
        """Take an app into use with its first code; return new recovery codes. Or `CodeWrong`."""
        with self._ledger.change() as connection:
            if not self._accepts(connection, who.id, code, confirmed=False):
                raise CodeWrong("The app shows another code now.")
            connection.execute(
                update(authenticator)
                .where(authenticator.c.account == who.id)
                .values(confirmed_at=func.now())
            )
            self._ledger.tell(
                connection, "account_changed", who, origin, what="authenticator added"
            )
            return renew_codes(connection, who.id)

    def remove(self, who: Account, origin: Origin) -> None:
        """Take the app out of use, and the recovery codes where nothing else asks for them."""
        with self._ledger.change() as connection:
            connection.execute(delete(authenticator).where(authenticator.c.account == who.id))
            drop_idle_codes(connection, who.id)
            self._ledger.tell(
                connection, "account_changed", who, origin, what="authenticator removed"
            )

    def renew(self, who: Account, origin: Origin) -> tuple[str, ...]:
        """Return new recovery codes; those before open nothing any more."""
        with self._ledger.change() as connection:
            self._ledger.tell(connection, "account_changed", who, origin, what="recovery codes")
            return renew_codes(connection, who.id)

    def accepts(self, connection: Connection, account: UUID, code: str) -> bool:
        """Tell whether a code of the app, or one that stands in for it, is right; it is spent."""
        plain = "".join(code.split()).replace("-", "").lower()
        if plain.isdecimal() and plain.isascii():
            return self._accepts(connection, account, plain, confirmed=True)
        spent = delete(recovery_code).where(
            recovery_code.c.account == account, recovery_code.c.hash == _code_hash(plain)
        )
        return bool(connection.execute(spent).rowcount)

    def _accepts(
        self, connection: Connection, account: UUID, code: str, *, confirmed: bool
    ) -> bool:
        row = connection.execute(
            select(authenticator.c.secret, authenticator.c.last_step, authenticator.c.confirmed_at)
            .where(authenticator.c.account == account)
            .with_for_update()
        ).one_or_none()
        if row is None or (row.confirmed_at is not None) != confirmed:
            return False
        step = _step_of(self._opened(account, row.secret), "".join(code.split()))
        if step is None or step <= row.last_step:
            return False
        connection.execute(
            update(authenticator).where(authenticator.c.account == account).values(last_step=step)
        )
        return True

    def _sealed(self, account: UUID, secret: str) -> bytes:
        return self._key.seal(secret.encode(), purpose=f"{_PURPOSE} {account}")

    def _opened(self, account: UUID, sealed: bytes) -> str:
        return self._key.open(sealed, purpose=f"{_PURPOSE} {account}").decode()


def proofs_of(connection: Connection, account: UUID) -> SecondProofs:
    """Return what an account gives as a second proof."""

    def count(table: Table) -> ScalarSelect[int]:
        return select(func.count()).where(table.c.account == account).scalar_subquery()

    app = (
        select(authenticator.c.confirmed_at)
        .where(authenticator.c.account == account)
        .scalar_subquery()
    )
    row = connection.execute(select(app, count(passkey), count(recovery_code))).one()
    return SecondProofs(*row)


def renew_codes(connection: Connection, account: UUID) -> tuple[str, ...]:
    """Give an account new recovery codes, and return them: they are seen here and never again."""
    made = tuple(_new_code() for _ in range(CODES))
    connection.execute(delete(recovery_code).where(recovery_code.c.account == account))
    rows = [{"account": account, "hash": _code_hash(code.replace("-", ""))} for code in made]
    connection.execute(insert(recovery_code), rows)
    return made


def drop_idle_codes(connection: Connection, account: UUID) -> None:
    """Delete recovery codes that stand in for nothing any more."""
    if not proofs_of(connection, account).any:
        connection.execute(delete(recovery_code).where(recovery_code.c.account == account))


def _step_of(secret: str, code: str) -> int | None:
    """Return the half minute whose code this is: now, the one before or the one after."""
    if not (code.isascii() and code.isdecimal()):
        return None
    app = pyotp.TOTP(secret, interval=_STEP)
    now = int(datetime.now(UTC).timestamp()) // _STEP
    return next(
        (now + off for off in (0, -1, 1) if compare_digest(app.generate_otp(now + off), code)), None
    )


def _shown(who: Account, secret: str) -> NewAuthenticator:
    address = pyotp.TOTP(secret).provisioning_uri(name=who.email, issuer_name=ISSUER)
    grouped: Sequence[str] = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return NewAuthenticator(" ".join(grouped), address)


def _new_code() -> str:
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


def _code_hash(code: str) -> bytes:
    return hashed(f"recovery {code}")
