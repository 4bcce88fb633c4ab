"""Guessing is slowed, and nobody can keep somebody else out by guessing at their account (A-01)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, func, select, update

from engine.accounts import guesses
from engine.accounts.errors import SignInRefused, TooManyTries
from engine.accounts.guesses import Guesses, Try, place_of, sweep, wait_after
from engine.accounts.tables import guess
from engine.context import Origin
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account
from tests.conftest import Installation
from tests.engine.accounts.conftest import PASSWORD

OFFICE = Origin("198.51.100.7")

SLACK = 6
"""How many further tries are looked at while a test runs for up to a minute: waits double."""


def address(number: int) -> str:
    """An address that no other test uses."""
    return f"2001:db8:{uuid4().hex[:4]}:{number:x}::1"


def guess_wrongly(accounts: Accounts, email: str, origin: Origin, times: int) -> int:
    """Try wrong passwords; return how many of them were looked at."""
    looked_at = 0
    for _ in range(times):
        try:
            accounts.door.by_password(email, "wrong password", origin)
        except SignInRefused:
            looked_at += 1
        except TooManyTries:
            pass
    return looked_at


@contextmanager
def rolled_back(installation: Installation) -> Iterator[Connection]:
    """A transaction of the registry of which nothing stays."""
    with installation.database.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(delete(guess))
        yield connection
        transaction.rollback()


def test_after_some_wrong_tries_even_the_right_password_waits(
    accounts: Accounts, who: Account
) -> None:
    place = Origin(address(1))

    assert guesses.FREE < guess_wrongly(accounts, who.email, place, 30) <= guesses.FREE + SLACK

    with pytest.raises(TooManyTries) as refused:
        accounts.door.by_password(who.email, PASSWORD, place)
    assert 0 < refused.value.wait <= guesses.LONGEST_WAIT


def test_somebody_elsewhere_comes_in_meanwhile(accounts: Accounts, who: Account) -> None:
    guess_wrongly(accounts, who.email, Origin(address(2)), 30)

    assert accounts.door.by_password(who.email, PASSWORD, Origin(address(3))).stage == "in"


def test_a_browser_that_was_used_before_is_not_barred_by_what_others_do(
    accounts: Accounts, who: Account
) -> None:
    """Colleagues behind the same address guess; the person's own browser is counted alone."""
    office = Origin(address(4))
    known = accounts.door.by_password(who.email, PASSWORD, office).device
    assert known
    guess_wrongly(accounts, who.email, office, 30)

    with pytest.raises(TooManyTries):
        accounts.door.by_password(who.email, PASSWORD, office)
    assert accounts.door.by_password(who.email, PASSWORD, office, device=known).stage == "in"


def test_a_place_that_was_used_before_waits_a_minute_at_most(
    accounts: Accounts, who: Account
) -> None:
    office = Origin(address(5))
    accounts.door.by_password(who.email, PASSWORD, office)
    with accounts.ledger.database.registry() as connection:
        for _ in range(20):
            connection.execute(update(guess).values(until=func.now() - timedelta(seconds=1)))
            one = Try("password", who.email, office.address, b"known")
            Guesses().admit(connection, one)

        assert 0 < Guesses().admit(connection, one) <= guesses.KNOWN_WAIT


def test_guessing_from_many_places_slows_new_places_and_bars_nobody(
    accounts: Accounts, who: Account, installation: Installation
) -> None:
    home = accounts.door.by_password(who.email, PASSWORD, OFFICE)
    for number in range(guesses.FREE_OF_ACCOUNT):
        guess_wrongly(accounts, who.email, Origin(address(100 + number)), 1)
    new = Origin(address(6))

    with pytest.raises(TooManyTries) as refused:
        accounts.door.by_password(who.email, PASSWORD, new)

    assert refused.value.wait <= guesses.NEW_WAIT
    assert accounts.door.by_password(who.email, PASSWORD, OFFICE).stage == "in"
    assert accounts.door.by_password(who.email, PASSWORD, new, device=home.device).stage == "in"
    own = Try("password", who.email, new.address).own
    with installation.database.registry() as connection:
        # The wait is over, however many others have guessed meanwhile.
        connection.execute(update(guess).where(guess.c.key == own).values(until=func.now()))
    assert accounts.door.by_password(who.email, PASSWORD, new).stage == "in"


