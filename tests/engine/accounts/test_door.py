"""Coming in step by step, and what a session that was fixed or left half-way opens (A-01)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from engine.accounts.door import Door
from engine.accounts.errors import CodeWrong, SignInRefused
from engine.accounts.passwords import Passwords
from engine.accounts.tables import authenticator
from engine.context import Origin
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account
from tests.engine.accounts.conftest import PASSWORD, Log

HERE = Origin("192.0.2.1", "a browser")


def set_up(accounts: Accounts, who: Account) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Set an authenticator app up, as if some time ago: its first code may be given again."""
    secret = accounts.authenticators.begin(who).secret.replace(" ", "")
    app = pyotp.TOTP(secret)
    codes = accounts.authenticators.confirm(who, app.now(), HERE)
    with accounts.ledger.change() as connection:
        connection.execute(
            update(authenticator).where(authenticator.c.account == who.id).values(last_step=0)
        )
    return app, codes


def test_a_password_alone_opens_nothing_where_a_second_proof_is_asked(
    accounts: Accounts, who: Account
) -> None:
    app, _ = set_up(accounts, who)

    half = accounts.door.by_password(who.email, PASSWORD, HERE)

    assert half.stage == "second"
    assert accounts.session(half.secret) is None
    whole = accounts.door.by_code(half.secret, app.now(), HERE)
    assert whole.strong
    resumed = accounts.session(whole.secret)
    assert resumed is not None
    assert resumed.account == who


class Slow(Passwords):
    """Compares a password, and then takes its time: meanwhile something else happens."""

    meanwhile: Callable[[], None]

    def match(self, stored: str | None, password: str) -> bool:
        right = super().match(stored, password)
        self.meanwhile()
        return right


