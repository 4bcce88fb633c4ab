"""What goes wrong in a browser: back after saving, slow lines, two tabs, words of other scripts."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.steps import RECORD, WORDS, create, enter, fill, save, stock, tab_to
from tests.journeys.test_grid import cell, customers, held, sheet

pytestmark = pytest.mark.browser


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


def test_on_a_slow_line_saving_is_seen_to_go_on_and_happens_once(
    opening: Opening, site: Site
) -> None:
    page, mark = opening("phone", "en"), f"Slow {uuid4().hex[:8]}"
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", mark)
    line = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    client = page.context.new_cdp_session(page)
    client.send("Network.emulateNetworkConditions", {**line, "latency": 1_000})

    page.keyboard.press("Control+s")
    button = page.locator("[data-save-button]")
    expect(button).to_have_attribute("aria-busy", "true")
    expect(button).to_be_disabled()
    page.keyboard.press("Control+s")
    button.dispatch_event("click")
    client.send("Network.emulateNetworkConditions", {**line, "latency": 0})
    page.wait_for_url(RECORD)

    assert named(site, mark) == [mark]


@pytest.mark.thorough
def test_two_tabs_of_one_form_are_asked_between(opening: Opening, site: Site) -> None:
    made = site.house.writer.create(site.ctx, "customer", [{"name": "In two tabs"}]).ids[0]
    first = opening("desk", "zh")
    second = first.context.new_page()
    for page in (first, second):
        enter(page, site.url(f"/records/customer/{made}/edit"))
    fill(first, "name", "第一个标签页")
    save(first)

    fill(second, "name", "第二个标签页")
    second.keyboard.press("Control+s")
    dialog = second.locator("[data-conflict]")
    expect(dialog).to_contain_text("第一个标签页")
    expect(dialog).to_contain_text("第二个标签页")
    dialog.locator("[data-conflict-save]").click()

    expect(second.locator("h1")).to_have_text("第二个标签页")
    first.reload()
    expect(first.locator("h1")).to_have_text("第二个标签页")


def test_ten_thousand_characters_in_a_cell_are_refused_there_and_stay(
    opening: Opening, site: Site
) -> None:
    mark = customers(site, 2)
    page = opening("desk", "en")
    sheet(page, site, mark)
    name = cell(page, 0, "name")
    high = name.evaluate("each => each.offsetHeight")

    name.click(position={"x": 150, "y": 8})
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("长" * 10_000)
    page.keyboard.press("Enter")

    expect(name).to_have_class(re.compile("is-wrong"))
    expect(name).to_have_attribute("title", re.compile(r"\d"))
    assert len(name.inner_text().strip()) == 10_000
    assert name.evaluate("each => each.offsetHeight") <= high + 2
    assert [row.title for row in held(site, mark)] == [f"{mark} 00", f"{mark} 01"]


def test_a_quote_is_made_from_the_palette_to_its_paper_by_keys_alone(
    opening: Opening, site: Site
) -> None:
    mark = uuid4().hex[:6]
    site.house.writer.create(site.ctx, "customer", [{"name": f"Keys {mark}"}])
    stock(site, f"Pump {mark}")
    page = opening("desk", "en")
    page.keyboard.press("Control+k")
    page.keyboard.type("quotes")
    line = page.locator("#palette .palette-line[href*='/records/quote']").first
    expect(line).to_be_visible()
    while "is-chosen" not in (line.get_attribute("class") or ""):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/records/quote"))
    page.keyboard.press("n")
    page.wait_for_selector("[data-form][data-ready]")

    tab_to(page, ".field[data-field=customer] [data-picker-text]", 20)
    chosen(page, f"Keys {mark}")
    tab_to(page, "[data-add-row]", 60)
    page.keyboard.press("Enter")
    chosen(page, f"Pump {mark}")
    expect(page.locator("[data-row] td[data-field=unit_price] input")).to_have_value("1999.99")
    tab_to(page, "td[data-field=quantity] *")
    page.keyboard.type("3")
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("5,999.97")
    save(page)

    tab_to(page, ".drop-menu:has(.drop-papers) summary", 60)
    page.keyboard.press("Enter")
    tab_to(page, ".drop-papers a", 1)
    with page.context.expect_event("request", lambda asked: "language=" in asked.url) as paper:
        page.keyboard.press("Enter")
    answer = page.request.get(paper.value.url)
    assert answer.headers["content-type"] == "application/pdf"


def chosen(page: Page, title: str) -> None:
    """Type into the picker that has the focus, and take what it finds."""
    page.keyboard.type(title)
    expect(page.locator(".picker-line", has_text=title).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".picker-list")).to_have_count(0)


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
