"""Every input that is more than one element, used as a person uses it, on desk and phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browsers import Chromium
from tests.conformance.specimens import app
from tests.conftest import TenantMaker
from tests.journeys.conftest import Opening, Site, daily, openings
from tests.journeys.steps import WORDS, come, enter, fill, held, save, without_worker

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def specimens(site: Site, tenant_of: TenantMaker) -> Site:
    ctx = tenant_of(yaml.safe_dump(app(), allow_unicode=True, sort_keys=False))
    for name in ("江南泵业", "Harbour Works"):
        site.house.writer.create(ctx, "customer", [{"name": name}])
    return Site(site.address, site.house, ctx.tenant.name)


@pytest.fixture
def opening(specimens: Site, chromium: Chromium) -> Iterator[Opening]:
    with openings(specimens, chromium) as opened:
        yield opened


WORDED = ("text", "long_text", "code", "tags")
"""Types of fields that take words of any script."""


def place(name: str) -> str:
    return f".field[data-field=a_{name}]"


@daily("phone", "en")
def test_rich_values_are_entered_read_and_entered_again(
    opening: Opening, specimens: Site, size: str, language: str, tmp_path: Path
) -> None:
    page = opening(size, language)
    picture = tmp_path / "plan.png"
    Image.new("RGB", (60, 40), "#17695b").save(picture)
    enter(page, specimens.url("/records/specimen/new"))
    page.wait_for_selector("[data-widget=rich_text][data-started]")
    fill(page, "name", "All of it")
    for kind in WORDED:
        fill(page, f"a_{kind}", WORDS)

    _write(page)
    _pick_several(page)
    page.locator(f"{place('period')} [data-part=from]").fill("2026-03-01")
    page.locator(f"{place('period')} [data-part=to]").fill("2026-03-31")
    page.locator(f"{place('duration')} [data-input]").fill("1h 30m")
    page.locator(f"{place('rating')} label").nth(3).click()
    page.locator(f"{place('address')} [data-part=region]").fill("广东省")
    page.locator(f"{place('address')} [data-part=city]").fill("深圳市")
    page.locator(f"{place('address')} [data-part=street]").fill(WORDS)
    page.locator(f"{place('location')} [data-part=lat]").fill("22.54")
    page.locator(f"{place('location')} [data-part=lon]").fill("114.05")
    page.locator(f"{place('file')} input[type=file]").set_input_files(picture)
    expect(page.locator(f"{place('file')} .file-line a")).to_have_text("plan.png")
    _sign(page)
    save(page)

    shown = page.locator(".facts")
    expect(shown.first).to_contain_text("plan.png")
    expect(page.locator(".facts strong")).to_have_text("bold")
    expect(page.locator(".facts p", has=page.locator("strong"))).to_contain_text(WORDS)
    for words in ("江南泵业", "Harbour Works", "1:30", "深圳市", "22.54"):
        expect(page.locator("[data-record]")).to_contain_text(words)
    enter(page, page.url + "/edit")
    for kind in WORDED:
        expect(page.locator(f"{place(kind)} [data-input]")).to_have_value(WORDS)
    expect(page.locator(f"{place('address')} [data-part=street]")).to_have_value(WORDS)
    expect(page.locator(f"{place('links')} .chip")).to_have_count(2)
    expect(page.locator(f"{place('signature')} img")).to_be_visible()
    expect(page.locator(f"{place('period')} [data-part=to]")).to_have_value("2026-03-31")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _write(page: Page) -> None:
    body = page.locator(f"{place('rich_text')} .rich-body")
    body.click()
    page.keyboard.insert_text(f"{WORDS} a ")
    page.keyboard.press("Control+b")
    page.keyboard.type("bold")
    expect(page.locator("[data-rich=bold]")).to_have_attribute("aria-pressed", "true")


def _pick_several(page: Page) -> None:
    text = page.locator(f"{place('links')} [data-picker-text]")
    for typed, title in (("jnby", "江南泵业"), ("harb", "Harbour Works")):
        text.fill(typed)
        page.locator(".picker-line", has_text=title).first.click()
        expect(page.locator(f"{place('links')} .chip", has_text=title)).to_be_visible()
    text.press("Backspace")
    expect(page.locator(f"{place('links')} .chip")).to_have_count(1)
    text.fill("harb")
    page.locator(".picker-line", has_text="Harbour").first.click()


def _sign(page: Page) -> None:
    page.locator(f"{place('signature')} [data-sign]").click()
    box = page.locator(".signature-pad:visible").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 120, steps=6)
    page.mouse.up()
    page.locator("[data-sign-done]:visible").click()
    expect(page.locator(f"{place('signature')} .signature-shown img")).to_be_visible()


def test_json_that_is_none_is_not_sent_and_says_where_it_breaks(
    opening: Opening, specimens: Site
) -> None:
    page = opening("desk", "en")
    enter(page, specimens.url("/records/specimen/new"))
    page.wait_for_selector("[data-widget=json][data-started]")
    fill(page, "name", "Broken")
    page.locator(f"{place('json')} textarea").fill('{"a": ')

    page.keyboard.press("Control+s")

    note = page.locator(f"{place('json')} .field-note")
    expect(note).to_contain_text("This is not JSON yet")
    page.locator(f"{place('json')} textarea").fill('{"a": 1}')
    save(page)
    expect(page.locator("[data-record]")).to_contain_text(re.compile(r'"a": 1'))


def test_a_condition_of_each_kind_is_built_and_built_again(
    opening: Opening, specimens: Site
) -> None:
    page = opening("desk", "zh")
    page.goto(specimens.url("/records/specimen"))
    page.locator(".list-bar [data-open=filter]").click()
    row = page.locator(".filter-row").first
    row.locator("[data-part=field]").select_option("a_choice")
    row.locator("[data-part=operator]").select_option("in")

    row.locator(".check-mark").first.click()
    row.locator(".check-mark").nth(1).click()
    expect(page.locator("[data-filter-text]")).to_have_value('a_choice in ["gold", "silver"]')
    page.locator("#filter button[type=submit]").click()

    page.wait_for_url(re.compile("filter="))
    page.locator(".list-bar [data-open=filter]").click()
    expect(page.locator(".filter-row .check-mark input:checked")).to_have_count(2)


def test_a_file_chosen_before_its_widget_is_there_is_sent_once_it_is(
    opening: Opening, specimens: Site, tmp_path: Path
) -> None:
    page = without_worker(opening("desk", "en"))
    scripts = held(page, "files")
    plan = tmp_path / "plan.txt"
    plan.write_text("all of it")
    enter(page, specimens.url("/records/specimen/new"))
    page.locator(f"{place('file')} input[type=file]").set_input_files(plan)
    come(page, scripts)

    expect(page.locator(f"{place('file')} [data-files]")).to_contain_text("plan.txt")