def test_a_password_that_is_changed_while_it_is_looked_at_opens_nothing(
    accounts: Accounts, who: Account
) -> None:
    slow = Slow(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    door = Door(accounts.ledger, slow, accounts.authenticators)
    slow.meanwhile = lambda: accounts.set_password(who.id, "another four words")
    with pytest.raises(SignInRefused):
        door.by_password(who.email, PASSWORD, HERE)

    slow.meanwhile = lambda: accounts.set_active(who.id, active=False)
    with pytest.raises(SignInRefused):
        door.by_password(who.email, "another four words", HERE)


def test_each_step_has_a_secret_of_its_own(accounts: Accounts, who: Account) -> None:
    app, _ = set_up(accounts, who)
    half = accounts.door.by_password(who.email, PASSWORD, HERE)
    whole = accounts.door.by_code(half.secret, app.now(), HERE)
    assert whole.secret != half.secret
    assert accounts.session(half.secret) is None

    again = accounts.door.again(whole, whole.secret, PASSWORD, HERE)

    assert accounts.session(whole.secret) is None
    assert accounts.session(again) is not None
    with pytest.raises(SignInRefused):
        accounts.door.by_code(half.secret, app.now(), HERE)


def test_a_code_works_once(accounts: Accounts, who: Account) -> None:
    app, _ = set_up(accounts, who)
    code = app.now()
    first = accounts.door.by_password(who.email, PASSWORD, HERE)
    accounts.door.by_code(first.secret, code, HERE)

    second = accounts.door.by_password(who.email, PASSWORD, HERE)

    with pytest.raises(SignInRefused):
        accounts.door.by_code(second.secret, code, HERE)


@pytest.mark.parametrize(
    "wrong", ["", "000000", "12345", "１２３４５６", "x" * 5000, "\x00", "-----"]
)
def test_what_is_no_code_opens_nothing(accounts: Accounts, who: Account, wrong: str) -> None:
    app, _ = set_up(accounts, who)
    half = accounts.door.by_password(who.email, PASSWORD, HERE)
    if wrong == app.now():
        pytest.skip("one in a million")

    with pytest.raises(SignInRefused):
        accounts.door.by_code(half.secret, wrong, HERE)


def test_a_recovery_code_stands_in_once(accounts: Accounts, who: Account) -> None:
    _, codes = set_up(accounts, who)
    written = codes[0].upper().replace("-", " ")
    half = accounts.door.by_password(who.email, PASSWORD, HERE)
    assert accounts.door.by_code(half.secret, written, HERE).strong

    again = accounts.door.by_password(who.email, PASSWORD, HERE)

    with pytest.raises(SignInRefused):
        accounts.door.by_code(again.secret, written, HERE)
    assert accounts.door.by_code(again.secret, codes[1], HERE).strong


def test_new_recovery_codes_take_the_place_of_the_old(accounts: Accounts, who: Account) -> None:
    _, old = set_up(accounts, who)
    new = accounts.authenticators.renew(who, HERE)
    half = accounts.door.by_password(who.email, PASSWORD, HERE)

    with pytest.raises(SignInRefused):
        accounts.door.by_code(half.secret, old[0], HERE)
    assert accounts.door.by_code(half.secret, new[0], HERE).strong


def test_an_app_counts_only_once_it_showed_a_right_code(accounts: Accounts, who: Account) -> None:
    accounts.authenticators.begin(who)

    with pytest.raises(CodeWrong):
        accounts.authenticators.confirm(who, "abc", HERE)

    assert accounts.door.by_password(who.email, PASSWORD, HERE).stage == "in"


def test_an_app_in_use_is_not_replaced_by_beginning_another(
    accounts: Accounts, who: Account
) -> None:
    app, _ = set_up(accounts, who)

    accounts.authenticators.begin(who)

    half = accounts.door.by_password(who.email, PASSWORD, HERE)
    assert accounts.door.by_code(half.secret, app.now(), HERE).strong


def test_the_secret_of_an_app_is_sealed(accounts: Accounts, who: Account) -> None:
    begun = accounts.authenticators.begin(who)

    with accounts.ledger.database.registry() as connection:
        stored = connection.execute(
            authenticator.select().where(authenticator.c.account == who.id)
        ).one()

    assert begun.secret.replace(" ", "").encode() not in stored.secret
    assert accounts.authenticators.begun(who) == begun


def test_without_the_app_a_password_is_enough_again(accounts: Accounts, who: Account) -> None:
    _, codes = set_up(accounts, who)
    accounts.authenticators.remove(who, HERE)

    assert accounts.door.by_password(who.email, PASSWORD, HERE).stage == "in"
    with accounts.ledger.database.registry() as connection:
        assert not accounts.authenticators.accepts(connection, who.id, codes[0])


def test_signing_out_ends_a_session_for_good(accounts: Accounts, who: Account) -> None:
    signed_in = accounts.door.by_password(who.email, PASSWORD, HERE)

    accounts.door.sign_out(signed_in.secret, HERE)

    assert accounts.session(signed_in.secret) is None
    with pytest.raises(SignInRefused):
        accounts.door.renew(signed_in.secret, strong=True)


def test_the_log_tells_who_came_and_who_was_turned_away(
    accounts: Accounts, who: Account, log: Log
) -> None:
    with pytest.raises(SignInRefused):
        accounts.door.by_password(who.email, "wrong password", HERE)
    signed_in = accounts.door.by_password(who.email, PASSWORD, HERE)
    accounts.door.sign_out(signed_in.secret, HERE)

    assert log.kinds() == ["sign_in_refused", "sign_in", "sign_out"]
    assert {event.account for event in log.events} == {who.id}
    assert log.events[1].origin.session == str(signed_in.id)
    assert PASSWORD not in repr(log.events)
    assert signed_in.secret not in repr(log.events)


def test_nobody_learns_whether_there_is_an_account(accounts: Accounts, who: Account) -> None:
    said = []
    for email in (who.email, f"{uuid4().hex}@example.com"):
        with pytest.raises(SignInRefused) as refused:
            accounts.door.by_password(email, "wrong password", HERE)
        said.append((str(refused.value), refused.value.params))

    assert said[0] == said[1]


def test_a_session_tells_when_its_owner_proved_who_they_are(
    accounts: Accounts, who: Account
) -> None:
    before = datetime.now(UTC)

    signed_in = accounts.door.by_password(who.email, PASSWORD, HERE)

    found = accounts.session(signed_in.secret)
    assert found is not None
    assert found.proved_at >= before
