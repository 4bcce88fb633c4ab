"""What a person does on the screens, step by step, in any size and language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from playwright.sync_api import Page, Route, expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Site

WORDS = "شركة المضخات ‮ (م.م) 👩‍👩‍👧‍👦 חברת משאבות"
"""Two scripts from right to left, a sign that turns what follows it, a family of emoji."""

RECORD = re.compile(r"/records/\w+/[0-9a-f-]{36}(#\w+)?$")


FORGET = """navigator.serviceWorker.getRegistrations().then((all) =>
  Promise.all(all.map((each) => each.unregister())))"""


def without_worker(page: Page) -> Page:
    """Have scripts come from the server: the worker would answer with what it keeps."""
    page.wait_for_load_state("networkidle")
    page.evaluate(FORGET)
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    return page


def held(page: Page, script: str) -> list[Route]:
    """Hold a script back until it is told to go on."""
    routes: list[Route] = []
    page.route(f"**/assets/{script}-*.js", lambda route: routes.append(route))
    return routes


def come(page: Page, routes: list[Route]) -> None:
    """Let the scripts come that were held back."""
    while not routes:
        page.wait_for_timeout(20)
    while routes:
        routes.pop().continue_()


def enter(page: Page, address: str) -> None:
    """Open a form and wait until it follows what is typed."""
    page.goto(address)
    page.wait_for_selector("[data-form][data-ready]")


def fill(page: Page, field: str, text: str) -> None:
    page.locator(f".field[data-field={field}] [data-input]").fill(text)


def compose(page: Page, place: str, letters: str, text: str) -> None:
    """Type as an input method does: what is composed changes until it is committed."""
    page.locator(place).click()
    session = page.context.new_cdp_session(page)
    for length in range(2, len(letters) + 1, 2):
        begun = {"text": letters[:length], "selectionStart": length, "selectionEnd": length}
        session.send("Input.imeSetComposition", begun)
    session.send("Input.insertText", {"text": text})
    session.detach()


def tab_to(page: Page, selector: str, most: int = 8) -> None:
    """Press Tab until the focus is where a selector says: what stands between may grow."""
    for _ in range(most + 1):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def pick(page: Page, place: str, text: str, title: str) -> None:
    page.locator(f"{place} [data-picker-text]").fill(text)
    page.locator(".picker-line", has_text=title).first.click()
    expect(page.locator(f"{place} [data-picker-text]")).to_have_value(re.compile(re.escape(title)))


def save(page: Page) -> str:
    """Save by the keyboard; answer the id of what was saved."""
    page.keyboard.press("Control+s")
    page.wait_for_url(RECORD)
    return record_id(page)


def record_id(page: Page) -> str:
    return page.url.partition("#")[0].rsplit("/", 1)[1]


def create(page: Page, site: Site, entity: str, given: str = "", **values: str) -> str:
    """Fill in the form of a new record and save it."""
    enter(page, site.url(f"/records/{entity}/new{given}"))
    for field, text in values.items():
        fill(page, field, text)
    return save(page)


def move(page: Page, stage: str, answers: Mapping[str, str] | None = None) -> None:
    """Press a stage on a record's page, and answer what it asks for."""
    button = page.locator(f"button[data-move$='/{stage}']")
    label = button.inner_text().split("\n")[0].strip()
    button.click()
    if answers:
        dialog = page.locator("[data-move-dialog]")
        expect(dialog).to_be_visible()
        for field, text in answers.items():
            place = dialog.locator(f".field[data-field={field}] [data-input]")
            if place.evaluate("input => input.tagName") == "SELECT":
                place.select_option(text)
            else:
                place.fill(text)
        dialog.locator(".btn-primary").click()
    expect(page.locator(".stage.is-current", has_text=label).first).to_be_visible()
    expect(page.locator("[data-move-dialog]")).to_have_count(0)


def convert(page: Page, name: str) -> str:
    """Make other records from the one shown; answer the id of the first of them."""
    here = page.url
    page.locator(f"[data-act$='/convert/{name}']").click()
    page.wait_for_url(lambda url: url != here and RECORD.search(url) is not None)
    return record_id(page)


def stock(site: Site, name: str) -> UUID:
    """Put a pump of 1,999.99 into the catalogue."""
    group = site.house.reader.find(site.ctx, ListQuery("product_category", limit=1)).rows[0].id
    values = {"name": name, "code": name, "category": str(group), "list_price": "1999.99"}
    return site.house.writer.create(site.ctx, "product", [values]).ids[0]