def test_a_place_that_guesses_at_many_accounts_waits(accounts: Accounts) -> None:
    place = Origin(address(7))
    looked_at = 0
    for _ in range(guesses.FREE_OF_PLACE + 20):
        looked_at += guess_wrongly(accounts, f"{uuid4().hex}@example.com", place, 1)

    assert guesses.FREE_OF_PLACE < looked_at <= guesses.FREE_OF_PLACE + SLACK


def test_a_hundred_thousand_wrong_passwords_leave_a_handful_of_rows(
    installation: Installation, accounts: Accounts, who: Account
) -> None:
    """The tries are counted, not kept; those that wait cost no hashing."""
    with rolled_back(installation) as connection:
        counted = Guesses()
        one = Try("password", who.email, address(8))
        admitted = sum(counted.admit(connection, one) == 0 for _ in range(1_000))
        assert guesses.FREE < admitted <= guesses.FREE + SLACK
        rows = connection.execute(select(func.count()).select_from(guess)).scalar_one()
        assert rows == len(one.keys)


def test_counters_are_forgotten_and_never_too_many(installation: Installation) -> None:
    now = datetime.now(UTC)
    with rolled_back(installation) as connection:
        for number in range(30):
            age = timedelta(minutes=number * 4)
            values = {"failures": 1, "until": now, "last_at": now - age}
            connection.execute(guess.insert().values(key=bytes([number]), **values))

        sweep(connection, now, most=10)

        kept = sorted(connection.execute(select(guess.c.key)).scalars())
        assert kept == [bytes([number]) for number in range(10)]


def test_the_right_password_forgets_the_wrong_ones(accounts: Accounts, who: Account) -> None:
    place = Origin(address(9))
    for _ in range(4):
        guess_wrongly(accounts, who.email, place, guesses.FREE - 1)
        accounts.door.by_password(who.email, PASSWORD, place)

    assert guess_wrongly(accounts, who.email, place, 1) == 1


def test_guessing_codes_is_slowed_as_well(accounts: Accounts, who: Account) -> None:
    place = Origin(address(10))
    signed_in = accounts.door.by_password(who.email, PASSWORD, place)
    outcomes = []
    for number in range(20):
        try:
            accounts.door.again(signed_in, signed_in.secret, f"{number:06}", place)
        except (SignInRefused, TooManyTries) as error:
            outcomes.append(type(error))

    assert guesses.FREE < outcomes.count(SignInRefused) <= guesses.FREE + SLACK
    assert TooManyTries in outcomes


def test_codes_are_not_guessed_from_very_many_places(
    accounts: Accounts, who: Account, installation: Installation
) -> None:
    """Who knows the password and owns a network of addresses still has few tries at a code."""
    home = accounts.door.by_password(who.email, PASSWORD, OFFICE)
    with installation.database.registry() as connection:
        looked_at = sum(
            Guesses().admit(connection, Try("code", who.email, address(200 + number))) == 0
            for number in range(guesses.FREE_OF_ACCOUNT + 20)
        )
        assert looked_at <= guesses.FREE_OF_ACCOUNT + SLACK
        again = Try("code", who.email, address(400))
        assert Guesses().admit(connection, again) > 0
    with pytest.raises(SignInRefused):
        accounts.door.again(home, home.secret, "000000", OFFICE, device=home.device)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_a_household_of_ipv6_is_one_place(given: str, place: str) -> None:
    assert place_of(given) == place


def test_waits_grow_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(n, guesses.FREE, guesses.LONGEST_WAIT) for n in range(40)]

    assert waits[: guesses.FREE + 3] == [0, 0, 0, 0, 0, 0, 2, 4]
    assert max(waits) == waits[-1] == 900
    assert waits == sorted(waits)
