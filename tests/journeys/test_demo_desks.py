"""The demo tenant, as whoever looks at the product for the first time finds it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browsers import Chromium
from tests.journeys.conftest import Site, arrivals
from tests.journeys.test_days import come

pytestmark = pytest.mark.browser


def test_the_demo_begins_with_work_on_its_desks(chromium: Chromium, demo_site: Site) -> None:
    """Approvals to decide with what they are about, one's own requests, leads to be taken."""
    with arrivals(demo_site, chromium) as arriving:
        manager, seller = (come(arriving, "desk", "zh", who) for who in ("manager", "sales"))

        manager.goto(demo_site.url("/inbox?show=approve"))
        cases = manager.locator(".inbox-case")
        expect(cases).to_have_count(2)
        expect(cases.filter(has_text="Yearly maintenance")).to_contain_text("¥180,000.00")
        seller.goto(demo_site.url("/inbox?show=requests"))
        expect(seller.locator(".inbox-case")).to_have_count(3)
        seller.goto(demo_site.url("/pools/leads"))
        expect(seller.locator(".page-pool tbody tr").filter(has_text="佛山恒通")).to_be_visible()
        seller.goto(demo_site.url("/"))
        expect(seller).to_have_url(re.compile(r"/dashboards/sales$"))
