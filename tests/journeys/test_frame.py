"""The frame of every page: what comes by itself, finding, creating, choosing (P-14, P-19)."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from playwright.sync_api import Page, expect

from engine.context import Cause, Context
from tests.journeys import entering
from tests.journeys.conftest import Opening, Site

RATIOS = """() => [...document.querySelectorAll("[data-ratio]")]
  .map((each) => [each.dataset.ink ?? each.dataset.tone, Number(each.dataset.ratio)])"""


def test_a_mention_arrives_by_itself_and_is_done_with(opening: Opening, site: Site) -> None:
    writer, reader = opening("desk", "en"), opening("desk", "zh")
    record, _ = entering.provide(site, "customer")
    reader.goto(site.url("/inbox?show=mentions"))
    expect(reader.locator(".inbox-tabs")).to_be_visible()
    reader.wait_for_load_state("networkidle")

    site.house.services.talk.say(
        signed_in(site, writer), "customer", UUID(record), "看一下报价",
        [signed_in(site, reader).actor.user],
    )  # fmt: skip

    # Nobody loads anything anew: the page asks by itself.
    expect(reader.locator("[data-notice]").first).to_contain_text("看一下报价", timeout=25_000)
    expect(reader.locator(".side [data-unseen]")).to_have_text("1")
    # The words that scripts say stay where nobody sees them.
    expect(reader.locator("[data-words]").first).to_be_hidden()
    expect(reader).to_have_title(re.compile(r"^\(1\)"))
    reader.locator("[data-notice-done]").first.click()
    expect(reader.locator("[data-notice]")).to_have_count(0)
    expect(reader.locator(".side [data-unseen]")).to_be_hidden()


def test_the_palette_finds_by_initials_and_leaves_an_input_method_alone(
    room: Opening, site: Site
) -> None:
    page = room("desk", "zh")
    page.goto(site.url("/records/customer"))
    page.keyboard.press("Control+k")
    box = page.locator("[data-palette-input]")
    expect(page.locator("#palette .palette-line").first).to_be_visible()

    box.fill("cpk")
    box.fill("rw")
    first = page.locator("#palette .palette-line.is-chosen")
    expect(first).to_contain_text("任务")
    # Enter that ends a composition opens nothing.
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(page.locator("#palette")).to_have_attribute("open", "")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/records/task"))


def test_commands_of_the_palette_change_the_theme(room: Opening, site: Site) -> None:
    page = room("desk", "zh")
    page.goto(site.url("/inbox"))
    for words, theme in (("shense", "dark"), ("qianse", "light")):
        page.keyboard.press("Control+k")
        page.locator("[data-palette-input]").fill(words)
        expect(page.locator("#palette .palette-line.is-chosen")).to_be_visible()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        expect(page.locator("#palette")).to_be_hidden()


def test_one_key_creates_from_anywhere_and_the_page_stays(room: Opening, site: Site) -> None:
    page = room("phone", "en")
    customer, title = entering.provide(site, "customer")
    page.goto(site.url("/inbox"))
    page.locator(".phone-new").click()
    page.locator("[data-create-input]").fill("follow")
    page.keyboard.press("Enter")
    page.wait_for_selector("#create [data-form][data-ready]")
    picker = page.locator("#create .field[data-field=customer] [data-picker-text]")
    picker.fill(title)
    page.locator(f".picker-line[data-id='{customer}']").click()
    words = f"Called about pumps {uuid4().hex[:6]}"
    page.locator("#create .field[data-field=content] [data-input]").fill(words)
    page.locator("#create [data-save-button]").click()

    expect(page.locator("#create")).not_to_have_attribute("open", "")
    expect(page.locator(".toast-line")).to_contain_text("Saved")
    assert page.url == site.url("/inbox")


def test_every_tone_and_ink_can_be_read_in_both_themes(room: Opening, site: Site) -> None:
    page = room("desk", "zh")
    page.goto(site.url("/design"))
    page.wait_for_selector("[data-ratio]")

    ratios = page.evaluate(RATIOS)

    assert len(ratios) == 2 * (7 + 13)
    assert [each for each in ratios if each[1] < 4.5] == []


def test_a_page_is_kept_in_the_menu_and_a_group_stays_open(room: Opening, site: Site) -> None:
    page = room("desk", "zh")
    page.goto(site.url("/records/contact?view=book"))
    page.locator(".page-star").click()
    expect(page.locator(".side [data-places]")).to_contain_text("联系人")
    with page.expect_response(re.compile(r"/preferences/menu")):
        page.locator(".side [data-menu-group=products] summary").click()

    page.goto(site.url("/inbox"))

    expect(page.locator(".side [data-places] a")).to_have_attribute(
        "href", f"/{site.name}/records/contact?view=book"
    )
    expect(page.locator(".side [data-menu-group=products]")).to_have_attribute("open", "")
    expect(page.locator(".side [data-menu-group=finance]")).not_to_have_attribute("open", "")


def test_the_manifest_makes_the_tenant_an_app(room: Opening, site: Site) -> None:
    page = room("phone", "en")
    page.goto(site.url("/inbox"))

    answer = page.request.get(site.url("/app.webmanifest"))
    manifest = answer.json()

    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert (manifest["start_url"], manifest["display"]) == (f"/{site.name}", "standalone")
    for each in manifest["icons"]:
        icon = page.request.get(f"{site.address}{each['src']}")
        assert (icon.status, icon.headers["content-type"]) == (200, "image/png")
    assert {"192x192", "512x512"} <= {each["sizes"] for each in manifest["icons"]}


def signed_in(site: Site, page: Page) -> Context:
    """Return the context of whoever is signed in on a page."""
    email = page.locator("[data-shell]").get_attribute("data-person") or ""
    account = site.house.accounts.by_email(email)
    assert account is not None
    return site.house.contexts.make(site.name, account.id, language="zh", cause=Cause("form"))
