"""A calendar marks holidays, and days that are worked in their stead, by a word."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site, daily

pytestmark = pytest.mark.browser

SIGNS = {"zh": ("休", "班"), "en": ("off", "at work")}


@daily("desk", "zh", among=(("desk", "en"), ("phone", "zh"), ("phone", "en")))
def test_holidays_and_make_up_days_are_told_by_a_word(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """T-07: a colour alone tells nothing to whoever does not see it."""
    page, (holiday, workday) = opening(size, language), SIGNS[language]
    for leaf in ("week", "month"):
        page.goto(site.url(f"/calendar?day=2026-10-08&leaf={leaf}"))
        expect(page.locator(".cal-mark.is-holiday").first).to_have_text(holiday)
        expect(page.locator(".cal-mark.is-workday").first).to_have_text(workday)
