"""Coming in by an identity provider, a real one in a process of its own, that may misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httpx
import pyotp
import pytest

from engine.accounts.errors import IdentityUnknown, ProviderRefused
from engine.accounts.identities import Identities
from engine.accounts.providers import Leaving, Provider, Providers, Returning, read_providers
from engine.context import Origin
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Outgoing
from engine.tenants.accounts import Accounts
from engine.tenants.identity import Account
from tests.provider import CLIENT, SECRET, running

HERE = Origin("192.0.2.1", "a browser")
BACK = "https://crm.example.com/sign-in/from/acme"


@dataclass(frozen=True, slots=True)
class Journey:
    """A browser that goes to the provider and comes back."""

    issuer: str
    providers: Providers
    identities: Identities

    def be(self, **said: str) -> None:
        """Say who comes next, and what the provider does wrongly."""
        httpx.get(f"{self.issuer}/be?{urlencode(said)}")

    def go(self, *, account: str = "") -> tuple[Leaving, dict[str, str]]:
        """Leave, and return the parameters that the browser is sent back with."""
        leaving = self.providers.leave("acme", BACK, next_="/there", account=account)
        place = httpx.get(leaving.url).headers["Location"]
        assert place.startswith(BACK)
        return leaving, dict(parse_qsl(urlsplit(place).query))

    def come(self, *, account: str = "") -> Returning:
        leaving, answer = self.go(account=account)
        return self.providers.come_back("acme", answer, leaving.ticket)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running() as name:
        yield name


def travelling(accounts: Accounts, issuer: str, **more: bool) -> Journey:
    acme = Provider("acme", issuer, CLIENT, SECRET, "Acme", **more)
    outgoing = Outgoing(Allowance.of("127.0.0.1"))
    providers = Providers({"acme": acme}, outgoing, accounts.key)
    return Journey(issuer, providers, Identities(accounts.ledger, accounts.door))


@pytest.fixture
def journey(accounts: Accounts, issuer: str) -> Journey:
    return travelling(accounts, issuer)


@pytest.fixture
def trusting(accounts: Accounts, issuer: str) -> Journey:
    return travelling(accounts, issuer, link_by_email=True)


def test_a_linked_identity_opens_its_account(
    journey: Journey, accounts: Accounts, who: Account
) -> None:
    journey.be(sub=uuid4().hex, email="other@example.com")
    journey.identities.link(who, journey.come(account=str(who.id)), HERE)

    said = journey.come()
    signed_in = journey.identities.sign_in(said, HERE)

    assert said.next == "/there"
    assert signed_in.stage == "in"
    found = accounts.session(signed_in.secret)
    assert found is not None
    assert found.account == who
    assert [each.email for each in journey.identities.of(who)] == ["other@example.com"]


def test_somebody_unknown_does_not_come_in_whatever_address_the_provider_says(
    journey: Journey, who: Account
) -> None:
    journey.be(sub=uuid4().hex, email=who.email, verified="1")

    with pytest.raises(IdentityUnknown):
        journey.identities.sign_in(journey.come(), HERE)


def test_a_verified_address_opens_its_account_where_that_is_allowed(
    trusting: Journey, who: Account
) -> None:
    subject = uuid4().hex
    trusting.be(sub=subject, email=who.email.upper(), verified="1")
    assert trusting.identities.sign_in(trusting.come(), HERE).account == who

    # Linked for good: the address may change there, and somebody else have it.
    trusting.be(sub=subject, email="moved@example.com", verified="1")
    assert trusting.identities.sign_in(trusting.come(), HERE).account == who
    trusting.be(sub=uuid4().hex, email=who.email, verified="1")
    with pytest.raises(IdentityUnknown):
        trusting.identities.sign_in(trusting.come(), HERE)


def test_an_address_that_the_provider_did_not_verify_opens_nothing(
    trusting: Journey, who: Account
) -> None:
    trusting.be(sub=uuid4().hex, email=who.email)

    with pytest.raises(IdentityUnknown):
        trusting.identities.sign_in(trusting.come(), HERE)


def test_a_second_proof_is_asked_unless_the_provider_asked_for_one(
    trusting: Journey, accounts: Accounts, who: Account
) -> None:
    app = pyotp.TOTP(accounts.authenticators.begin(who).secret.replace(" ", ""))
    accounts.authenticators.confirm(who, app.now(), HERE)
    subject = uuid4().hex

    trusting.be(sub=subject, email=who.email, verified="1")
    assert trusting.identities.sign_in(trusting.come(), HERE).stage == "second"
    trusting.be(sub=subject, email=who.email, verified="1", amr="mfa")
    signed_in = trusting.identities.sign_in(trusting.come(), HERE)
    assert (signed_in.stage, signed_in.strong) == ("in", True)


@pytest.mark.parametrize(
    "wrong", ["issuer", "audience", "expired", "nonce", "key", "unsigned", "denied"]
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    trusting: Journey, who: Account, wrong: str
) -> None:
    trusting.be(sub=uuid4().hex, email=who.email, verified="1", wrong=wrong)

    with pytest.raises(ProviderRefused):
        trusting.come()


def test_an_answer_is_worth_something_once_and_in_one_browser(
    trusting: Journey, who: Account
) -> None:
    trusting.be(sub=uuid4().hex, email=who.email, verified="1")
    leaving, answer = trusting.go()
    other, _ = trusting.go()

    with pytest.raises(ProviderRefused):
        trusting.providers.come_back("acme", answer, other.ticket)
    said = trusting.providers.come_back("acme", answer, leaving.ticket)
    trusting.identities.sign_in(said, HERE)
    with pytest.raises(ProviderRefused):
        trusting.identities.sign_in(said, HERE)
    with pytest.raises(ProviderRefused):
        trusting.providers.come_back("acme", answer, leaving.ticket)


@pytest.mark.parametrize("ticket", ["", "00", "zz", "x" * 5000])
def test_what_is_no_ticket_brings_nobody_back(journey: Journey, ticket: str) -> None:
    _, answer = journey.go()

    with pytest.raises(ProviderRefused):
        journey.providers.come_back("acme", answer, ticket)


def test_an_identity_belongs_to_one_account_and_is_linked_by_its_owner(
    journey: Journey, accounts: Accounts, who: Account
) -> None:
    other = accounts.create(f"{uuid4().hex}@example.com")
    journey.be(sub=uuid4().hex)
    begun = journey.come(account=str(other.id))
    with pytest.raises(ProviderRefused):
        journey.identities.link(who, begun, HERE)

    journey.identities.link(other, journey.come(account=str(other.id)), HERE)

    with pytest.raises(ProviderRefused):
        journey.identities.link(who, journey.come(account=str(who.id)), HERE)


def test_an_identity_that_is_unlinked_opens_nothing(journey: Journey, who: Account) -> None:
    journey.be(sub=uuid4().hex)
    journey.identities.link(who, journey.come(account=str(who.id)), HERE)

    journey.identities.unlink(who, journey.issuer, HERE)

    with pytest.raises(IdentityUnknown):
        journey.identities.sign_in(journey.come(), HERE)


def test_a_provider_that_is_away_or_calls_itself_something_else_is_refused(
    accounts: Accounts, issuer: str
) -> None:
    outgoing = Outgoing(Allowance.of("127.0.0.1"))
    away = {"acme": Provider("acme", "http://127.0.0.1:9", CLIENT)}
    other = {"acme": Provider("acme", f"{issuer}/", CLIENT)}
    for known in (away, other, {}):
        with pytest.raises(ProviderRefused):
            Providers(known, outgoing, accounts.key).leave("acme", BACK)


def test_a_provider_inside_the_network_is_called_only_where_that_is_allowed(
    accounts: Accounts, issuer: str
) -> None:
    acme = {"acme": Provider("acme", issuer, CLIENT, SECRET)}

    with pytest.raises(ProviderRefused):
        Providers(acme, Outgoing(Allowance.of("")), accounts.key).leave("acme", BACK)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"acme": {"issuer": "https://x"}}, "client_id"),
        ({"acme": {"issuer": "x", "client_id": "y", "colour": 1}}, "colour"),
        ({"acme corp": {"issuer": "x", "client_id": "y"}}, "plain name"),
        ({"acme": "https://x"}, "table"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_providers(given)
