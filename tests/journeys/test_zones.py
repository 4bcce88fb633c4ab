"""A time of day is shown and typed in the person's own zone, wherever their device is (T-07)."""

from __future__ import annotations

from uuid import UUID

from playwright.sync_api import expect

from engine.context import Cause
from tests.journeys import steps
from tests.journeys.conftest import Opening, Site


def test_what_is_typed_is_what_is_shown_in_any_zone(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    email = page.locator("[data-shell]").get_attribute("data-person") or ""
    account = site.house.accounts.by_email(email)
    assert account is not None
    ctx = site.house.contexts.make(site.name, account.id, language="en", cause=Cause("form"))
    zone = {"zone": "America/New_York"}
    site.house.services.preferences.keep(ctx, "screen", zone)

    # In this zone the clock goes forward in the night before.
    steps.enter(page, site.url("/records/task/new"))
    steps.fill(page, "title", "Call New York")
    steps.fill(page, "due", "2027-03-14T09:30")
    task = steps.save(page)

    expect(page.locator("[data-record]").first).to_contain_text("14 Mar 2027, 09:30")
    found = site.house.reader.get(site.ctx, "task", [UUID(task)])[0]
    assert str(found.values["due"]) == "2027-03-14 13:30:00+00:00"
    steps.enter(page, site.url(f"/records/task/{task}/edit"))
    expect(page.locator(".field[data-field=due] [data-input]")).to_have_value("2027-03-14T09:30")
