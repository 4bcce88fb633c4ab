"""Coming in by every way there is, in a real browser with a passkey of its own (A-01)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Page, expect

from engine.tenants.members import enrol
from tests.browsers import Chromium
from tests.journeys.conftest import PASSWORD, SIZES, Site

pytestmark = pytest.mark.browser


def with_passkeys(page: Page) -> None:
    """Give the browser a device that keeps passkeys and always knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


@contextmanager
def visiting(chromium: Chromium, site: Site, size: str, language: str) -> Iterator[Page]:
    """A browser at the door, on a host that passkeys can belong to; violations of the CSP fail."""
    context = chromium.new_context(viewport=SIZES[size], locale=language)
    page = context.new_page()
    page.set_default_timeout(15_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and problems.append(said.text))
    page.goto(site.address.replace("127.0.0.1", "localhost") + "/sign-in")
    yield page
    chromium.leave(context)
    assert [each for each in problems if "401" not in each] == []


@pytest.fixture
def email(site: Site) -> str:
    made = f"{uuid4().hex[:10]}@example.com"
    account = site.house.accounts.create(made, name="Lin Xiao", password=PASSWORD)
    enrol(site.house.accounts, site.house.writer, site.ctx, account, roles=("administrator",))
    return made


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator(".door-form .btn-primary").first.click()


def sign_out(page: Page) -> None:
    page.goto(re.sub(r"(//[^/]+)/.*", r"\1/account", page.url))
    page.locator(".own-tools form button").click()
    page.wait_for_selector("#email")


def test_a_passkey_opens_the_door_alone_and_as_second_proof_until_it_is_removed(
    chromium: Chromium, site: Site, email: str
) -> None:
    with visiting(chromium, site, "desk", "en") as page:
        with_passkeys(page)
        enter(page, email)
        page.wait_for_selector("[data-shell]")
        page.goto(site.address.replace("127.0.0.1", "localhost") + "/account")
        assert fits(page)
        page.get_by_placeholder("What to call it").fill("My laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.locator(".own-once code")).to_have_count(10)
        page.get_by_role("link", name="I have kept them safe").click()
        expect(page.locator("input[value='My laptop']")).to_be_visible()

        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_selector("[data-shell]")

        sign_out(page)
        enter(page, email)
        expect(page.get_by_text(f"You sign in as {email}.")).to_be_visible()
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_selector("[data-shell]")

        who = site.house.accounts.require(email)
        for each in site.house.services.people.passkeys.of(who):
            site.house.services.people.passkeys.remove(who, each.id, site.ctx.origin)
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator(".notice-danger")).to_be_visible()
        expect(page.locator("[data-shell]")).to_have_count(0)


def test_an_authenticator_app_is_set_up_on_a_phone_in_chinese(
    chromium: Chromium, site: Site, email: str
) -> None:
    with visiting(chromium, site, "phone", "zh-CN") as page:
        enter(page, email)
        page.wait_for_selector("[data-shell]")
        page.goto(site.address.replace("127.0.0.1", "localhost") + "/account")
        expect(page.get_by_role("heading", name="账号与安全")).to_be_visible()
        assert fits(page)
        page.get_by_role("button", name="设置", exact=True).click()
        expect(page.locator(".own-squares")).to_be_visible()
        page.locator("summary").click()
        app = pyotp.TOTP((page.locator("[data-secret]").text_content() or "").replace(" ", ""))
        page.locator("input[name=code]").fill(app.now())
        page.get_by_role("button", name="启用").click()
        expect(page.locator(".own-once code")).to_have_count(10)
        code = page.locator(".own-once code").first.text_content() or ""

        sign_out(page)
        enter(page, email)
        expect(page.get_by_role("heading", name="还差一步")).to_be_visible()
        page.locator("#code").fill(code)
        page.get_by_role("button", name="继续").click()

        page.wait_for_selector("[data-shell]")


def fits(page: Page) -> bool:
    """Tell whether a page is no wider than its window, with everything on it unfolded."""
    page.locator("details.own-new summary").click()
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
