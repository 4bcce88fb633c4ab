"""The door as a browser meets it: steps, letters, one's own account (A-01)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from uuid import uuid4

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.accounts.tables import authenticator
from engine.context import Context
from engine.tenants.identity import Account
from engine.tenants.members import enrol
from engine.tenants.tables import session, tenant
from tests.ui.conftest import PASSWORD, Visitor
from ui.session import COOKIE

NEW = "four other words again"


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser in front of the door."""

    client: FlaskClient
    visitor: Visitor

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": "en"})

    def post(self, path: str, page: str, **form: str) -> TestResponse:
        """Send a form of a page, with the token that it holds."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found is not None
        values = {"csrf_token": found[1], **form}
        return self.client.post(path, data=values, headers={"Accept-Language": "en"})

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/sign-in", "/sign-in", email=email, password=password, **more)

    def secret(self) -> str:
        cookie = self.client.get_cookie(COOKIE)
        return cookie.value if cookie is not None else ""


@pytest.fixture
def browser(visitor: Visitor) -> Browser:
    return Browser(visitor.client.application.test_client(), visitor)


@pytest.fixture
def who(visitor: Visitor) -> Account:
    email = f"{uuid4().hex[:10]}@example.com"
    house = visitor.house
    account = house.accounts.create(email, name="Lin Xiao", password=PASSWORD, language="en")
    enrol(house.accounts, house.writer, visitor.ctx, account, roles=("administrator",))
    return account


def set_up_app(browser: Browser) -> pyotp.TOTP:
    """Set an authenticator app up on the account's page, and let its codes be given again."""
    browser.post("/account/app", "/account")
    page = browser.get("/account/app")
    secret = re.search(r"data-secret>([A-Z2-7 ]+)<", page.text)
    assert secret is not None
    assert "data:image/svg+xml;base64," in page.text
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    shown = browser.post("/account/app/confirm", "/account/app", code=app.now())
    assert len(re.findall(r"<code>[a-z2-9-]{19}</code>", shown.text)) == 10
    forget_codes(browser.visitor)
    return app


def forget_codes(visitor: Visitor) -> None:
    with visitor.house.database.registry() as connection:
        connection.execute(update(authenticator).values(last_step=0))


def test_a_second_proof_stands_between_password_and_pages(browser: Browser, who: Account) -> None:
    browser.sign_in(who.email)
    app = set_up_app(browser)
    other = Browser(browser.client.application.test_client(), browser.visitor)

    answer = other.sign_in(who.email, next="/account")
    assert answer.headers["Location"] == "/sign-in/second?next=/account"
    assert other.get("/account").status_code == 302
    wrong = other.post("/sign-in/second", "/sign-in/second", code="000000")
    assert wrong.status_code == 401
    page = "/sign-in/second?next=/account"
    right = other.post("/sign-in/second", page, code=app.now(), next="/account")

    assert right.headers["Location"] == "/account"
    assert other.get("/account").status_code == 200


def test_signing_in_changes_the_secret_that_a_browser_was_given_before(
    browser: Browser, who: Account
) -> None:
    browser.client.set_cookie(COOKIE, "chosen by somebody else")

    browser.sign_in(who.email)

    assert browser.secret() not in ("", "chosen by somebody else")


def test_a_secret_that_was_copied_opens_nothing_after_signing_out(
    browser: Browser, who: Account
) -> None:
    browser.sign_in(who.email)
    copied = browser.secret()
    browser.post("/sign-out", "/account")
    thief = Browser(browser.client.application.test_client(), browser.visitor)
    thief.client.set_cookie(COOKIE, copied)

    assert thief.get("/account").status_code == 302


def test_too_many_wrong_tries_say_how_long_to_wait(browser: Browser, who: Account) -> None:
    answers = [browser.sign_in(who.email, "wrong password") for _ in range(12)]

    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    assert "wait" in html.unescape(last.text)


def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(
    browser: Browser, who: Account
) -> None:
    browser.sign_in(who.email)
    others = [Browser(browser.client.application.test_client(), browser.visitor) for _ in range(3)]
    for other in others:
        other.sign_in(who.email)
    ends = re.findall(r'action="(/account/sessions/[\w-]+/end)"', browser.get("/account").text)
    assert len(ends) == 3

    browser.post(ends[0], "/account")
    assert [each.get("/account").status_code for each in others].count(200) == 2
    browser.post("/account/sessions/end", "/account")

    assert [each.get("/account").status_code for each in others] == [302, 302, 302]
    assert browser.get("/account").status_code == 200


