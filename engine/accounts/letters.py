"""Letters with a link that works once: invitations, new passwords, new addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.accounts.errors import LetterSpent, MailMissing
from engine.accounts.ledger import Ledger
from engine.accounts.passwords import Passwords
from engine.accounts.tables import letter as table
from engine.accounts.wording import Kind, letter
from engine.context import Origin
from engine.jobs import Job
from engine.mail import Post, defer_for_installation
from engine.tenants import sessions
from engine.tenants.errors import AccountExists
from engine.tenants.identity import Account
from engine.tenants.sessions import hashed
from engine.tenants.tables import account

LetterKind = Literal["invitation", "reset", "address"]

LIFE: Mapping[LetterKind, timedelta] = MappingProxyType(
    {
        "invitation": timedelta(days=7),
        "reset": timedelta(hours=1),
        "address": timedelta(days=1),
    }
)
"""How long the link of a letter works."""

GAP = timedelta(minutes=5)
"""How soon after a letter for a new password another may follow, whoever asks for it."""

PATH = "/sign-in/letter/"
"""What the address of a letter's link continues with; its secret follows."""

RESET_TASK = "accounts.reset"


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A letter whose link works now; `detail` is the new address of an `address` letter."""

    kind: LetterKind
    account: Account
    detail: str


class Letters:
    """Writes letters and does what their links ask for, once.

    `site` is the public address of this installation; without it, or without `post`, nothing
    is sent, and links are handed to whoever may pass them on.
    """

    def __init__(
        self, ledger: Ledger, passwords: Passwords, post: Post | None = None, site: str = ""
    ) -> None:
        self._ledger = ledger
        self._passwords = passwords
        self._post = post if site else None
        self._site = site.rstrip("/")

    @property
    def are_sent(self) -> bool:
        """Whether this installation sends mail."""
        return self._post is not None

    def invite(self, who: Account, language: str, *, by: str, place: str) -> str:
        """Write an invitation; return its link where no mail is sent, else nothing."""
        with self._ledger.database.registry() as connection:
            link = self._link(connection, "invitation", who)
            return self._sent_or(connection, "invitation", who, language, link, by=by, place=place)

    def welcome(self, who: Account, language: str, *, by: str, place: str) -> None:
        """Tell somebody who has an account that they work somewhere new."""
        if self._post is None:
            return
        with self._ledger.database.registry() as connection:
            link = f"{self._site}/sign-in"
            self._sent_or(connection, "welcome", who, language, link, by=by, place=place)

    def ask_reset(self, email: str, language: str) -> None:
        """Have a letter written to an address, if somebody has it: this takes the same either way.

        Raises `MailMissing` where no mail is sent.
        """
        if self._post is None:
            raise MailMissing("This installation sends no mail: ask whoever looks after it.")
        wanted = {"email": email[:320], "language": language}
        alike = hashed(email.lower()).hex()[:32]
        with self._ledger.database.registry() as connection:
            payload = {"sealed": self._post.sealed(wanted)}
            defer_for_installation(connection, RESET_TASK, payload, only_one=alike)

    def write_reset(self, email: str, language: str) -> None:
        """Write the letter with which somebody chooses a new password, unless one just went out.

        Those before it work on: whoever asks in somebody else's name takes nothing from them.
        """
        with self._ledger.database.registry() as connection:
            row = connection.execute(
                select(account).where(func.lower(account.c.email) == email.lower())
            ).one_or_none()
            if row is None or not row.active:
                return
            who = _account(row)
            if _just_written(connection, who):
                return
            link = self._link(connection, "reset", who, beside=True)
            self._sent_or(connection, "reset", who, language, link)

    def reset_link(self, who: Account) -> str:
        """Return a link with which somebody chooses a new password, to be handed to them."""
        with self._ledger.database.registry() as connection:
            return self._link(connection, "reset", who)

    def ask_address(self, who: Account, email: str, language: str) -> None:
        """Write to a new address, which counts once its owner says that it is theirs."""
        if self._post is None:
            raise MailMissing("This installation sends no mail: ask whoever looks after it.")
        with self._ledger.database.registry() as connection:
            link = self._link(connection, "address", who, detail=email)
            new = Account(who.id, email, who.name, who.language)
            self._sent_or(connection, "address", new, language, link)

    def read(self, secret: str) -> OpenLetter:
        """Return the letter of a link, which stays open; raise `LetterSpent`."""
        with self._ledger.database.registry() as connection:
            return _open(connection, secret)

    def set_password(self, secret: str, password: str, origin: Origin) -> Account:
        """Set the password that a letter was sent for, and end every session; return whose."""
        who = self.read(secret).account
        stored = self._passwords.hash(password, email=who.email)
        with self._ledger.change() as connection:
            found = _take(connection, secret, "invitation", "reset")
            connection.execute(
                update(account).where(account.c.id == who.id).values(password=stored)
            )
            connection.execute(delete(table).where(table.c.account == who.id))
            sessions.end_all(connection, who.id)
            what = f"password by {found.kind}"
            self._ledger.tell(connection, "account_changed", who, origin, what=what)
            if found.kind == "reset":
                self._tell_owner(connection, "password_changed", who)
        return who

    def set_address(self, secret: str, origin: Origin) -> Account:
        """Give an account the address that a letter was sent to; raise `AccountExists`."""
        try:
            with self._ledger.change() as connection:
                found = _take(connection, secret, "address")
                old = found.account
                connection.execute(
                    update(account).where(account.c.id == old.id).values(email=found.detail)
                )
                # Nor does what lies in the mailbox before open anything.
                connection.execute(delete(table).where(table.c.account == old.id))
                self._ledger.tell(
                    connection, "account_changed", old, origin, what="address", to=found.detail
                )
                self._tell_owner(connection, "address_changed", old, address=found.detail)
        except IntegrityError:
            raise AccountExists("Another account has this address already.") from None
        return Account(old.id, found.detail, old.name, old.language)

    def password_changed(self, connection: Connection, who: Account) -> None:
        """End the links that set another, and tell somebody that their password was changed."""
        connection.execute(
            delete(table).where(table.c.account == who.id, table.c.kind != "address")
        )
        self._tell_owner(connection, "password_changed", who)

    def _tell_owner(self, connection: Connection, kind: Kind, who: Account, **names: str) -> None:
        if self._post is not None:
            mail = letter(kind, who.language, who.email, name=who.name, **names)
            self._post.drop(connection, mail)

    def _link(
        self,
        connection: Connection,
        kind: LetterKind,
        who: Account,
        *,
        detail: str = "",
        beside: bool = False,
    ) -> str:
        """Return the link of a new letter; unless it is `beside` them, those before it end."""
        secret, now = token_urlsafe(32), datetime.now(UTC)
        connection.execute(delete(table).where(table.c.ends_at < now))
        if not beside:
            connection.execute(delete(table).where(table.c.account == who.id, table.c.kind == kind))
        values = {"kind": kind, "account": who.id, "detail": detail, "ends_at": now + LIFE[kind]}
        connection.execute(insert(table).values(hash=hashed(secret), **values))
        return f"{self._site}{PATH}{secret}"

    def _sent_or(
        self,
        connection: Connection,
        kind: Kind,
        who: Account,
        language: str,
        link: str,
        **names: str,
    ) -> str:
        """Send a letter and return nothing; where no mail is sent, return its link."""
        if self._post is None:
            return link
        spoken = who.language or language
        mail = letter(kind, spoken, who.email, link=link, name=who.name, **names)
        self._post.drop(connection, mail)
        return ""


@dataclass(frozen=True, slots=True)
class WriteReset:
    """The task that writes a letter for a new password, if somebody has the address."""

    post: Post
    letters: Letters
    attempts: int = 3

    def run(self, job: Job) -> None:
        """Look the address up, and write to it."""
        asked = self.post.opened(job)
        self.letters.write_reset(asked["email"], asked["language"])


def _open(connection: Connection, secret: str) -> OpenLetter:
    row = connection.execute(
        select(table.c.kind, table.c.detail, account)
        .join(account, account.c.id == table.c.account)
        .where(
            table.c.hash == hashed(secret),
            table.c.ends_at > datetime.now(UTC),
            account.c.active,
        )
    ).one_or_none()
    if row is None:
        raise LetterSpent("This link was used, or has ended.")
    return OpenLetter(row.kind, _account(row), row.detail)


def _take(connection: Connection, secret: str, *kinds: LetterKind) -> OpenLetter:
    """Return a letter, which is spent with this transaction: of two at once, one has it."""
    found = _open(connection, secret)
    gone = delete(table).where(table.c.hash == hashed(secret), table.c.kind.in_(kinds))
    if not connection.execute(gone).rowcount:
        raise LetterSpent("This link was used, or has ended.")
    return found


def _just_written(connection: Connection, who: Account) -> bool:
    """Tell whether a letter for a new password went out within the last minutes."""
    lately = datetime.now(UTC) - GAP + LIFE["reset"]
    found = select(table.c.kind).where(
        table.c.account == who.id, table.c.kind == "reset", table.c.ends_at > lately
    )
    return connection.execute(found).first() is not None


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.email, row.name, row.language)
