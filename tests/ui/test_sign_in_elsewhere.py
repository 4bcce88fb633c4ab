"""Coming in by an identity provider, from the button on the page to the page behind it (A-01)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from flask.testing import FlaskClient

from boot.connection import Address
from boot.errors import BootError
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.tenants.identity import Account
from tests.conftest import Installation
from tests.provider import CLIENT, SECRET, running
from tests.ui.conftest import PASSWORD
from ui.factory import create_app
from ui.session import COOKIE


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A site whose people may come in by a provider."""

    issuer: str
    house: House
    client: FlaskClient

    def be(self, **said: str) -> None:
        httpx.get(f"{self.issuer}/be?{urlencode(said)}")

    def back(self, place: str) -> str:
        """Follow a browser to the provider; return where it is sent back to."""
        assert place.startswith(self.issuer)
        parts = urlsplit(httpx.get(place).headers["Location"])
        return f"{parts.path}?{parts.query}"

    def post(self, path: str, page: str, **form: str) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert token is not None
        values = {"csrf_token": token[1], **form}
        return self.client.post(path, data=values, follow_redirects=True).text


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running() as name:
        yield name


@pytest.fixture
def elsewhere(installation: Installation, issuer: str) -> Elsewhere:
    acme = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "label": "Acme"}
    settings = replace(
        read_settings({}),
        oidc=json.dumps({"acme": acme}),
        outgoing_allowed="127.0.0.1",
        address="http://localhost",
    )
    address = Address(admin=None, app=installation.url)
    house = furnish(settings, address, installation.database)
    return Elsewhere(issuer, house, create_app(house.services).test_client())


@pytest.fixture
def who(elsewhere: Elsewhere) -> Account:
    email = f"{uuid4().hex[:10]}@example.com"
    return elsewhere.house.accounts.create(email, name="Lin", password=PASSWORD)


def test_an_identity_is_linked_on_the_account_page_and_opens_the_door(
    elsewhere: Elsewhere, who: Account
) -> None:
    elsewhere.be(sub=uuid4().hex, email="lin@acme.example")
    elsewhere.post("/sign-in", "/sign-in", email=who.email, password=PASSWORD, next="/account")

    page = elsewhere.post("/account/identities/acme", "/account")
    leave = html.unescape(str(re.findall(r'href="(http[^"]+/authorize[^"]*)"', page)[0]))
    linked = elsewhere.client.get(elsewhere.back(leave), follow_redirects=True)
    assert "lin@acme.example" in linked.text

    elsewhere.client.delete_cookie(COOKIE)
    button = re.search(r'href="(/sign-in/with/acme[^"]*)"', elsewhere.client.get("/sign-in").text)
    assert button is not None
    away = elsewhere.client.get(button[1]).headers["Location"]
    come = elsewhere.client.get(elsewhere.back(away))
    assert come.status_code == 303
    assert who.email in elsewhere.client.get("/account").text


def test_somebody_whom_nobody_knows_here_stays_outside(elsewhere: Elsewhere) -> None:
    elsewhere.be(sub=uuid4().hex, email="stranger@acme.example", verified="1")
    away = elsewhere.client.get("/sign-in/with/acme").headers["Location"]

    come = elsewhere.client.get(elsewhere.back(away))

    assert come.status_code == 401
    assert elsewhere.client.get_cookie(COOKIE) is None


def test_an_answer_that_another_browser_asked_for_lets_nobody_in(elsewhere: Elsewhere) -> None:
    """An attacker would have somebody come in as the attacker, or link the attacker's identity."""
    elsewhere.be(sub=uuid4().hex)
    theirs = elsewhere.client.application.test_client()
    away = theirs.get("/sign-in/with/acme").headers["Location"]

    come = elsewhere.client.get(elsewhere.back(away))

    assert come.status_code == 401


def test_a_link_begun_by_one_account_is_not_finished_by_another(
    elsewhere: Elsewhere, who: Account
) -> None:
    elsewhere.be(sub=uuid4().hex)
    elsewhere.post("/sign-in", "/sign-in", email=who.email, password=PASSWORD, next="/account")
    page = elsewhere.post("/account/identities/acme", "/account")
    leave = html.unescape(str(re.findall(r'href="(http[^"]+/authorize[^"]*)"', page)[0]))
    other = elsewhere.house.accounts.create(f"{uuid4().hex[:10]}@example.com", password=PASSWORD)
    signed_in = elsewhere.house.accounts.sign_in(other.email, PASSWORD, address="127.0.0.1")
    assert signed_in is not None
    elsewhere.client.set_cookie(COOKIE, signed_in.secret)

    elsewhere.client.get(elsewhere.back(leave))

    assert elsewhere.house.services.people.identities.of(other) == ()
    assert elsewhere.house.services.people.identities.of(who) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc": "{"}, "oidc"),
        ({"oidc": '{"acme": {"issuer": "https://x"}}'}, "client_id"),
        ({"smtp": "smtp://mail.example.com"}, "address"),
        ({"smtp": "mail.example.com", "address": "https://crm.example.com"}, "smtp://user"),
        ({"address": "crm.example.com"}, "https://crm.example.com"),
        ({"address": "https://crm.example.com/path"}, "https://crm.example.com"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(
    installation: Installation, given: dict[str, str], said: str
) -> None:
    settings = replace(read_settings({}), **given)

    with pytest.raises(BootError, match=said):
        furnish(settings, Address(admin=None, app=installation.url), installation.database)
