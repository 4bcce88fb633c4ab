"""Customers that nobody has are claimed from their pool, and given back with a reason."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site

pytestmark = pytest.mark.browser


def owner_of(site: Site, customer: UUID) -> object:
    (record,) = site.house.reader.get(site.ctx, "customer", [customer])
    return record.values["owner"]


def person_at(page: Page, site: Site) -> UUID:
    """Return the row of `user` of whoever is signed in at a page."""
    email = page.locator("[data-shell]").get_attribute("data-person") or ""
    wanted = ListQuery("user", filter=parse_filter(site.ctx, "user", f'email == "{email}"'))
    return site.house.reader.find(site.ctx, wanted).rows[0].id


def test_a_customer_is_claimed_and_given_back(opening: Opening, site: Site) -> None:
    """Requirements C-13, C-14, C-16, C-18."""
    mark = uuid4().hex[:6]
    page, rival = opening("phone", "zh", ("sales",)), opening("desk", "en", ("sales",))
    free = [{"name": f"{mark} {each}", "owner": None, "phone": "02188886666"} for each in "ab"]
    first, second = site.house.writer.create(site.ctx, "customer", free).ids
    pool = site.url(f"/pools/customers?q={mark}")

    rival.goto(pool)
    page.goto(pool)
    expect(page.locator(".page-pool tbody tr")).to_have_count(2)
    tabs = rival.locator(".page-pool > .view-tabs").bounding_box()
    assert tabs is not None
    assert tabs["height"] < 60
    page.locator(".row-link", has_text=f"{mark} a").click()
    expect(page.locator(".page-pool-record")).not_to_contain_text("88886666")
    page.locator("[data-act$='/claim']").click()
    expect(page.locator(".page-record [data-dialog*='give-back']")).to_be_visible()
    expect(page.locator(".page-record")).to_contain_text("88886666")
    mine = getattr(owner_of(site, first), "id", None)
    assert mine == person_at(page, site)

    # Whoever looked before does not get it any more, and the other one is still to be had.
    for box in rival.locator("[data-pool-pick]").all():
        box.check()
    rival.locator("[data-pool-claim]").click()
    expect(rival.locator(".page-pool tbody tr")).to_have_count(0)
    assert getattr(owner_of(site, second), "id", None) == person_at(rival, site)

    page.locator("[data-dialog*='give-back']").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".has-error")).to_be_visible()
    dialog.locator("textarea").fill("号码是空号")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".toast-line").first).to_contain_text("已退回")
    rival.goto(site.url(f"/pools/customers/{first}"))
    expect(rival.locator(".pool-past")).to_contain_text("号码是空号")