def test_nobody_ends_a_session_or_takes_a_token_of_somebody_else(
    browser: Browser, who: Account, visitor: Visitor
) -> None:
    browser.sign_in(who.email)
    theirs = visitor.house.accounts.session(read_secret(visitor))
    assert theirs is not None

    browser.post(f"/account/sessions/{theirs.id}/end", "/account")

    assert visitor.get("/records/customer").status_code == 200


def read_secret(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def test_a_password_is_changed_by_the_old_one(browser: Browser, who: Account) -> None:
    browser.sign_in(who.email)
    before = browser.secret()
    refused = browser.post("/account/password", "/account", old="wrong one", password=NEW)
    assert refused.status_code == 422

    browser.post("/account/password", "/account", old=PASSWORD, password=NEW)

    assert browser.secret() != before
    assert browser.get("/account").status_code == 200
    stranger = Browser(browser.client.application.test_client(), browser.visitor)
    assert stranger.sign_in(who.email).status_code == 401
    assert stranger.sign_in(who.email, NEW).status_code == 303


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/app", {}),
        ("/account/codes", {}),
        ("/account/address", {"email": "new@example.com"}),
        ("/account/tokens", {"tenant": "any", "label": "x"}),
        ("/account/passkeys/00000000-0000-4000-8000-000000000000/remove", {}),
        ("/account/identities/acme", {}),
    ],
)
def test_how_one_signs_in_is_changed_only_after_proving_it_anew(
    browser: Browser, who: Account, path: str, form: dict[str, str]
) -> None:
    browser.sign_in(who.email)
    with browser.visitor.house.database.registry() as connection:
        chosen = session.c.account == who.id
        connection.execute(update(session).where(chosen).values(proved_at=who_long_ago()))
    browser.visitor.house.accounts.forget()

    answer = browser.post(path, "/account", **form)

    assert answer.headers["Location"] == "/account/confirm?next=/account"
    browser.post("/account/confirm", "/account/confirm", given=PASSWORD, next="/account")
    assert "/account/confirm" not in browser.post(path, "/account", **form).headers.get(
        "Location", ""
    )


def who_long_ago() -> str:
    return "2020-01-01T00:00:00Z"


def test_a_token_is_shown_once_and_does_what_it_may(
    browser: Browser, who: Account, visitor: Visitor
) -> None:
    browser.sign_in(who.email)
    name = visitor.ctx.tenant.name
    form = {"tenant": name, "label": "A report", "scope": "read", "life": "30"}

    shown = browser.post("/account/tokens", "/account", **form)

    token = re.search(r"<code>(jn_[\w-]+)</code>", shown.text)
    assert token is not None
    assert token[1] not in browser.get("/account").text
    bearer = {"Authorization": f"Bearer {token[1]}"}
    me = browser.client.get(f"/api/v1/{name}/me", headers=bearer)
    assert me.json["data"]["email"] == who.email
    assert me.json["data"]["scopes"] == ["read"]
    revoke = re.search(r'action="(/account/tokens/[\w-]+/revoke)"', browser.get("/account").text)
    assert revoke is not None
    browser.post(revoke[1], "/account")
    assert browser.client.get(f"/api/v1/{name}/me", headers=bearer).status_code == 401


def test_a_tenant_that_asks_for_two_proofs_lets_nobody_in_by_one(
    browser: Browser, who: Account, visitor: Visitor
) -> None:
    browser.sign_in(who.email)
    with asking(visitor.ctx, visitor, ["administrator"]):
        home = visitor.path("/records/customer")
        first = browser.get(home)
        assert first.headers["Location"].startswith(f"/account/second/{visitor.ctx.tenant.name}")
        assert "asked=" in browser.get(first.headers["Location"]).headers["Location"]
        api = browser.client.get(f"/api/v1{visitor.path('/me')}")
        assert api.status_code == 403
        assert api.json["code"] == "second_factor_needed"

        set_up_app(browser)

        assert browser.get(home).status_code == 200


