"""The workspace as its administrators look after it: logo, backups, sign-ins, what may leave."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from boot.tasks import tasks
from engine.context import Context
from engine.jobs import Job, newest_of
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from engine.reshaping import RoleChange
from engine.transfer.schedule import BACK_UP
from metamodel.role_edits import RoleEdit
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, daily, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since its people are sent away."""
    with served(installation) as serving:
        yield serving
        folder = serving.house.settings.home / "backups" / serving.ctx.tenant.schema
        shutil.rmtree(folder, ignore_errors=True)


def fits(page: Page) -> bool:
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    return bool(page.wait_for_function(width).json_value())


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (640, 200), (20, 110, 90)).save(made, "PNG")
    return made.getvalue()


def row_of(site: Site, page: Page) -> str:
    """Return the id of whoever is signed in, in the tenant."""
    email = page.locator("[data-shell]").get_attribute("data-person") or ""
    account = site.house.accounts.by_email(email)
    assert account is not None
    made = site.house.contexts.make(site.name, account.id, language="en", cause=site.ctx.cause)
    return str(made.actor.user)


@daily("desk", "zh")
def test_a_logo_is_chosen_and_a_backup_made(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """A-12, A-14."""
    page = opening(size, language)
    page.goto(site.url("/admin/workspace"))
    chosen = {"name": "logo.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("#logo input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    page.locator("#logo .btn-primary").click()
    expect(page.locator("#logo .logo-shown")).to_be_visible()
    corner = page.locator(".brand-logo:visible").first
    assert corner.evaluate("image => image.complete && image.naturalWidth > 0")

    page.locator("#backups [data-act]").click()
    expect(page.locator("#backups progress")).to_be_visible()
    backed_up(site)
    # The page is read anew once it is done, which a press before that would be lost in.
    expect(page.locator("#backups progress")).to_have_count(0)
    line = page.locator("#backups tbody tr", has_text=re.compile("kB|MB")).first
    expect(line).to_be_visible()
    assert fits(page)
    line.locator("a[href$='.backup']").click()

    expect(page).to_have_url(re.compile(r"/account\?asked="))


def backed_up(site: Site) -> None:
    """Do what a worker does, which these tests run without."""
    job = newest_of(site.house.database, site.ctx.tenant, BACK_UP)
    assert job is not None
    with site.house.database.queue(site.ctx.tenant.database) as connection:
        query = "SELECT args -> 'payload' ->> 'file' FROM joinery.procrastinate_jobs WHERE id = %s"
        file = connection.exec_driver_sql(query, (job.id,)).scalar_one()
        done = "UPDATE joinery.procrastinate_jobs SET status = 'succeeded' WHERE id = %s"
        task = tasks(site.house)[BACK_UP]
        task.run(Job(job.id, site.name, {"file": file}, 1, lambda *_: None))
        connection.exec_driver_sql("SET LOCAL search_path TO joinery, pg_catalog")
        connection.exec_driver_sql(done, (job.id,))


@daily("phone", "en")
def test_somebody_who_is_ended_here_proves_who_they_are_again(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """A-01."""
    admin, seller = opening(size, language), opening("desk", "en", ("sales",))
    seller.goto(site.url("/records/customer"))
    admin.goto(site.url(f"/admin/people/{row_of(site, seller)}"))
    here = admin.locator(".signed-in li")
    expect(here).to_have_count(1)
    assert fits(admin)

    admin.locator("[data-act$='/sessions/end']").click()
    expect(here).to_have_count(0)

    seller.reload()
    expect(seller).to_have_url(re.compile("/account/confirm"))
    seller.locator("input[name=given]").fill("four words are enough")
    seller.locator(".btn-primary").first.click()
    expect(seller).to_have_url(re.compile("/records/customer"))


def limited(site: Site, most: int) -> None:
    """Let risk officers, whom no scenario plays, export so many records a day, of all customers."""
    edits = (
        RoleEdit(("export_limit",), most),
        RoleEdit(("rights", "customer", "read"), "all"),
        RoleEdit(("rights", "customer", "export"), "all"),
    )
    ctx: Context = site.ctx
    reshaping = site.house.services.reshaping
    reshaping.publish(ctx, (RoleChange("risk", edits),), over=ctx.revision)


def test_what_may_be_exported_in_a_day_is_said_before_and_when_it_is_refused(
    opening: Opening, site: Site
) -> None:
    """A-11."""
    limited(site, 2)
    names = [{"name": f"Limited {number}"} for number in range(3)]
    site.house.writer.create(site.ctx, "customer", names)
    officer = opening("desk", "en", ("risk",))
    one = parse_filter(site.ctx, "customer", 'name == "Limited 1"')
    assert site.house.reader.find(site.ctx, ListQuery("customer", filter=one)).rows
    officer.goto(site.url("/records/customer?view=all&q=Limited"))
    menu = officer.locator(".drop-menu", has=officer.locator("[data-counted]"))
    menu.locator("summary").click()
    expect(menu.locator("small")).to_have_text("2 records may be exported today")

    menu.locator("[data-counted]").first.click()
    expect(officer.locator("#toasts")).to_contain_text("You may export 2 records a day")

    officer.goto(site.url("/records/customer?view=all&q=Limited%201"))
    menu.locator("summary").click()
    with officer.expect_download() as download:
        menu.locator("[data-counted]").first.click()
    assert re.fullmatch(r"customer_Lin-Xiao_\d{8}-\d{4}\.csv", download.value.suggested_filename)
