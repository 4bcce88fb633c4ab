"""People: signing in and out, and what keeps others out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from engine.tenants import sessions
from engine.tenants.accounts import Accounts
from engine.tenants.errors import AccountExists, AccountUnknown, PasswordWeak, TenantError
from engine.tenants.tables import account, session
from tests.conftest import Installation

PASSWORD = "correct horse 电池"
HERE = "192.0.2.1"


@pytest.fixture
def accounts(installation: Installation) -> Accounts:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return Accounts(installation.database, hasher=quick)


@pytest.fixture
def email() -> str:
    return f"wang.{uuid4().hex}@example.com"


def test_the_right_password_opens_a_session_that_its_secret_resumes(
    accounts: Accounts, email: str
) -> None:
    made = accounts.create(email, name="王芳", password=PASSWORD, language="zh")

    signed_in = accounts.sign_in(email.upper(), PASSWORD, address=HERE)

    assert signed_in is not None
    assert signed_in.account == made
    resumed = accounts.session(signed_in.secret)
    assert resumed is not None
    assert (resumed.account, resumed.secret, resumed.csrf) == (made, "", signed_in.csrf)


def test_only_a_hash_of_secret_and_password_is_stored(
    accounts: Accounts, email: str, installation: Installation
) -> None:
    accounts.create(email, password=PASSWORD)
    signed_in = accounts.sign_in(email, PASSWORD, address=HERE)

    assert signed_in is not None
    with installation.database.registry() as connection:
        stored = connection.execute(
            select(account.c.password).where(account.c.email == email)
        ).scalar_one()
        hashes = connection.execute(select(session.c.hash)).scalars().all()
    assert stored.startswith("$argon2id$")
    assert signed_in.secret.encode() not in hashes
    assert sessions.hashed(signed_in.secret) in hashes


@pytest.mark.parametrize("wrong", ["", "wrong password", PASSWORD + " ", "x" * 10_000])
def test_a_wrong_password_opens_nothing(accounts: Accounts, email: str, wrong: str) -> None:
    accounts.create(email, password=PASSWORD)

    assert accounts.sign_in(email, wrong, address=HERE) is None


def test_an_unknown_address_and_an_account_without_password_open_nothing(
    accounts: Accounts, email: str
) -> None:
    assert accounts.sign_in(email, PASSWORD, address=HERE) is None
    accounts.create(email)
    assert accounts.sign_in(email, PASSWORD, address=HERE) is None


@pytest.mark.parametrize("column", ["seen_at", "ends_at"])
def test_a_session_ends_by_age_and_by_idleness(
    accounts: Accounts, email: str, installation: Installation, column: str
) -> None:
    accounts.create(email, password=PASSWORD)
    signed_in = accounts.sign_in(email, PASSWORD, address=HERE)
    assert signed_in is not None
    with installation.database.registry() as connection:
        before = datetime.now(UTC) - sessions.IDLE - timedelta(seconds=1)
        chosen = session.c.hash == sessions.hashed(signed_in.secret)
        connection.execute(update(session).where(chosen).values({column: before}))

    assert accounts.session(signed_in.secret) is None


def test_signing_out_a_new_password_and_a_bar_each_end_a_session(
    accounts: Accounts, email: str
) -> None:
    made = accounts.create(email, password=PASSWORD)
    endings = (
        lambda secret: accounts.sign_out(secret),
        lambda secret: accounts.set_password(made.id, PASSWORD),
        lambda secret: accounts.set_active(made.id, active=False),
    )
    for end in endings:
        signed_in = accounts.sign_in(email, PASSWORD, address=HERE)
        assert signed_in is not None
        end(signed_in.secret)
        assert accounts.session(signed_in.secret) is None


def test_a_barred_account_cannot_sign_in(accounts: Accounts, email: str) -> None:
    made = accounts.create(email, password=PASSWORD)
    accounts.set_active(made.id, active=False)

    assert accounts.sign_in(email, PASSWORD, address=HERE) is None


def test_an_address_is_taken_once_however_it_is_cased(accounts: Accounts, email: str) -> None:
    accounts.create(email)

    with pytest.raises(AccountExists, match="already"):
        accounts.create(email.upper())


def test_what_cannot_be_an_account_is_refused_with_the_reason(
    accounts: Accounts, email: str
) -> None:
    with pytest.raises(PasswordWeak, match="8 to 512"):
        accounts.create(email, password="short")
    with pytest.raises(TenantError, match="name@example.com"):
        accounts.create("no address")
    with pytest.raises(AccountUnknown, match="joinery user add"):
        accounts.require(email)
