"""Lines of a quote: typed with an input method, pasted from a spreadsheet, put in order by keys."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.steps import enter, save, stock

pytestmark = pytest.mark.browser

PASTE = """(target, text) => {
  target.focus();
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const options = { clipboardData: data, bubbles: true, cancelable: true };
  target.dispatchEvent(new ClipboardEvent("paste", options));
}"""

LINES = "{code}\t\t\t3\t1,999.99\t5%\n{code}\t\t\t7\t128.55\t\n{code}\t\t\t1\t0.33\t50"


@daily("desk", "zh")
def test_a_quote_of_pasted_lines_shows_the_same_figures_everywhere(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page, code = opening(size, language), f"P{uuid4().hex[:6]}"
    stock(site, code)
    company = f"江南泵业 {code}"
    site.house.writer.create(site.ctx, "customer", [{"name": company}])
    enter(page, site.url("/records/quote/new"))
    _compose(page, ".field[data-field=customer] [data-picker-text]", company)
    page.locator(".picker-line", has_text=company).first.click()
    page.locator(".field[data-field=tax_rate] [data-input]").fill("13")
    page.locator("[data-add-row]").click()

    page.locator("[data-row] td[data-field=product] [data-picker-text]").evaluate(
        PASTE, LINES.format(code=code)
    )

    amounts = page.locator("[data-rows] [data-live=amount]")
    expect(amounts).to_have_text(["5,699.97", "899.85", "0.17"])
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("6,599.99")
    expect(page.locator(".field [data-live=total]")).to_have_text("7,457.99")
    quote = save(page)
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    page.goto(site.url("/records/quote?view=all"))
    expect(page.locator(f"tr[data-href$='{quote}']")).to_contain_text("7,457.99")
    answer = page.request.get(f"{site.address}/api/v1/{site.name}/records/quote/{quote}")
    told = json.loads(answer.text())
    assert (told["subtotal"], told["total"]) == ("6599.99", "7457.99")
    kept = site.house.reader.get(site.ctx, "quote", [UUID(quote)])[0]
    assert kept.values["total"] == Decimal("7457.99")


def test_what_a_paste_cannot_mean_stays_where_it_is_and_says_so(
    opening: Opening, site: Site
) -> None:
    page, code = opening("desk", "zh"), f"P{uuid4().hex[:6]}"
    stock(site, code)
    enter(page, site.url("/records/quote/new"))
    page.locator("[data-add-row]").click()
    product = "td[data-field=product]"

    page.locator(f"[data-row] {product} [data-picker-text]").evaluate(
        PASTE, f"{code}\t\t\t2\nNowhere {code}\t\t\t5"
    )
    page.keyboard.press("Control+s")

    wrong = page.locator("[data-row]").nth(1)
    expect(wrong.locator(f"{product} .field-note")).to_contain_text(f"Nowhere {code}")
    expect(wrong.locator(f"{product} [data-picker-text]")).to_have_value(f"Nowhere {code}")
    expect(wrong.locator("td[data-field=quantity] input")).to_have_value("5")
    expect(page.locator("[data-row]").first.locator(f"{product} .field-note")).to_have_text("")


def test_lines_are_moved_copied_and_removed_by_keys(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    enter(page, site.url("/records/quote/new"))
    page.locator("[data-add-row]").click()
    quantity = page.locator("[data-rows] td[data-field=quantity] input")
    quantity.first.evaluate(PASTE, "1\n2\n3")

    quantity.nth(2).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert _held(page) == ["1", "3", "2"]
    page.keyboard.press("Control+d")
    assert _held(page) == ["1", "3", "3", "2"]
    page.keyboard.press("Control+Shift+Backspace")
    assert _held(page) == ["1", "3", "2"]


def test_a_keystroke_among_a_thousand_lines_works_out_only_what_follows(
    opening: Opening, site: Site
) -> None:
    page = opening("desk", "zh")
    enter(page, site.url("/records/quote/new"))
    page.locator("[data-add-row]").click()
    quantity = page.locator("[data-rows] td[data-field=quantity] input")
    quantity.first.evaluate(PASTE, "\n".join(["2\t10"] * 1000))
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("20,000.00")
    changed = """(input) => new Promise((resolve) => {
      const seen = new Set();
      const watch = new MutationObserver((all) => all.forEach((one) => seen.add(one.target)));
      const rows = document.querySelector("[data-rows]");
      watch.observe(rows, { subtree: true, childList: true, characterData: true });
      input.value = "3";
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      setTimeout(() => resolve(seen.size), 0);
    })"""

    touched = quantity.nth(500).evaluate(changed)

    expect(page.locator(".field [data-live=subtotal]")).to_have_text("20,010.00")
    assert touched <= 2, "only the line that was typed into shows something else"


def _held(page: Page) -> list[str]:
    cells = page.locator("[data-rows] td[data-field=quantity] input")
    return [each.input_value().split(".")[0] for each in cells.all()]


def _compose(page: Page, place: str, text: str) -> None:
    """Type as an input method does: what is composed changes until it is committed."""
    page.locator(place).click()
    session = page.context.new_cdp_session(page)
    for length in range(1, 4):
        composed = {"text": "jiangnan"[: length * 2], "selectionStart": 0, "selectionEnd": 0}
        session.send("Input.imeSetComposition", composed)
    session.send("Input.insertText", {"text": text})
    session.detach()


DRAWN = """row => {
  const copy = row.cloneNode(true);
  for (const part of copy.querySelectorAll("[value], [selected], [checked]"))
    if (!part.matches("option")) part.removeAttribute("value");
    else part.removeAttribute("selected");
  const held = [...row.querySelectorAll("input, select, textarea")].map((each) => each.value);
  const drawn = copy.outerHTML.replaceAll(row.dataset.row, "").replace(/\\s+/g, " ");
  return JSON.stringify([drawn.replace(/> | </g, (gap) => gap.trim()), held]);
}"""
"""How a line is drawn, but for which it is, and what it holds."""


def test_lines_far_down_are_drawn_as_the_first_and_add_up(opening: Opening, site: Site) -> None:
    """P-18: of many lines the browser makes those behind the first from what they hold."""
    writer, ctx = site.house.writer, site.ctx
    (buyer,) = writer.create(ctx, "customer", [{"name": "Many lines Ltd"}]).ids
    part = str(stock(site, f"Part {uuid4().hex[:6]}"))
    full = {"product": part, "quantity": "3", "unit_price": "1999.99", "discount": "5%"}
    plain = {"product": part, "quantity": "1", "unit_price": "10"}
    values = {"customer": str(buyer), "tax_rate": "0", "lines": [full, plain] * 40}
    quote = writer.create(ctx, "quote", [values]).ids[0]
    page = opening("desk", "zh")
    enter(page, site.url(f"/records/quote/{quote}/edit"))

    rows = page.locator("[data-rows] [data-row]")
    expect(rows).to_have_count(80)
    for first, later in ((0, 78), (1, 79)):
        assert rows.nth(later).evaluate(DRAWN) == rows.nth(first).evaluate(DRAWN)
    lefts = "all => all.map((each) => Math.round(each.getBoundingClientRect().left))"
    heads = page.locator(".grid-table thead th").evaluate_all(lefts)
    assert rows.nth(79).locator("td").evaluate_all(lefts) == heads
    rows.nth(79).locator("td[data-field=quantity] input").fill("2")
    expect(rows.nth(79).locator("[data-live=amount]")).to_have_text("20.00")
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("228,408.80")
    save(page)
    assert site.house.reader.get(ctx, "quote", [quote])[0].values["subtotal"] == Decimal(
        "228408.80"
    )
