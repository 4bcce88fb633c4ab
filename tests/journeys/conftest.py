"""A real browser on a real server, on the shop of the page tests and on the CRM itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import Protocol
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from boot.catalogue import template_documents
from boot.connection import Address
from boot.demonstration import fill_demo
from boot.settings import read_settings
from boot.tenancy import Wanted, make_tenant
from boot.wiring import House, furnish
from engine.context import Cause, Context
from engine.tenants.members import enrol
from tests.browsers import SIZES, Chromium
from tests.conftest import Installation
from ui.factory import create_app
from ui.session import COOKIE

WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""
"""Tells of every script, style or call that the pages' policy forbids (N-01)."""

PATIENCE = 30_000
"""Milliseconds that a page has: a slow machine must not fail what is right."""

LEFT = "Failed to fetch dynamically imported module"
"""What a browser says of a script that was on its way when its page was left."""

expect.set_options(timeout=PATIENCE)

PASSWORD = "four words are enough"

SPREAD = (("desk", "zh"), ("phone", "en"))
"""Both sizes and both languages, one of each at a time."""

PAIRS = (*SPREAD, ("phone", "zh"), ("desk", "en"))
"""Each size in each language."""


def daily(
    size: str, language: str, *, among: Sequence[tuple[str, str]] = SPREAD
) -> pytest.MarkDecorator:
    """Give a journey this size and language on every run, the others before a change is taken."""
    later = [each for each in among if each != (size, language)]
    return pytest.mark.parametrize(
        ("size", "language"),
        [(size, language), *(pytest.param(*each, marks=pytest.mark.thorough) for each in later)],
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A server of the CRM with one fresh tenant."""

    address: str
    house: House
    name: str

    @property
    def ctx(self) -> Context:
        """The tenant as it is now: other journeys publish changes meanwhile."""
        return self.house.contexts.system(self.name, cause=Cause("cli"))

    def url(self, path: str) -> str:
        return f"{self.address}/{self.name}{path}"


class Arriving(Protocol):
    """Opens a browser of a size and language, signed in by an address and its password."""

    def __call__(self, size: str, language: str, email: str, password: str) -> Page: ...


class Opening(Protocol):
    """Opens a browser of a size and language, signed in as a person with roles."""

    def __call__(
        self, size: str, language: str, roles: tuple[str, ...] = ("administrator",)
    ) -> Page: ...


@contextmanager
def served(
    installation: Installation, template: str = "crm", *, language: str = "en"
) -> Iterator[Site]:
    """Serve the CRM, or another app by its file, with a tenant of its own."""
    house = furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )
    assert template_documents(template)
    wanted = Wanted(name=f"j{uuid4().hex[:10]}", template=template, language=language)
    ctx = make_tenant(house, wanted)
    server = make_server("127.0.0.1", 0, create_app(house.services), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", house, ctx.tenant.name)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site(installation: Installation) -> Iterator[Site]:
    with served(installation) as serving:
        yield serving


@pytest.fixture(scope="session")
def demo_site(installation: Installation) -> Iterator[Site]:
    """A server of the demo tenant with its year of work."""
    with served(installation, language="zh") as serving:
        # Starter records are called as the tenant's language calls them.
        fill_demo(serving.house, replace(serving.ctx, language="zh"), progress=lambda _: None)
        yield serving


@pytest.fixture(scope="session")
def chromium(browser_path: str) -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = Chromium(playwright, browser_path)
        yield browser
        browser.close()


class Watching(Protocol):
    """Opens an empty page of a size and language."""

    def __call__(self, size: str, language: str) -> Page: ...


@contextmanager
def watched(chromium: Chromium) -> Iterator[Watching]:
    """Open browsers; broken or forbidden scripts fail."""
    problems: list[str] = []
    contexts = []

    def open_page(size: str, language: str) -> Page:
        context = chromium.new_context(viewport=SIZES[size], locale=language)
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.extend([str(error)] * (LEFT not in str(error))))
        page.on("console", lambda said: problems.extend([said.text] * ("POLICY" in said.text)))
        return page

    yield open_page
    for context in contexts:
        chromium.leave(context)
    assert problems == []


@contextmanager
def arrivals(site: Site, chromium: Chromium) -> Iterator[Arriving]:
    """Open browsers, signed in through the door, on the first page of whoever they are of."""
    with watched(chromium) as opened:

        def arrive(size: str, language: str, email: str, password: str) -> Page:
            page = opened(size, language)
            page.goto(site.url(""))
            page.locator("#email").fill(email)
            page.locator("#password").fill(password)
            page.locator(".door-form .btn-primary").click()
            page.wait_for_selector("[data-shell]")
            return page

        yield arrive


@contextmanager
def openings(site: Site, chromium: Chromium) -> Iterator[Opening]:
    """Open browsers, each of a new person with roles, on a page that has little to show."""
    accounts = site.house.accounts
    with watched(chromium) as opened:

        def open_page(
            size: str, language: str, roles: tuple[str, ...] = ("administrator",)
        ) -> Page:
            email = f"{uuid4().hex[:10]}@example.com"
            account = accounts.create(email, name="Lin Xiao", password=PASSWORD, language=language)
            site.house.services.contexts.run(
                site.ctx, lambda ctx: enrol(accounts, site.house.writer, ctx, account, roles=roles)
            )
            # The door is led through by journeys of its own; these have further to go.
            secret = accounts.sign_in(email, PASSWORD, address="127.0.0.1").secret
            page = opened(size, language)
            page.context.add_cookies([{"name": COOKIE, "value": secret, "url": site.address}])
            page.goto(site.url("/waiting"))
            page.wait_for_selector("[data-shell]")
            return page

        yield open_page


@pytest.fixture
def opening(site: Site, chromium: Chromium) -> Iterator[Opening]:
    """Open a browser of a size and language, signed in; broken scripts fail."""
    with openings(site, chromium) as opened:
        yield opened


@pytest.fixture(scope="session")
def room(site: Site, chromium: Chromium) -> Iterator[Opening]:
    """The browser of a size and language, opened once: for many short visits."""
    pages: dict[tuple[str, str], Page] = {}
    with openings(site, chromium) as opened:

        def enter(size: str, language: str, roles: tuple[str, ...] = ("administrator",)) -> Page:
            if (size, language) not in pages:
                pages[size, language] = opened(size, language, roles)
            return pages[size, language]

        yield enter
