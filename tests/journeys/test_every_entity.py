"""Every entity of the template opens, creates, saves and lists, by its metadata alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from metamodel.model import Entity
from tests import crm
from tests.journeys.conftest import Opening, Site
from tests.journeys.entering import fill_required
from tests.journeys.steps import enter, record_id

pytestmark = pytest.mark.browser


def entities() -> list[str]:
    """Names of the entities that have a form and a list of their own."""
    return [
        entity.name
        for entity in crm.model().entities.values()
        if not entity.system and not entity.retired and entity.child_of is None and entity.forms
    ]


def rooms() -> Iterator[object]:
    """Every entity in one language and size, and in the others before a change is taken."""
    for index, name in enumerate(entities()):
        sizes = ("desk", "phone") if index % 2 else ("phone", "desk")
        pairs = list(zip(sizes, ("zh", "en"), strict=True))
        first = index // 2 % 2
        yield pytest.param(name, *pairs[first])
        yield pytest.param(name, *pairs[1 - first], marks=pytest.mark.thorough)


@pytest.mark.parametrize(("name", "size", "language"), list(rooms()))
def test_an_entity_opens_creates_saves_and_lists(
    room: Opening, site: Site, name: str, size: str, language: str
) -> None:
    page = room(size, language)
    entity = crm.model().entity_named(name)
    assert entity is not None

    enter(page, site.url(f"/records/{name}/new"))
    expect(page.locator(".page-title h1")).to_contain_text(entity.label.text(language))
    fill_required(page, site, entity)
    page.keyboard.press("Control+s")
    expect(
        page.locator("[data-record], .has-error, [data-form-problem]:visible").first
    ).to_be_visible()
    said = page.locator(".has-error .field-note, [data-form-problem]:visible").all_inner_texts()
    assert said == []
    record = record_id(page)

    page.goto(site.url(f"/records/{name}?view={_widest(entity)}"))
    row = page.locator(f"tr[data-href$='{record}']")
    # Lists that come grouped show their groups first.
    groups = page.locator(".group-open[aria-expanded=false]")
    expect(row.or_(groups.first)).to_be_visible()
    if groups.count():
        groups.first.click()
    expect(row).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _widest(entity: Entity) -> str:
    """The list that leaves nothing out, if the entity has one."""
    lists = [view for view in entity.views.values() if view.type == "list"]
    return next((view.name for view in lists if view.filter is None), lists[0].name)
