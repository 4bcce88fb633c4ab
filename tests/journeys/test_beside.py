"""A record beside the list that it was opened from, leafed through, changed, and left again."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Opening, Site
from tests.journeys.steps import RECORD

pytestmark = pytest.mark.browser

SHOWN = ".drawer:not([aria-busy]) [data-record]"


def test_records_are_leafed_through_beside_their_list(opening: Opening, site: Site) -> None:
    page, mark = opening("desk", "zh"), uuid4().hex[:6]
    named = [f"{mark} {letter}" for letter in "abc"]
    site.house.writer.create(site.ctx, "customer", [{"name": name} for name in named])
    listed = site.url(f"/records/customer?q={mark}&sort=name")
    page.goto(listed)

    page.locator("a.row-link", has_text=named[1]).click()
    _shows(page, named[1])
    page.keyboard.press("j")
    _shows(page, named[2])
    page.keyboard.press("k")
    _shows(page, named[1])

    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    expect(page).to_have_url(listed)
    page.go_forward()
    _shows(page, named[1])
    page.reload()
    expect(page.locator(".drawer")).to_have_count(0)
    expect(page.locator("h1")).to_have_text(named[1])
    page.locator("[data-around] [data-next]").click()
    expect(page.locator("h1")).to_have_text(named[2])


def test_a_record_is_changed_beside_its_list_which_then_shows_it(
    opening: Opening, site: Site
) -> None:
    page, mark = opening("desk", "en"), uuid4().hex[:6]
    site.house.writer.create(site.ctx, "customer", [{"name": f"{mark} before"}])
    page.goto(site.url(f"/records/customer?q={mark}"))
    page.locator("a.row-link").click()
    _shows(page, f"{mark} before")

    page.keyboard.press("e")
    page.wait_for_selector(".drawer [data-form][data-ready]")
    page.locator(".drawer .field[data-field=name] [data-input]").fill(f"{mark} after")
    page.keyboard.press("Control+s")

    _shows(page, f"{mark} after")
    page.locator("[data-drawer=close]").click()
    expect(page.locator("tr[data-href]")).to_contain_text(f"{mark} after")


def test_a_phone_opens_a_record_as_a_page(opening: Opening, site: Site) -> None:
    page, mark = opening("phone", "zh"), uuid4().hex[:6]
    site.house.writer.create(site.ctx, "customer", [{"name": mark}])
    page.goto(site.url(f"/records/customer?q={mark}"))

    page.locator("a.row-link").click()

    expect(page.locator("h1")).to_have_text(mark)
    expect(page.locator(".drawer")).to_have_count(0)


def _shows(page: Page, title: str) -> None:
    expect(page.locator(f"{SHOWN} h1")).to_have_text(title)
    expect(page).to_have_url(re.compile(RECORD.pattern))