def test_one_proof_makes_no_token_where_a_tenant_asks_for_two(
    browser: Browser, who: Account, visitor: Visitor
) -> None:
    browser.sign_in(who.email)
    form = {"tenant": visitor.ctx.tenant.name, "scope": "all", "life": "7"}
    with asking(visitor.ctx, visitor, ["administrator"]):
        refused = browser.post("/account/tokens", "/account", **form)
        assert "jn_" not in refused.text
        place = f"/account/second/{visitor.ctx.tenant.name}?next=/account"
        assert refused.headers["Location"] == place
        assert "jn_" not in browser.get("/account").text

        set_up_app(browser)

        assert "jn_" in browser.post("/account/tokens", "/account", **form).text


def test_one_proof_learns_no_names_where_a_tenant_asks_for_two(
    browser: Browser, who: Account, visitor: Visitor
) -> None:
    browser.sign_in(who.email)
    nowhere = visitor.path("/records/nothing")
    assert who.name in browser.get(nowhere).text
    with asking(visitor.ctx, visitor, ["administrator"]):
        assert who.name not in browser.get(nowhere).text


class asking:  # noqa: N801 - reads as words in a with statement
    """For a while, have a tenant ask people of roles for two proofs."""

    def __init__(self, ctx: Context, visitor: Visitor, roles: list[str]) -> None:
        self._chosen = tenant.c.name == ctx.tenant.name
        self._visitor, self._roles = visitor, roles

    def __enter__(self) -> None:
        self._set(self._roles)

    def __exit__(self, *_: object) -> None:
        self._set([])

    def _set(self, roles: list[str]) -> None:
        with self._visitor.house.database.registry() as connection:
            values = {"second_factor": roles}
            connection.execute(update(tenant).where(self._chosen).values(values))
        self._visitor.house.contexts.forget()


def test_a_link_of_a_letter_leaves_the_address_and_sets_a_password(
    browser: Browser, who: Account
) -> None:
    link = browser.visitor.house.services.people.letters.reset_link(who)

    follow = browser.get(link)

    assert follow.headers["Location"] == "/sign-in/letter"
    assert link.rpartition("/")[2] not in browser.get("/sign-in/letter").text
    done = browser.post("/sign-in/letter", "/sign-in/letter", password=NEW)
    assert done.headers["Location"] == "/sign-in?said=password"
    assert browser.sign_in(who.email, NEW).status_code == 303
    again = browser.get(link)
    assert browser.get(again.headers["Location"]).status_code == 410


def test_forgetting_a_password_says_the_same_of_everybody(browser: Browser, who: Account) -> None:
    answers = [
        browser.post("/sign-in/forgot", "/sign-in", email=email).text
        for email in (who.email, "nobody@example.com")
    ]

    said = [re.sub(r'value="[^"]*"', "", each) for each in answers]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/forgot", "/sign-in/letter"],
)
def test_a_form_at_the_door_is_taken_only_from_the_browser_it_was_shown_to(
    browser: Browser, path: str
) -> None:
    answer = browser.client.post(path, data={"csrf_token": "guessed", "email": "a@b.example"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "said", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}]
)
def test_each_of_two_tabs_that_came_to_the_door_at_once_signs_in(
    browser: Browser, who: Account, said: dict[str, str]
) -> None:
    first = browser.get("/sign-in").text
    browser.client.delete_cookie("joinery_sign_in")
    browser.get("/sign-in")

    token = re.search(r'name="csrf_token" value="([^"]+)"', first)
    assert token is not None
    form = {"email": who.email, "password": PASSWORD, "csrf_token": token[1]}

    assert browser.client.post("/sign-in", data=form).status_code == 403
    assert browser.client.post("/sign-in", data=form, headers=said).status_code == 303


def test_a_form_that_another_site_shows_is_refused_at_the_door(
    browser: Browser, who: Account
) -> None:
    form = {"email": who.email, "password": PASSWORD}
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.client.post("/sign-in", data=form, headers=said).status_code == 403


@pytest.mark.parametrize("form", [{}, {"credential": "{}"}, {"credential": "[]", "ticket": "00"}])
def test_what_is_no_passkey_opens_nothing(browser: Browser, form: dict[str, str]) -> None:
    ticket = browser.get("/sign-in/passkey/options").json["ticket"]

    answer = browser.post("/sign-in/passkey", "/sign-in", **{"ticket": ticket, **form})

    assert answer.status_code == 401
    assert browser.secret() == ""


def test_who_knocks_too_often_is_asked_to_wait(browser: Browser) -> None:
    for _ in range(260):
        answer = browser.client.get(
            "/sign-in/with/nobody", environ_base={"REMOTE_ADDR": "192.0.2.250"}
        )
        if answer.status_code == 429:
            break

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
