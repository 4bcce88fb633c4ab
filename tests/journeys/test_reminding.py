"""Reminders of one's own: added, kept and taken away on a phone (T-05)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.test_accessible import findings

pytestmark = pytest.mark.browser


@daily("phone", "zh")
def test_a_reminder_of_ones_own_is_added_kept_and_taken_away(
    size: str, language: str, opening: Opening, site: Site
) -> None:
    page = opening(size, language, ("sales",))
    page.goto(site.url("/preferences"))
    form, line = page.locator("[data-reminders]"), page.locator("[data-reminder]")
    expect(line).to_have_count(0)

    form.locator("[name=what]").select_option(index=1)
    form.locator("[name=days]").fill("5")
    form.locator("[name=mail]").check()
    form.locator("button[type=submit]").click()

    expect(line).to_have_count(1)
    page.goto(site.url("/preferences"))
    expect(line).to_have_attribute("data-days", "5")
    expect(line).to_have_attribute("data-mail", "")
    assert findings(page) == []
    line.locator("[data-reminder-remove]").click()
    expect(line).to_have_count(0)
    page.goto(site.url("/preferences"))
    expect(line).to_have_count(0)
