"""A publish in the background is watched to its end on its page, which nobody has to touch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from boot.tasks import tasks
from engine.going_live import length
from engine.going_live.service import TASK
from engine.worker import Worker
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served
from tests.journeys.test_reshaping_screens import PATIENCE, SHOP, add_field, fits

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since it is reshaped."""
    with served(installation, str(SHOP)) as serving:
        yield serving


def work(site: Site) -> None:
    """Work off what waits, beside the browser's own loop."""
    worker = Worker(site.house.database, {TASK: tasks(site.house)[TASK]})
    thread = Thread(target=worker.run_until_empty)
    thread.start()
    thread.join()


def test_a_publish_is_watched_until_it_is_live(
    site: Site, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-03: on a phone, and left alone."""
    monkeypatch.setattr(length, "LONG", -1.0)
    with site.house.database.queue() as connection:
        connection.execute(text("INSERT INTO joinery.procrastinate_workers DEFAULT VALUES"))
    page = opening("phone", "zh")
    add_field(page, site, "Origin", "name")
    page.goto(site.url("/admin/versions/next"))
    page.locator("[data-publish] button[type=submit]").click()
    page.wait_for_url(re.compile(r"/admin/versions/publishing/\d+$"), timeout=PATIENCE)

    expect(page.get_by_role("status").filter(has_text="即将开始")).to_be_visible()
    assert fits(page)
    work(site)

    page.wait_for_url(re.compile(r"/admin/versions\?live=2$"), timeout=PATIENCE)
    expect(page.locator(".notice-done")).to_contain_text("2")
