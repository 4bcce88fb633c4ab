"""Values that did not convert are filled in many at once, in a real browser (P-30)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served

SHOP = Path(__file__).parents[1] / "ui" / "shop.yaml"

FIELDS = "entities: {{product: {{fields: {{maker: {{type: {}{}}}, seller: {{type: {}}}}}}}}}"


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A shop whose makers were words and became numbers, and whose sellers became customers."""
    with served(installation, str(SHOP)) as shop:
        writer = shop.house.services.writer
        publish(shop, FIELDS.format("text", ", label: {en: Maker, zh: 制造商}", "text"))
        writer.create(shop.ctx, "customer", [{"name": "Harbour Works"}])
        texts = ({"maker": " a “dozen” & more", "seller": "HW"},) * 2 + ({"maker": "7"},)
        products = [{"name": f"Pump {at}", **each} for at, each in enumerate(texts)]
        writer.create(shop.ctx, "product", products)
        publish(shop, FIELDS.format("decimal", "", "link, to: customer"))
        yield shop


def publish(shop: Site, layer: str) -> None:
    drafts, ctx = shop.house.services.drafts, shop.ctx
    made = drafts.create(ctx, "Types", changes=layer)
    drafts.publish(ctx, made.name, over=ctx.revision, allow_loss=True)


def test_one_answer_goes_to_all_records_and_the_rest_is_let_go(
    site: Site, opening: Opening
) -> None:
    page = opening("phone", "zh")
    page.goto(site.url("/records/product"))
    page.get_by_text("“制造商”未能转换").click()
    expect(page.locator(".row-link")).to_have_count(2)
    page.goto(site.url("/admin/versions"))
    page.get_by_role("link", name="未能转换").click()
    page.get_by_role("link", name="制造商", exact=True).click()

    line = page.locator(".kept-line")
    line.locator("input:not([type=hidden])").fill("１２")
    line.get_by_role("button").click()

    expect(page.locator("#toasts")).to_contain_text("已补填2 条记录")
    expect(line).to_have_count(0)
    page.get_by_role("button", name="永久关闭").first.click()
    page.locator("#close-conversion label").click()
    page.locator("#close-conversion [type=submit]").click()

    expect(page.locator("#toasts")).to_contain_text("已关闭")
    expect(page.get_by_role("link", name="制造商", exact=True)).to_have_count(0)


def test_a_record_is_picked_for_all_that_named_it_otherwise(site: Site, opening: Opening) -> None:
    page = opening("desk", "en")
    page.goto(site.url("/admin/versions/unconverted"))
    page.get_by_role("link", name="Seller", exact=True).click()

    page.locator(".kept-line [data-picker-text]").fill("Harb")
    page.get_by_role("option", name="Harbour Works").click()
    page.locator(".kept-line").get_by_role("button", name="Fill in").click()

    expect(page.locator("#toasts")).to_contain_text("Filled in: 2 records")
    expect(page.locator(".kept-line")).to_have_count(0)
