"""What is written in YAML is at once on the screens, also for those who are filling in a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.schema.revisions import Author
from engine.tenants.reshape import with_changes
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served
from tests.journeys.steps import enter, fill, save

VISIT = Path(__file__).parents[1] / "acceptance" / "visit.yaml"

COST = ".tile-metric[aria-label='Visits'] .tile-figure"

pytestmark = pytest.mark.browser


@pytest.fixture
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since it is reshaped."""
    with served(installation) as serving:
        yield serving


def publish(site: Site, text: str) -> None:
    """Apply a layer to the tenant, as `joinery apply` does."""
    publisher, place = site.house.publisher, site.ctx.tenant
    changed = with_changes(publisher.documents(place), text, "layer.yaml")
    proposal = publisher.propose(place, changed)
    publisher.publish(place, proposal, author=Author("test"), message="", allow_loss=True)


def test_a_new_entity_is_in_menu_list_form_and_widget(opening: Opening, site: Site) -> None:
    publish(site, VISIT.read_text("utf-8"))
    page = opening("desk", "en")
    assert page.locator(".side .side-menu a", has_text="Site visit").count() == 1

    enter(page, site.url("/records/visit/new"))
    fill(page, "place", "三号车间")
    fill(page, "hours", "3.5")
    expect(page.locator("[data-live=cost]")).to_have_text("1,575.00")
    save(page)

    page.locator(".side .side-menu a", has_text="Site visit").click()
    expect(page.locator(".list tbody tr[data-href]")).to_contain_text("1,575.00")
    page.goto(site.url("/dashboards/sales"))
    expect(page.locator(COST)).to_have_attribute("title", "¥1,575.00")


def test_a_form_whose_fields_have_gone_says_so_and_keeps_what_was_typed(
    opening: Opening, site: Site
) -> None:
    publish(site, VISIT.read_text("utf-8"))
    publish(site, "entities: {visit: {fields: {guide: {type: text, label: {en: Guide}}}}}")
    page = opening("phone", "en")
    enter(page, site.url("/records/visit/new"))
    fill(page, "place", "North gate")
    fill(page, "guide", "Mrs Wu")
    publish(site, "entities: {visit: {fields: {guide: {$retire: true}}}}")

    page.keyboard.press("Control+s")
    expect(page.locator("[data-form-problem]")).to_contain_text("The form has changed")
    page.locator("[data-form-problem] button").click()

    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=place] input")).to_have_value("North gate")
    expect(page.locator(".field[data-field=guide]")).to_have_count(0)
    save(page)
    expect(page.locator("h1")).to_contain_text("North gate")
