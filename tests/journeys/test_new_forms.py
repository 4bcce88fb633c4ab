"""A new form is made and published on a phone, and its first record entered (P-03, P-21)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site
from tests.journeys.test_reshaping_screens import PATIENCE, fits, publish, site

__all__ = ["site"]

pytestmark = pytest.mark.browser


def test_a_new_form_is_made_published_and_filled_in(opening: Opening, site: Site) -> None:
    page = opening("phone", "zh")
    page.goto(site.url("/admin/forms"))
    page.get_by_role("button", name="新建表单").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#kind-label_zh").fill("展厅设备")
    assert fits(page)

    dialog.locator(".dialog-foot [type=submit]").click()
    page.wait_for_url(re.compile(r"/admin/forms/zhan_ting_she_bei$"), timeout=PATIENCE)
    publish(page, site, "展厅")

    page.goto(site.url("/records/zhan_ting_she_bei/new"))
    expect(page.get_by_label("名称")).to_be_visible()
    assert fits(page)
