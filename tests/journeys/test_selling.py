"""Selling something, from the first customer to a quote, as a person does it in a browser."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from engine.doors import Edit
from tests.journeys.conftest import PAIRS, PASSWORD, Opening, Site, daily
from tests.journeys.steps import RECORD, enter, fill, pick, save, stock

COMPOSE = """() => {
  const composed = { isComposing: true, bubbles: true, cancelable: true };
  const press = (key, more) => {
    const event = new KeyboardEvent("keydown", { key, ...composed, ...more });
    document.activeElement.dispatchEvent(event);
  };
  for (const key of ["Enter", "Tab", "Escape"]) press(key);
  press("Enter", { ctrlKey: true });
}"""
"""Keys as an input method sends them while it composes."""

pytestmark = pytest.mark.browser


@daily("phone", "en", among=PAIRS)
def test_a_quote_follows_every_keystroke_and_is_saved_to_the_cent(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page = opening(size, language)
    company = f"江南泵业 {size} {language}"
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", company)
    save(page)
    stock(site, f"液压泵 {size} {language}")

    enter(page, site.url("/records/quote/new"))
    pick(page, ".field[data-field=customer]", "jnby", company)
    page.locator("[data-add-row]").click()
    pick(page, "[data-row] td[data-field=product]", f"液压泵 {size}", f"液压泵 {size} {language}")
    row = page.locator("[data-rows] [data-row]").first
    expect(row.locator("td[data-field=unit_price] input")).to_have_value("1999.99")
    row.locator("td[data-field=quantity] input").fill("3")
    row.locator("td[data-field=discount] input").fill("5")

    expect(page.locator(".field [data-live=subtotal]")).to_have_text("5,699.97")
    save(page)
    expect(page.locator(".figures")).to_contain_text("5,699.97")


def test_every_error_stands_beside_its_field_and_nothing_typed_is_lost(
    opening: Opening, site: Site
) -> None:
    page = opening("desk", "zh")
    enter(page, site.url("/records/product/new"))
    fill(page, "list_price", "很多")

    page.keyboard.press("Control+s")

    expect(page.locator(".field[data-field=name].has-error .field-note")).to_be_visible()
    expect(page.locator(".field[data-field=list_price].has-error .field-note")).to_be_visible()
    expect(page.locator(".field[data-field=list_price] input")).to_have_value("很多")


def test_pressing_save_twice_saves_once(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "Pressed twice Ltd")

    page.evaluate(
        "() => { const b = document.querySelector('[data-save-button]'); b.click(); b.click(); }"
    )
    page.wait_for_url(re.compile(r"/records/customer/[0-9a-f-]{36}$"))

    page.goto(site.url("/records/customer?view=all&q=Pressed+twice"))
    expect(page.locator(".row-link")).to_have_count(1)


def test_a_lost_race_shows_both_values_and_saves_what_was_chosen(
    opening: Opening, site: Site
) -> None:
    made = site.house.writer.create(site.ctx, "customer", [{"name": "Raced"}]).ids[0]
    mine, theirs = opening("desk", "en"), opening("desk", "en")
    for page in (mine, theirs):
        enter(page, site.url(f"/records/customer/{made}/edit"))
    fill(theirs, "name", "Their name")
    save(theirs)

    fill(mine, "name", "My name")
    mine.keyboard.press("Control+s")
    dialog = mine.locator("[data-conflict]")
    expect(dialog).to_contain_text("Their name")
    expect(dialog).to_contain_text("My name")
    dialog.locator("[data-conflict-save]").click()

    expect(mine.locator("h1")).to_have_text("My name")


def test_lines_of_a_lost_race_are_compared_one_by_one(opening: Opening, site: Site) -> None:
    """What only one of two changed stays; what both did is asked."""
    writer, ctx = site.house.writer, site.ctx
    (buyer,) = writer.create(ctx, "customer", [{"name": "Two hands Ltd"}]).ids
    part = {sign: str(stock(site, f"Part {sign}")) for sign in "ABCD"}
    lines = [{"product": part[sign], "quantity": "1", "unit_price": "10"} for sign in "ABC"]
    values = {"customer": str(buyer), "lines": lines}
    quote = writer.create(ctx, "quote", [values]).ids[0]
    page = opening("phone", "zh")
    enter(page, site.url(f"/records/quote/{quote}/edit"))
    rows = page.locator("[data-rows] [data-row]")
    ids = [row.get_attribute("data-row") or "" for row in rows.all()]
    theirs = [
        {"id": ids[0], "quantity": "7", "discount": "50%"},
        {"id": ids[1]},
        {"product": part["D"], "quantity": "4", "unit_price": "10"},
    ]
    writer.update(ctx, "quote", [Edit(quote, {"lines": theirs}, None)])

    rows.nth(0).locator("td[data-field=quantity] input").fill("2")
    rows.nth(1).locator("td[data-field=quantity] input").fill("3")
    page.keyboard.press("Control+s")
    asked = page.locator("[data-conflict-rows] tr")
    expect(asked).to_have_count(3)
    expect(asked.nth(0)).to_contain_text("7")
    expect(asked.nth(1)).to_contain_text("Part D")
    expect(asked.nth(2)).to_contain_text("Part C")
    page.locator("[data-conflict-save]").click()
    page.wait_for_url(RECORD)

    saved = site.house.services.reader.get(ctx, "quote", [quote])[0].lines["lines"]
    told = [(line.values["product"].title, line.values["quantity"]) for line in saved]
    assert told == [("Part A", 2), ("Part B", 3), ("Part D", 4)]
    assert saved[0].values["discount"] == Decimal("0.5"), "what only they changed stays"


def test_keys_of_an_input_method_neither_save_nor_choose(opening: Opening, site: Site) -> None:
    page = opening("desk", "zh")
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "正在输入")
    address = page.url

    page.evaluate(COMPOSE)

    expect(page.locator(".field[data-field=name] input")).to_have_value("正在输入")
    assert page.url == address


def test_a_card_is_dragged_to_the_stage_that_asks_first(opening: Opening, site: Site) -> None:
    customer = site.house.writer.create(site.ctx, "customer", [{"name": "Board Ltd"}]).ids[0]
    site.house.writer.create(
        site.ctx, "opportunity", [{"name": "Carried over", "customer": str(customer)}]
    )
    page = opening("desk", "en")
    page.goto(site.url("/records/opportunity?view=board"))
    page.wait_for_load_state("networkidle")

    card = page.locator("[data-card]", has_text="Carried over")
    stages = page.locator("[data-stage]")
    card.drag_to(stages.nth(1).locator("[data-lane]"))
    for _ in range(2):
        dialog = page.locator("[data-move-dialog]")
        if dialog.count():
            for number in dialog.locator("[data-number]").all():
                number.fill("1000")
            for day in dialog.locator("input[type=date]").all():
                day.fill("2027-01-31")
            dialog.locator(".btn-primary").click()
        page.wait_for_timeout(400)

    expect(stages.nth(1).locator("[data-card]", has_text="Carried over")).to_be_visible()


def test_a_list_page_needs_little_script(opening: Opening, site: Site) -> None:
    page = opening("phone", "zh")
    sizes: list[int] = []
    page.on(
        "response",
        lambda answer: sizes.append(len(answer.body())) if answer.url.endswith(".js") else None,
    )

    page.goto(site.url("/records/customer?view=all"))
    page.wait_for_load_state("networkidle")

    assert sum(sizes) < 300 * 1024


def test_typed_text_outlives_the_end_of_a_session(opening: Opening, site: Site) -> None:
    stock(site, "Kept pump")
    page = opening("desk", "en")
    enter(page, site.url("/records/quote/new"))
    page.locator("[data-add-row]").click()
    pick(page, "[data-row] td[data-field=product]", "Kept pump", "Kept pump")
    expect(page.locator("[data-row] td[data-field=unit_price] input")).to_have_value("1999.99")
    page.locator("[data-row] td[data-field=quantity] input").fill("4")
    fill(page, "payment_terms", "Ninety days 😀")
    email = page.locator("[data-shell]").get_attribute("data-person")
    page.context.clear_cookies()

    page.keyboard.press("Control+s")
    page.locator("[data-form-problem] button").click()
    page.locator("#email").fill(str(email))
    page.locator("#password").fill(PASSWORD)
    page.locator(".door-form .btn-primary").click()

    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=payment_terms] input")).to_have_value("Ninety days 😀")
    expect(page.locator("[data-row] td[data-field=product] [data-picker-text]")).to_have_value(
        re.compile("Kept pump")
    )
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("7,999.96")


def test_another_person_in_the_same_tab_finds_nothing_of_it(opening: Opening, site: Site) -> None:
    other = opening("desk", "en").locator("[data-shell]").get_attribute("data-person")
    page = opening("desk", "en")
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "A secret")
    page.context.clear_cookies()

    page.keyboard.press("Control+s")
    page.locator("[data-form-problem] button").click()
    page.locator("#email").fill(str(other))
    page.locator("#password").fill(PASSWORD)
    page.locator(".door-form .btn-primary").click()

    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=name] input")).to_have_value("")


def test_a_lost_connection_is_said_and_the_next_save_saves_once(
    opening: Opening, site: Site
) -> None:
    page = opening("desk", "zh")
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "断线 Broken line")
    page.context.set_offline(True)

    page.keyboard.press("Control+s")
    expect(page.locator("[data-form-problem]")).to_contain_text("服务器没有响应")
    page.context.set_offline(False)
    save(page)

    page.goto(site.url("/records/customer?view=all&q=Broken"))
    expect(page.locator(".row-link")).to_have_count(1)


def test_a_name_that_is_too_long_is_refused_beside_its_field_and_kept(
    opening: Opening, site: Site
) -> None:
    page = opening("phone", "zh")
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", "长" * 5000)

    page.locator("[data-save-button]").click()

    expect(page.locator(".field[data-field=name].has-error .field-note")).to_be_visible()
    assert len(page.locator(".field[data-field=name] input").input_value()) == 5000


@pytest.mark.parametrize(("entity", "field"), [("expense", "spent_by"), ("task", "assignee")])
def test_a_person_who_stands_in_by_default_is_called_by_name(
    opening: Opening, site: Site, entity: str, field: str
) -> None:
    page = opening("desk", "en")

    enter(page, site.url(f"/records/{entity}/new"))

    expect(page.locator(f"[data-field={field}] [data-picker-text]")).to_have_value("Lin Xiao")


def test_everything_is_found_by_the_initials_of_its_pinyin(opening: Opening, site: Site) -> None:
    stock(site, "液压泵 Search")
    page = opening("desk", "en")

    page.keyboard.press("Control+k")
    page.keyboard.type("yyb")
    page.locator(".palette-line", has_text="液压泵 Search").wait_for()
    page.locator(".palette-line", has_text="液压泵 Search").click()

    expect(page.locator("h1")).to_contain_text("液压泵 Search")


def test_language_and_colours_are_switched_from_the_menu(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")

    page.locator(".side .person summary").click()
    page.locator(".side [name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".side .person summary").click()
    page.locator(".side [name=language][value=zh]").click()

    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_person_works_in_a_colour_of_their_own_and_goes_back(opening: Opening) -> None:
    """A-14: colours are chosen for each workspace and each person."""
    page = opening("desk", "en")
    save = page.locator(".side .avatar").first
    pine = save.evaluate("e => getComputedStyle(e).backgroundColor")

    page.locator(".side .person summary").click()
    page.locator(".side [name=color][value=purple]").click()
    expect(page.locator("html")).to_have_attribute("data-color", "purple")
    assert save.evaluate("e => getComputedStyle(e).backgroundColor") != pine
    page.locator(".side .person summary").click()
    page.locator(".side [name=color][value=own]").click()

    expect(page.locator("html")).not_to_have_attribute("data-color", "purple")
    assert save.evaluate("e => getComputedStyle(e).backgroundColor") == pine
