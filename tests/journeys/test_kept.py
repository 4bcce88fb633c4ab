"""Nothing typed is lost: not to a closed browser, not to a lost connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.desk import NEW
from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site
from tests.journeys.steps import RECORD, enter, fill

pytestmark = pytest.mark.browser

NAME = ".field[data-field=name] [data-input]"


def test_a_draft_is_there_again_on_another_device(opening: Opening, site: Site) -> None:
    page, name = opening("phone", "zh"), f"草稿 {uuid4().hex[:6]} مرحبا 🙂"
    enter(page, site.url("/records/customer/new"))
    with page.expect_response(lambda answer: answer.url.endswith("/new/draft")):
        fill(page, "name", name)
    _leave(page, site)

    with _elsewhere(page) as other:
        enter(other, site.url("/records/customer/new"))
        expect(other.locator(NAME)).to_have_value(name)
        expect(other.locator("[data-draft-notice]")).to_be_visible()
        other.keyboard.press("Control+s")
        other.wait_for_url(RECORD)

        enter(other, site.url("/records/customer/new"))
        expect(other.locator(NAME)).to_have_value("")


def test_a_draft_that_is_not_wanted_is_thrown_away(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    enter(page, site.url("/records/customer/new"))
    with page.expect_response(lambda answer: answer.url.endswith("/new/draft")):
        fill(page, "name", "Not wanted")
    _leave(page, site)
    enter(page, site.url("/records/customer/new"))

    page.locator("[data-draft-discard]").click()

    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(NAME)).to_have_value("")


def test_people_see_who_else_is_at_a_record(opening: Opening, site: Site) -> None:
    record = site.house.writer.create(site.ctx, "customer", [{"name": uuid4().hex}]).ids[0]
    first, second = opening("desk", "zh"), opening("desk", "en")
    enter(first, site.url(f"/records/customer/{record}/edit"))

    second.goto(site.url(f"/records/customer/{record}"))

    expect(second.locator("[data-present]")).to_contain_text("Lin Xiao is editing this")
    _leave(first, site, record)
    second.reload()
    second.wait_for_load_state("networkidle")
    expect(second.locator("[data-present]")).to_be_hidden()


def test_a_save_without_connection_arrives_once_it_is_back(opening: Opening, site: Site) -> None:
    page, name = opening("phone", "en"), "很长的名字" * 12 + uuid4().hex[:6]
    enter(page, site.url("/records/customer/new"))
    fill(page, "name", name)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)

    page.locator("[data-save-button]").click()
    expect(page.locator("[data-form-problem]")).to_contain_text("Sending again")
    page.context.set_offline(False)

    page.wait_for_url(RECORD)
    assert len(_named(site, name)) == 1


@contextmanager
def _elsewhere(page: Page) -> Iterator[Page]:
    """Open another device of the same person, which shares nothing with the first."""
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(storage_state={"cookies": page.context.cookies()})
    yield context.new_page()
    context.close()


def _leave(page: Page, site: Site, record: UUID = NEW) -> None:
    """Leave a form although the browser asks; wait until the server knows."""
    email = page.locator("[data-shell]").get_attribute("data-person")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(site.url("/records/product"))
    ctx = site.ctx
    table = ctx.compiled.tables.of("sys_open_form")
    people = ctx.compiled.tables.of("user")
    person = select(people.c.id).where(people.c.email == email).scalar_subquery()
    here = select(table.c.id).where(
        table.c.person == person, table.c.record == record, table.c.editing.is_(True)
    )
    for _ in range(800):
        with site.house.database.reading(ctx) as connection:
            if not connection.execute(here).first():
                return
        page.wait_for_timeout(50)
    raise AssertionError("nobody was told that the form was left")


def _named(site: Site, name: str) -> list[object]:
    found = site.house.reader.find(site.ctx, ListQuery("customer", search=name, limit=5))
    return list(found.rows)
