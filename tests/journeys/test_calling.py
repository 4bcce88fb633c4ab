"""Somebody calls: the number leads to the customer, their machines, and a ticket (H-09)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.steps import stock

pytestmark = pytest.mark.browser


@daily("phone", "en")
def test_a_number_leads_to_the_customer_their_machines_and_a_ticket(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page, mark = opening(size, language), uuid4().hex[:6]
    number = "139" + str(uuid4().int)[:8]
    write = site.house.writer.create
    customer = write(site.ctx, "customer", [{"name": f"来电 {mark}"}]).ids[0]
    write(site.ctx, "contact", [{"name": "王工", "customer": str(customer), "mobile": number}])
    stock(site, f"泵 {mark}")
    find = ListQuery("product", search=f"泵 {mark}", limit=1)
    product = str(site.house.reader.find(site.ctx, find).rows[0].id)
    bought = {"purchase_date": "2026-01-02"}
    machine = {"customer": str(customer), "product": product}
    write(
        site.ctx, "asset",
        [
            {**machine, **bought, "serial_no": f"A{mark}", "install_date": "2026-01-05"},
            {**machine, **bought, "serial_no": f"B{mark}"},
        ],
    )  # fmt: skip

    page.goto(site.url("/call"))
    page.locator("[name=number]").fill(f"+86 {number[:3]} {number[3:7]} {number[7:]}")
    page.keyboard.press("Enter")

    expect(page.locator(".call-name")).to_contain_text(f"来电 {mark}")
    expect(page.locator(".call-name")).to_contain_text("王工")
    unknown = page.locator("tr", has_text=f"B{mark}")
    expect(unknown.locator(".untold")).to_be_visible()
    expect(page.locator("tr", has_text=f"A{mark}").locator(".untold")).to_have_count(0)
    unknown.locator("a.btn").first.click()
    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=customer] [data-picker-text]")).to_have_value(
        f"来电 {mark}"
    )
