"""What is done before the scripts of a page are there, or while nothing answers, is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served
from tests.journeys.steps import come, enter, fill, held, save, without_worker

pytestmark = pytest.mark.browser

SHOP = Path(__file__).parents[1] / "ui" / "shop.yaml"

BUSY = 12
"""Seconds that the worker does nothing else."""


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A shop whose forms are reshaped by nobody else."""
    with served(installation, str(SHOP)) as shop:
        yield shop


@pytest.fixture
def page(opening: Opening) -> Page:
    """A page whose scripts come from the server: the worker would answer with what it keeps."""
    return without_worker(opening("desk", "en"))


def customer_of(site: Site) -> UUID:
    return site.house.writer.create(site.ctx, "customer", [{"name": "Old"}]).ids[0]


def test_a_dialog_asked_for_before_its_script_is_there_opens_once_it_is(
    page: Page, site: Site
) -> None:
    scripts = held(page, "dialogs")
    page.goto(site.url("/admin/forms/quote#stages"), wait_until="domcontentloaded")
    page.wait_for_function("document.documentElement.dataset.ready")

    page.locator("#panel-stages .part-line[data-name=sent] .part-marks button").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    come(page, scripts)

    expect(page.locator("dialog[open] .filter-row [data-part=field]").first).to_be_visible()


def test_what_is_pressed_before_any_script_is_there_is_done_once_it_is(
    page: Page, site: Site
) -> None:
    scripts = held(page, "main")
    page.goto(site.url("/records/customer"), wait_until="commit")
    page.locator("[data-open-palette]:visible").first.click()
    come(page, scripts)

    expect(page.locator("#palette")).to_be_visible()


def test_what_is_typed_before_the_script_of_a_form_is_there_is_saved(
    page: Page, site: Site
) -> None:
    """A form took for its beginning what stood in it when its script came."""
    customer = customer_of(site)
    scripts = held(page, "form")
    page.goto(site.url(f"/records/customer/{customer}/edit"), wait_until="domcontentloaded")
    page.wait_for_function("document.documentElement.dataset.ready")
    fill(page, "name", "New")
    page.locator("[data-save-button]").click()
    come(page, scripts)

    expect(page.locator("[data-record] h1")).to_contain_text("New")


def test_a_form_is_saved_while_the_worker_of_the_browser_is_busy(
    opening: Opening, site: Site
) -> None:
    """What was saved waited for it, without a word."""
    page = opening("desk", "en")
    enter(page, site.url(f"/records/customer/{customer_of(site)}/edit"))
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_selector("[data-form][data-ready]")
    fill(page, "name", "Newer")
    (worker,) = page.context.service_workers
    until = f"const end = Date.now() + {BUSY}000; while (Date.now() < end);"
    worker.evaluate(f"() => void setTimeout(() => {{ {until} }})")
    begun = monotonic()

    with page.expect_response(lambda answer: "/records/" in answer.url) as answer:
        page.keyboard.press("Control+s")

    assert answer.value.status == 200
    assert monotonic() - begun < BUSY


@pytest.mark.thorough
def test_a_save_that_nothing_answers_is_sent_again_and_done_once(page: Page, site: Site) -> None:
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "Answered late")
    lost: list[Route] = []

    def lose(route: Route) -> None:
        """Let the first one arrive, and its answer never."""
        if lost:
            route.continue_()
        else:
            route.fetch()
            lost.append(route)

    page.route(lambda url: url.endswith("/records/customer"), lose)
    record = save(page)

    assert len(lost) == 1
    page.goto(site.url("/records/customer?q=Answered"))
    expect(page.locator(".row-link")).to_have_count(1)
    expect(page.locator(f"tr[data-href$='{record}']")).to_be_visible()
