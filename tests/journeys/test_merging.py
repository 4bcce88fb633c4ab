"""Two records made one, side by side on any screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site

pytestmark = pytest.mark.browser


def test_a_blank_side_is_chosen_on_a_phone_too(room: Opening, site: Site) -> None:
    """P-19: both sides stand beside each other, and which is which is said above them."""
    sent = [{"name": "Merged Ltd"}, {"name": "Merged Limited", "city": "Suzhou"}]
    kept, gone = site.house.writer.create(site.ctx, "customer", sent).ids
    page = room("phone", "en")
    page.goto(site.url(f"/records/customer/{kept}/merge?with={gone}"))

    expect(page.locator(".merge-table thead")).to_contain_text("Merged Limited")
    page.locator(".merge-table [name=city][value=mine]").check()
    page.locator("[data-merge] [type=submit]").click()
    page.wait_for_url(f"**/records/customer/{kept}")

    (merged,) = site.house.reader.get(site.ctx, "customer", [kept])
    assert (merged.values["name"], merged.values["city"]) == ("Merged Ltd", None)
