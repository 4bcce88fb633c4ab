"""What goes wrong in a browser: back after saving, words of other scripts, closed addresses."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.steps import create, fill, save

pytestmark = pytest.mark.browser

WORDS = "شركة المضخات ‮ (م.م) 👩‍👩‍👧‍👦 חברת משאבות"
"""Two scripts from right to left, a sign that turns what follows it, a family of emoji."""


def named(site: Site, words: str) -> list[str]:
    """The titles of customers whose name contains some words."""
    found = site.house.reader.find(site.ctx, ListQuery("customer", search=words, limit=5)).rows
    return [row.title for row in found]


@daily("phone", "en")
def test_who_goes_back_after_saving_does_not_make_it_twice(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page, mark = opening(size, language), f"Back {uuid4().hex[:8]}"
    page.goto(site.url("/records/customer?view=all"))
    page.goto(site.url("/records/customer/new"))
    page.wait_for_selector("[data-form][data-ready]")
    fill(page, "name", mark)
    made = save(page)

    page.go_back()
    page.wait_for_load_state()
    if page.locator("[data-form]").count():
        page.wait_for_selector("[data-form][data-ready]")
        expect(page.locator(".field[data-field=name] [data-input]")).to_have_value("")

    assert named(site, mark) == [mark]
    page.go_forward()
    expect(page).to_have_url(re.compile(made))
    expect(page.locator("h1")).to_have_text(mark)


@daily("desk", "zh")
def test_words_of_any_script_are_kept_to_the_letter(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """Names from right to left and emoji: in the form, the page, the list and what is found."""
    page, mark = opening(size, language), uuid4().hex[:8]
    name = f"{WORDS} {mark}"
    made = create(page, site, "customer", name=name)
    expect(page.locator("h1")).to_have_text(name)
    expect(page).to_have_title(re.compile(re.escape(name)))
    page.goto(site.url(f"/records/customer?view=all&q={mark}"))
    row = page.locator(".row-link", has_text=mark)
    expect(row).to_have_text(name)
    page.goto(site.url(f"/records/customer/{made}/edit"))
    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=name] [data-input]")).to_have_value(name)
    fill(page, "name", f"Plain {mark}")
    save(page)

    page.goto(site.url(f"/records/customer?view=all&q={mark}"))
    expect(page.locator(".row-link", has_text=f"Plain {mark}")).to_be_visible()


def test_a_calendar_s_address_that_was_taken_away_says_so(opening: Opening, site: Site) -> None:
    page = opening("phone", "zh")
    page.goto(site.url("/calendar/feed"))
    page.locator(".page-feed .btn-primary").click()
    address = page.locator("input[readonly], code").first
    expect(address).to_be_visible()
    url = address.input_value() if address.evaluate("e => 'value' in e") else address.inner_text()
    assert page.request.get(url).text().startswith("BEGIN:VCALENDAR")

    page.goto(f"{site.address}/account#tokens")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("form[action*='/tokens/'][action$='/revoke'] button").first.click()
    expect(page.locator("form[action$='/revoke']")).to_have_count(0)

    gone = page.request.get(url)
    assert gone.status in (401, 404, 410)
    assert "VEVENT" not in gone.text()
