"""Looking after a tenant, as an administrator does it in a browser: people, roles, shares, log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, daily, served
from tests.journeys.steps import create, fill, pick

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since its roles are changed."""
    with served(installation) as serving:
        yield serving


PATIENCE = 30_000
"""Milliseconds that comparing the rights of everybody may take on a busy machine."""


def fits(page: Page) -> bool:
    """Wait until a page is no wider than its window, also where it is just being drawn anew."""
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    return bool(page.wait_for_function(width).json_value())


def name_of(page: Page) -> str:
    """The address of whoever is signed in, by which pickers find them."""
    return page.locator("[data-shell]").get_attribute("data-person") or ""


def choose(page: Page, place: str, text: str) -> None:
    """Choose a record in a picker by its words."""
    page.locator(f"{place} [data-picker-text]").fill(text)
    page.locator(".picker-line", has_text=text).first.click()


@daily("desk", "zh")
def test_somebody_is_invited_and_given_a_role(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page = opening(size, language)
    page.goto(site.url("/admin/people"))
    page.locator("[data-open=invite]").click()
    dialog = page.locator("#invite")
    fill(page, "name", f"Wu Mei {size}")
    fill(page, "email", f"wu.mei.{size}@example.com")
    dialog.locator(".check-mark", has=page.locator("input[value=sales]")).click()

    dialog.locator("button[type=submit]").click()
    link = page.locator("dialog[open] [data-select]").input_value()
    page.locator("dialog[open] [data-close]").last.click()
    expect(page.locator("h1")).to_contain_text(f"Wu Mei {size}")
    expect(page.locator(".role-list input[value=sales]")).to_be_checked()
    page.locator(".role-list input[value=finance]").check()
    expect(page.locator("[data-gains] ins").first).to_be_visible(timeout=PATIENCE)
    with page.expect_navigation():
        page.locator("[data-roles-of] button[type=submit]").click()

    expect(page.locator(".role-list input[value=finance]")).to_be_checked()
    assert fits(page)
    stranger = page.context.browser
    assert stranger is not None
    fresh = stranger.new_page()
    fresh.goto(link)
    expect(fresh.locator("input[type=password]").first).to_be_visible()
    fresh.close()


@daily("phone", "en")
def test_a_role_is_changed_after_a_preview_and_holds_at_the_next_load(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    # A role that no scenario of the template acts with: they are not played for it.
    admin, officer = opening(size, language), opening("desk", "en", ("analyst",))
    create(admin, site, "customer", name=f"Far away {size}")
    officer.goto(site.url(f"/records/customer?view=all&q=Far+away+{size}"))
    here = officer.locator(".row-link", has_text=f"Far away {size}")
    admin.goto(site.url("/admin/roles/analyst"))
    cell = admin.locator("[data-path='rights/customer/read']")
    before = cell.get_attribute("data-was")
    after = "own" if before == "all" else "all"
    expect(here).to_have_count(1 if before == "all" else 0)

    cell.select_option(after)
    admin.reload()
    expect(cell).to_have_value(after)
    admin.locator("[data-draft-preview]").click()
    preview = admin.locator("[data-preview]")
    expect(preview.locator(".told-lines li").first).to_be_visible(timeout=PATIENCE)
    expect(preview.locator(".gains-person").first).to_be_visible()
    assert fits(admin)
    preview.locator("[data-message]").fill("Everybody sees customers")
    preview.locator("button[type=submit]").click()
    expect(cell).to_have_attribute("data-was", after, timeout=PATIENCE)

    officer.reload()
    expect(here).to_have_count(1 if after == "all" else 0)


@daily("desk", "zh")
def test_a_shared_record_is_seen_until_its_day_and_the_rule_is_named(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    admin, seller = opening(size, language), opening(size, language, ("sales",))
    deal, colleague = f"Shared deal {size}", name_of(seller)
    create(admin, site, "customer", name=f"Shares {size}")
    admin.goto(site.url("/records/opportunity/new"))
    admin.wait_for_selector("[data-form][data-ready]")
    fill(admin, "name", deal)
    pick(admin, ".field[data-field=customer]", f"Shares {size}", f"Shares {size}")
    admin.keyboard.press("Control+s")
    admin.wait_for_url(re.compile(r"/records/opportunity/[0-9a-f-]{36}"))
    address = admin.url.partition("#")[0]
    assert seller.goto(address).status == 404  # type: ignore[union-attr]

    admin.locator("[data-dialog$=shares]").click()
    dialog = admin.locator("dialog[open]")
    choose(admin, "dialog[open] [data-for-kind=person]", colleague)
    until = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    dialog.locator("#share-until").fill(until)
    dialog.locator(".share-form button[type=submit]").click()
    expect(dialog.locator(".share-lines li")).to_have_count(1)
    assert fits(admin)

    seller.goto(address)
    expect(seller.locator("h1")).to_contain_text(deal)
    expect(seller.locator("[data-edit]")).to_have_count(0)
    seller.locator("[data-dialog$=why]").click()
    why = seller.locator("dialog[open]")
    expect(why.locator(".why-actions > li").first).to_have_class(re.compile("is-allowed"))
    expect(why.locator(".why-actions > li").nth(1)).to_have_class(re.compile("is-denied"))
    expect(why.locator(".why-rules .decides").first).to_be_visible()
    assert fits(seller)


@daily("phone", "en")
def test_a_leaver_s_work_is_handed_over_and_the_log_tells_it(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    admin = opening(size, language)
    leaver, heir = opening("desk", "en", ("sales",)), opening("desk", "en", ("sales",))
    company = f"Left behind {size}"
    create(leaver, site, "customer", name=company)
    admin.goto(site.url(f"/admin/people?q={name_of(leaver)}"))
    admin.locator(".row-link").first.click()
    admin.locator("a[href$='/handover']").click()

    choose(admin, "[data-rule] [data-for-kind=people]", name_of(heir))
    admin.locator("[data-plan]").click()
    expect(admin.locator("[data-plan-place]")).to_contain_text(company, timeout=PATIENCE)
    assert fits(admin)
    admin.locator("[data-start]").click()
    admin.wait_for_url(re.compile(r"/handover/[0-9a-f-]{36}$"))
    run_handovers(site, admin.url.rsplit("/", 1)[1])
    expect(admin.locator(".notice .icon")).to_be_visible()
    expect(admin.locator("[data-watch]")).to_have_count(0)

    heir.goto(site.url(f"/records/customer?view=all&q={company}"))
    expect(heir.locator(".row-link")).to_have_count(1)
    leaver.goto(site.url("/records/customer"))
    expect(leaver.locator(".list")).to_have_count(0)
    admin.goto(site.url("/admin/log?kind=handed_over"))
    admin.locator("[data-unfold-button]").first.click()
    expect(admin.locator(".log-more").first).to_be_visible()
    assert fits(admin)


def run_handovers(site: Site, handover: str) -> None:
    """Do what the worker does, which these tests run without."""
    site.house.services.handovers.run(site.ctx, UUID(handover))


def test_departments_are_moved_by_their_menu_without_a_mouse(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    writer = site.house.writer
    for name in ("Harbour", "Quay"):
        writer.create(site.ctx, "department", [{"name": name}])
    page.goto(site.url("/admin/organisation"))
    line = page.locator(".branch", has_text="Quay").locator("summary").first
    line.focus()
    page.keyboard.press("Enter")
    page.locator(".drop-menu[open] button[data-open^=move]").press("Enter")
    page.locator("dialog[open] select").select_option(label="Harbour")

    page.locator("dialog[open] button[type=submit]").press("Enter")

    expect(page.locator(".branch .branch .branch-name", has_text="Quay")).to_be_visible()
