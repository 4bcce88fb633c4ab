"""From the first customer to the paid order and the closed ticket, in every size and language."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument

from tests.journeys.conftest import PAIRS, Opening, Site, daily
from tests.journeys.steps import convert, create, enter, move, save, stock, tab_to

pytestmark = pytest.mark.browser

ROLES = ("sales_manager", "finance")

LINES = (
    ("3", "1,999.99", "5", "5,699.97", "5,699.97"),
    ("7", "128.55", "0", "899.85", "6,599.82"),
    ("1", "0.33", "50", "0.17", "6,599.99"),
)
"""Quantity, price and discount as typed; the line's amount and the subtotal that follow."""

OUTSTANDING = {"en": "Outstanding", "zh": "应收余额"}


def type_line(page: Page, product: str, typed: tuple[str, str, str], amount: str) -> None:
    """Enter one line without the mouse: Tab leads from cell to cell."""
    page.locator("[data-add-row]").focus()
    page.keyboard.press("Enter")
    row = page.locator("[data-rows] [data-row]").last
    page.keyboard.type(product)
    expect(page.locator(".picker-line", has_text=product).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(row.locator("td[data-field=unit_price] input")).to_have_value("1999.99")
    for field, text in zip(("quantity", "unit_price", "discount"), typed, strict=True):
        tab_to(page, f"td[data-field={field}] *")
        page.keyboard.type(text)
    expect(row.locator("[data-live=amount]")).to_have_text(amount)


def quote_lines(page: Page, product: str) -> None:
    for quantity, price, discount, amount, subtotal in LINES:
        type_line(page, product, (quantity, price, discount), amount)
        expect(page.locator(".field [data-live=subtotal]")).to_have_text(subtotal)
    expect(page.locator(".field [data-live=total]")).to_have_text("7,457.99")


def instalments(page: Page, site: Site, name: str) -> list[str]:
    """The numbers of what a customer has to pay, in order."""
    asked = {"filter": f'customer.name == "{name}"', "sort": "sequence"}
    address = f"{site.address}/api/v1/{site.ctx.tenant.name}/records/receivable_plan"
    answer = page.request.get(address, params=asked)
    return [plan["code"] for plan in answer.json()["data"]]


def pay(page: Page, site: Site, customer: str, plans: list[str]) -> None:
    """Enter one payment that settles both instalments."""
    enter(page, site.url(f"/records/payment/new?customer={customer}"))
    page.locator(".field[data-field=amount] [data-input]").fill("7457.99")
    for plan, amount in zip(plans, ("2237.40", "5220.59"), strict=True):
        page.locator("[data-add-row]").click()
        row = page.locator("[data-rows] [data-row]").last
        row.locator("td[data-field=plan] [data-picker-text]").fill(plan)
        page.locator(".picker-line", has_text=plan).first.click()
        expect(row.locator("td[data-field=amount] [data-input]")).to_have_value(amount)
    expect(page.locator(".field [data-live=unallocated]")).to_have_text("0.00")
    save(page)


def owed_in_all(page: Page, site: Site, language: str) -> str | None:
    """What the dashboard says that customers owe, to the cent."""
    page.goto(site.url("/dashboards/finance"))
    tile = page.locator(f".tile-metric[aria-label='{OUTSTANDING[language]}'] .tile-figure")
    expect(tile).to_have_attribute("title", re.compile("¥"))
    return tile.get_attribute("title")


def api_value(page: Page, site: Site, entity: str, record: str, field: str) -> object:
    tenant = site.ctx.tenant.name
    answer = page.request.get(f"{site.address}/api/v1/{tenant}/records/{entity}/{record}")
    assert answer.ok, answer.text()
    return answer.json()[field]


def printed(page: Page) -> None:
    """Print the quote that is shown: its figures are those of the record, to the cent (P-24)."""
    page.locator(".drop-menu:has(.drop-papers) summary").click()
    address = page.locator(".drop-papers a[href*='language=zh']").get_attribute("href")
    answer = page.request.get(urljoin(page.url, address))
    assert answer.headers["content-type"] == "application/pdf"
    with PdfDocument(answer.body()) as paper:
        text = "".join(each.get_textpage().get_text_range() for each in paper)
    figures = ("5,699.97", "899.85", "0.17", "6,599.99", "7,457.99", "柒仟肆佰伍拾柒元玖角玖分")
    assert [each for each in figures if each not in text] == []


def sell(page: Page, site: Site, name: str) -> tuple[str, str]:
    """Lead a customer to an order; answer the ids of both."""
    customer = create(page, site, "customer", name=f"{name} 机械")
    create(page, site, "contact", f"?customer={customer}", name=f"{name} 经理")
    create(page, site, "opportunity", f"?customer={customer}", name=f"{name} 产线")
    move(page, "qualify", {"amount": "6600"})
    move(page, "proposal", {"close_date": "2027-06-30"})
    convert(page, "to_quote")
    page.locator("[data-edit] .btn-primary").press("e")
    page.wait_for_selector("[data-form][data-ready]")
    quote_lines(page, f"液压泵 {name}")
    quote = save(page)
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    assert api_value(page, site, "quote", quote, "total") == "7457.99"
    printed(page)
    move(page, "accepted")
    order = convert(page, "to_order")
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    return customer, order


def serve(page: Page, site: Site, customer: str) -> None:
    """Open a ticket for the customer and close it."""
    create(page, site, "ticket", f"?customer={customer}", subject="漏油 Leak")
    move(page, "solved", {"solution": "换密封件 New seal", "solved_on": "2099-01-01"})
    move(page, "closed")
    handling = page.locator(".stages").first
    expect(handling.locator(".stage.is-current")).to_have_class(re.compile("ends-done"))


@daily("desk", "zh", among=PAIRS)
def test_a_sale_is_led_from_the_first_customer_to_the_closed_ticket(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    name = f"{size}{language}"
    stock(site, f"液压泵 {name}")
    page = opening(size, language, ROLES)
    owed = owed_in_all(page, site, language)

    customer, order = sell(page, site, name)
    page.goto(site.url(f"/records/quote?view=all&of=customer:{customer}"))
    expect(page.locator(".list tbody tr[data-href]")).to_contain_text("7,457.99")

    page.goto(site.url(f"/records/sales_order/{order}"))
    convert(page, "to_receivables")
    pay(page, site, customer, instalments(page, site, f"{name} 机械"))

    page.goto(site.url(f"/records/sales_order/{order}"))
    outstanding = page.locator(".figure", has_text=OUTSTANDING[language]).first
    expect(outstanding).to_contain_text("¥0.00")
    assert api_value(page, site, "customer", customer, "received") == "7457.99"
    assert api_value(page, site, "customer", customer, "outstanding") == "0.00"
    assert owed_in_all(page, site, language) == owed
    serve(page, site, customer)
