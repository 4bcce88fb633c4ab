"""Inviting somebody to work in a tenant: an account, a row of theirs there, and a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from engine.accounts.letters import Letters
from engine.context import Context
from engine.doors import Access, Reader, Writer
from engine.errors import Forbidden
from engine.tenants.accounts import Accounts, require_address
from engine.tenants.errors import AccountExists, TenantError
from engine.tenants.identity import Account
from engine.tenants.people import ADMINISTRATOR
from engine.tenants.tables import account as accounts_table


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom to invite: `values` are further fields of their row, as department or position.

    With `user` somebody is invited whose row is there already.
    """

    email: str
    name: str = ""
    roles: tuple[str, ...] = ()
    language: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    user: UUID | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What became of it: the account, its row, and a link to pass on where no mail was sent."""

    account: Account
    user: UUID
    sent: bool
    link: str = ""


class Invitations:
    """Invites people under the rights of whoever invites them."""

    def __init__(
        self, accounts: Accounts, letters: Letters, reader: Reader, writer: Writer, access: Access
    ) -> None:
        self._accounts = accounts
        self._letters = letters
        self._reader = reader
        self._writer = writer
        self._access = access

    def invite(self, ctx: Context, wanted: Invited, *, place: str) -> Invitation:
        """Make somebody a person of the context's tenant, called `place`, and write to them.

        Their row is made as any other record, so that whoever may not make it cannot invite.
        """
        email = wanted.email.strip()
        require_address(email)
        known = self._accounts.by_email(email)
        if known is not None and ctx.tenant.name in self._accounts.tenants_of(known.id):
            raise AccountExists(f"{email} works here already.", email=email)
        account = known or self._accounts.create(email, name=wanted.name, language=wanted.language)
        try:
            user = self._row(ctx, wanted, account)
        except BaseException:
            if known is None:
                self._forget(account)
            raise
        self._accounts.join(account.id, ctx.tenant.name, user=user)
        return self._write(ctx, account, user, new=known is None, place=place)

    def again(self, ctx: Context, account: Account, user: UUID, *, place: str) -> Invitation:
        """Write to somebody once more who has not chosen a password yet."""
        self._require(ctx, user)
        if ctx.tenant.name not in self._accounts.tenants_of(account.id):
            raise TenantError(f"{account.email} does not work here.")
        if not self._letters.are_sent:
            raise AccountExists(
                f"The link for {account.email} was shown once: whoever looks after this "
                "installation can make another with `joinery user reset --link`."
            )
        return self._write(ctx, account, user, new=True, place=place)

    def _row(self, ctx: Context, wanted: Invited, account: Account) -> UUID:
        if wanted.user is not None:
            self._require_free(ctx, wanted.user, account)
            return wanted.user
        row = {
            **wanted.values,
            "name": wanted.name or account.name,
            "email": account.email,
            "roles": list(wanted.roles),
            "language": wanted.language,
            "active": True,
        }
        return self._writer.create(ctx, "user", [row]).ids[0]

    def _require_free(self, ctx: Context, user: UUID, account: Account) -> None:
        """Raise unless a row is this person's, nobody works as it yet, and ctx may hand it out.

        Whoever works as a row has its rights, so that only administrators hand rows out.
        """
        row = self._reader.get(ctx, "user", [user])[0]
        if ADMINISTRATOR not in ctx.actor.roles:
            raise Forbidden()
        if str(row.values.get("email") or "").lower() != account.email.lower():
            raise TenantError(f"This person has another address than {account.email}.")
        if self._accounts.works_as(ctx.tenant.name, user) is not None:
            raise AccountExists(f"{account.email} works here already.", email=account.email)

    def _require(self, ctx: Context, user: UUID) -> None:
        if not self._access.decide(ctx, "update", entity="user", record=user).allowed:
            raise Forbidden()

    def _write(
        self, ctx: Context, account: Account, user: UUID, *, new: bool, place: str
    ) -> Invitation:
        """Write the letter; a link that sets a password is shown only for an account just made."""
        by, language = ctx.actor.name, ctx.language
        if not new:
            self._letters.welcome(account, language, by=by, place=place)
            return Invitation(account, user, self._letters.are_sent)
        link = self._letters.invite(account, language, by=by, place=place)
        return Invitation(account, user, not link, link)

    def _forget(self, account: Account) -> None:
        with self._accounts.ledger.change() as connection:
            connection.execute(delete(accounts_table).where(accounts_table.c.id == account.id))
