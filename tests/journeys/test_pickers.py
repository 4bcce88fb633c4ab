"""What is missing in a picker is made there, and the form that needs it keeps what it holds."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from engine.query.parse import parse_filter
from engine.query.spec import LinkValue, ListQuery
from tests.journeys.conftest import PAIRS, Opening, Site, daily

pytestmark = pytest.mark.browser

WORDS = {"zh": "新建联系人“{}”", "en": "Create Contact “{}”"}


@daily("desk", "en", among=PAIRS)
def test_a_record_is_made_where_a_picker_finds_none(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """P-18: by keyboard alone; it belongs to whom the picker's filter says, and is taken."""
    firm = site.house.writer.create(site.ctx, "customer", [{"name": f"P{uuid4().hex[:8]}"}]).ids[0]
    name = f"Ann {uuid4().hex[:8]}"
    page = opening(size, language)
    page.goto(site.url(f"/records/activity/new?customer={firm}"))
    page.wait_for_selector("[data-form][data-ready]")
    picker = page.locator("[data-field=contact] [data-picker-text]")

    picker.click()
    picker.type(name)
    expect(page.locator(".picker-offer")).to_have_text(WORDS[language].format(name))
    picker.press("Enter")
    form = page.locator("dialog[open] [data-form][data-ready]")
    expect(form.locator("[data-field=name] input")).to_have_value(name)
    page.keyboard.press("Control+s")

    expect(picker).to_have_value(name)
    expect(page.locator("dialog[open]")).to_have_count(0)
    typed = parse_filter(site.ctx, "contact", f'name == "{name}"')
    [made] = site.house.reader.find(site.ctx, ListQuery("contact", filter=typed)).rows
    assert isinstance(made.values["customer"], LinkValue)
    assert made.values["customer"].id == firm
    held = page.locator("[data-field=contact] [data-link]").input_value()
    assert held == str(made.id)


def test_who_may_not_create_is_offered_nothing_and_esc_leaves_the_form_as_it_was(
    opening: Opening, site: Site
) -> None:
    name = f"Ann {uuid4().hex[:8]}"
    page = opening("desk", "en")
    page.goto(site.url("/records/activity/new"))
    page.wait_for_selector("[data-form][data-ready]")
    person = page.locator("[data-field=owner] [data-picker-text]")
    picker = page.locator("[data-field=contact] [data-picker-text]")

    person.click()
    person.fill(name)
    expect(page.locator(".picker-list")).to_be_visible()
    expect(page.locator(".picker-offer")).to_have_count(0)
    picker.click()
    picker.type(name)
    page.locator(".picker-offer").click()
    expect(page.locator("dialog[open] [data-form][data-ready]")).to_be_visible()
    page.once("dialog", lambda asked: asked.accept())
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-form][data-ready]")).to_be_visible()
    assert page.locator("[data-field=contact] [data-link]").input_value() == ""
