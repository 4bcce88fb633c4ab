"""Something said about a record and a file attached to it, as a person does it in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.steps import create

pytestmark = pytest.mark.browser


@daily("phone", "en")
def test_words_and_files_join_what_became_of_a_record(
    opening: Opening, site: Site, size: str, language: str, tmp_path: Path
) -> None:
    page = opening(size, language)
    picture = tmp_path / "site.png"
    Image.new("RGB", (60, 40), "#17695b").save(picture)
    create(page, site, "customer", name=f"说话 {size}")
    page.locator("#tab-history").click()

    page.locator("[data-talk-words]").fill("客户很满意\n<b>下周再访</b>")
    page.locator("[data-say] button[type=submit]").click()
    expect(page.locator(".event-words")).to_have_text("客户很满意\n<b>下周再访</b>")
    page.locator("[data-attach]").set_input_files(picture)

    expect(page.locator(".event-files img")).to_be_visible()
    expect(page.locator(".event")).to_have_count(3)
    expect(page.locator("[data-talk-words]")).to_have_value("")
