"""Inviting people under the rights of whoever invites them (A-01)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from boot.connection import Address
from boot.settings import read_settings
from boot.tasks import tasks
from boot.wiring import House, furnish
from engine.accounts.invitations import Invited
from engine.accounts.letters import PATH, RESET_TASK
from engine.context import Context
from engine.errors import EngineError, Forbidden, RecordRefused
from engine.mail import TASK
from engine.tenants.errors import AccountExists, TenantError
from tests.conftest import Installation, TenantMaker

APP = """
format: 1
app: {name: small, label: Small, version: "1.0", languages: [en, zh]}
entities:
  note: {label: Note, fields: {body: {type: text}}}
roles:
  reader: {label: Reader, rights: {note: {read: all}, user: {read: all}}}
"""

PASSWORD = "four words are enough"


@pytest.fixture(scope="module")
def house(installation: Installation) -> House:
    address = Address(admin=None, app=installation.url)
    return furnish(read_settings({}), address, installation.database)


@pytest.fixture(scope="module")
def ctx(tenant_of: TenantMaker) -> Context:
    return tenant_of(APP)


def someone() -> str:
    return f"{uuid4().hex[:12]}@example.com"


def roles_of(house: House, ctx: Context, user: UUID) -> object:
    return house.reader.get(ctx, "user", [user])[0].values["roles"]


def test_somebody_new_gets_an_account_a_row_and_a_link(house: House, ctx: Context) -> None:
    email = someone()
    wanted = Invited(email, "李雷", roles=("reader",), language="zh")

    made = house.services.people.invitations.invite(ctx, wanted, place="Small")

    assert not made.sent
    assert roles_of(house, ctx, made.user) == ("reader",)
    assert house.accounts.works_as(ctx.tenant.name, made.user) == made.account
    secret = made.link.removeprefix(PATH)
    house.services.people.letters.set_password(secret, PASSWORD, ctx.origin)
    assert house.accounts.sign_in(email, PASSWORD, address="127.0.0.1") is not None


def test_with_a_mail_server_the_link_goes_to_its_owner_alone(
    installation: Installation, ctx: Context
) -> None:
    settings = replace(
        read_settings({}), smtp="smtp://127.0.0.1:9", address="https://crm.example.com"
    )
    address = Address(admin=None, app=installation.url)
    house = furnish(settings, address, installation.database)
    known = house.accounts.create(someone())

    new = house.services.people.invitations.invite(ctx, Invited(someone()), place="Small")
    old = house.services.people.invitations.invite(ctx, Invited(known.email), place="Small")

    assert (new.sent, new.link) == (True, "")
    assert (old.sent, old.link) == (True, "")
    assert house.services.people.invitations.again(ctx, new.account, new.user, place="Small").sent
    assert {TASK, RESET_TASK} <= set(tasks(house))


def test_a_link_that_sets_a_password_is_never_shown_for_an_account_that_is_there(
    house: House, ctx: Context
) -> None:
    """Whoever administers one tenant would otherwise take over people of another."""
    known = house.accounts.create(someone(), name="Han")

    made = house.services.people.invitations.invite(ctx, Invited(known.email), place="Small")

    assert (made.account, made.link) == (known, "")
    with pytest.raises(AccountExists):
        house.services.people.invitations.again(ctx, known, made.user, place="Small")


def test_nobody_is_invited_twice(house: House, ctx: Context) -> None:
    email = someone()
    house.services.people.invitations.invite(ctx, Invited(email), place="Small")

    with pytest.raises(AccountExists):
        house.services.people.invitations.invite(ctx, Invited(email.upper()), place="Small")


def test_who_may_not_make_people_leaves_no_account_behind(house: House, ctx: Context) -> None:
    email = someone()
    reader = replace(ctx, actor=replace(ctx.actor, roles=("reader",), kind="person"))

    with pytest.raises(EngineError):
        house.services.people.invitations.invite(reader, Invited(email), place="Small")

    assert house.accounts.by_email(email) is None


def test_what_cannot_be_a_person_leaves_no_account_behind(house: House, ctx: Context) -> None:
    email = someone()
    with pytest.raises(RecordRefused):
        wrong = Invited(email, values={"department": "nowhere"})
        house.services.people.invitations.invite(ctx, wrong, place="Small")
    with pytest.raises(TenantError):
        house.services.people.invitations.invite(ctx, Invited("no address"), place="Small")

    assert house.accounts.by_email(email) is None


def test_a_row_is_handed_out_by_administrators_to_its_own_address_and_once(
    house: House, ctx: Context
) -> None:
    """Whoever works as a row has its rights: it would be a way to somebody else's."""
    email = someone()
    row = {"name": "Mei", "email": email, "roles": ["administrator"], "active": True}
    user = house.writer.create(ctx, "user", [row]).ids[0]
    invite = house.services.people.invitations.invite
    reader = replace(ctx, actor=replace(ctx.actor, roles=("reader",), kind="person"))

    with pytest.raises(Forbidden):
        invite(reader, Invited(email, user=user), place="Small")
    with pytest.raises(TenantError):
        invite(ctx, Invited(someone(), user=user), place="Small")
    made = invite(ctx, Invited(email, user=user), place="Small")
    assert made.user == user
    with pytest.raises(AccountExists):
        invite(ctx, Invited(email, user=user), place="Small")
