"""A publish in the background is watched to its end on its page, which nobody has to touch."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from engine.going_live import length
from engine.going_live.service import TASK
from tests.attending import attended, work
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served
from tests.journeys.test_reshaping_screens import PATIENCE, SHOP, add_field, fits

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since it is reshaped."""
    with served(installation, str(SHOP)) as serving:
        yield serving


def test_a_publish_is_watched_until_it_is_live(
    site: Site, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-03: on a phone, and left alone."""
    monkeypatch.setattr(length, "LONG", -1.0)
    page = opening("phone", "zh")
    add_field(page, site, "Origin", "name")
    page.goto(site.url("/admin/versions/next"))
    with attended(site.house):
        page.locator("[data-publish] button[type=submit]").click()
        page.wait_for_url(re.compile(r"/admin/versions/publishing/\d+$"), timeout=PATIENCE)

        expect(page.get_by_role("status").filter(has_text="即将开始")).to_be_visible()
        assert fits(page)
    work(site.house, TASK)

    page.wait_for_url(re.compile(r"/admin/versions\?live=2$"), timeout=PATIENCE)
    expect(page.locator(".notice-done")).to_contain_text("2")
