"""A draft is looked at in the author's browser, on real records, and left again (P-04)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Opening, Site
from tests.journeys.steps import create, enter, fill

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds that a model may take to be made anew on a busy machine."""

LAYER = {
    "entities": {
        "customer": {
            "fields": {"nickname": {"type": "text", "$after": "name", "label": {"en": "Nickname"}}}
        }
    }
}


def begin(page: Page, site: Site) -> None:
    """Begin a draft of the person whose browser it is."""
    csrf = page.locator("[data-shell]").get_attribute("data-csrf")
    answer = page.request.post(
        f"{site.address}/api/v1/{site.name}/drafts",
        data={"title": "Nicknames", "layer": LAYER},
        headers={"X-CSRF-Token": str(csrf)},
    )
    assert answer.status == 201, answer.text()


def test_an_author_walks_through_a_draft_that_nobody_else_sees(
    opening: Opening, site: Site
) -> None:
    admin, seller = opening("desk", "en"), opening("phone", "en", ("sales",))
    record = create(admin, site, "customer", name="Seen in a preview")
    begin(admin, site)
    admin.goto(site.url("/admin/forms"))

    admin.locator("[data-draft-bar] form button").click()
    admin.goto(site.url(f"/records/customer/{record}/edit"))

    bar = admin.locator(".notice-preview")
    expect(bar).to_contain_text("only you see this", timeout=PATIENCE)
    expect(admin.locator(".field[data-field=nickname]")).to_be_visible()
    fill(admin, "nickname", "Never saved")
    enter(seller, site.url("/records/customer/new"))
    expect(seller.locator(".field[data-field=name]")).to_be_visible()
    expect(seller.locator(".field[data-field=nickname]")).to_have_count(0)
    bar.locator("button").click()
    admin.goto(site.url(f"/records/customer/{record}/edit"))
    expect(admin.locator(".field[data-field=name]")).to_be_visible()
    expect(admin.locator(".field[data-field=nickname]")).to_have_count(0)
