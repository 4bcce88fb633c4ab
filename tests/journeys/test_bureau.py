"""What acts by itself in the hands of people: asking, signing, sending back, runs, a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from engine.doors import Edit
from tests.attending import work_for
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, daily, served
from tests.journeys.test_accessible import findings
from tests.journeys.test_approving import decide, known_as
from tests.journeys.test_reshaping_screens import fits

pytestmark = pytest.mark.browser

BUREAU = Path(__file__).parent / "bureau.yaml"


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A bureau whose papers are approved, and count their sheets by themselves."""
    with served(installation, str(BUREAU)) as bureau:
        yield bureau


def sound(page: Page, part: str = "") -> None:
    """Nothing of a page breaks the guidelines or lies beside the screen."""
    # What lies half under the bar that stays would count as too small to be hit.
    page.evaluate("scrollTo(0, 0)")
    assert findings(page, part) == []
    assert fits(page)


def paper_of(site: Site, owner: UUID, **values: str | int) -> str:
    """Make a paper of somebody's; return its page."""
    given = {"name": f"Paper {uuid4().hex[:6]}", "owner": str(owner), **values}
    return f"/records/paper/{site.house.writer.create(site.ctx, 'paper', [given]).ids[0]}"


def staff(opening: Opening, site: Site, size: str, language: str) -> tuple[Page, UUID, Page]:
    """Open the pages of a clerk and of their superior; return them, and who the clerk is."""
    mark = uuid4().hex[:6]
    desk, head = opening(size, language, ("clerk",)), opening(size, language, ("head",))
    clerk, boss = known_as(desk, site, f"Li {mark}"), known_as(head, site, f"Bo {mark}")
    site.house.writer.update(site.ctx, "user", [Edit(clerk, {"manager": str(boss)})])
    return desk, clerk, head


def sign(page: Page) -> None:
    """Draw a line as a signature."""
    page.locator("dialog[open] [data-sign]").click()
    box = page.locator(".signature-pad:visible").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=5)
    page.mouse.up()
    page.locator("[data-sign-done]:visible").click()
    expect(page.locator("dialog[open] .signature-shown img")).to_be_visible()


@daily("phone", "zh", among=(("desk", "en"), ("phone", "en"), ("desk", "zh")))
def test_a_paper_is_sent_back_with_a_reason_and_signed_the_second_time(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """A-07, P-13: what is locked leads to the approval, and what was said stands on the record."""
    desk, clerk, head = staff(opening, site, size, language)
    here = paper_of(site, clerk, amount="5000")
    desk.goto(site.url(here))
    desk.locator("[data-dialog$='/approvals/terms/submit']").click()
    decide(desk, "submit")

    # A conversion that would move it on is locked, and says where.
    locked = desk.locator(".page-actions [data-locked]")
    locked.click()
    expect(desk.locator(".approval:target")).to_be_visible()
    sound(desk)
    head.goto(site.url(here))
    bar = head.locator(".approval.is-mine")
    bar.locator(".drop-menu summary").click()
    # All of the menu lies on the screen, on a phone, too.
    expect(bar.locator("[data-dialog$='/return']")).to_be_in_viewport(ratio=1)
    bar.locator("[data-dialog$='/return']").click()
    decide(head, "return", "缺少报价")
    desk.reload()
    expect(desk.locator(".approval-why")).to_have_text("缺少报价")
    sound(desk)

    desk.locator("[data-dialog$='/approvals/terms/submit']").click()
    decide(desk, "submit")
    head.reload()
    head.locator("[data-approval-approve]").click()
    dialog = head.locator("dialog[open]")
    # It begins where something is to be said.
    expect(dialog.locator("[name=input_verdict]")).to_be_focused()
    sound(head, "dialog[open]")
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator(".has-error")).to_have_count(2)
    dialog.locator("[name=input_verdict]").select_option("good")
    sign(head)
    decide(head, "approve")
    expect(head.locator(".approval .mark.tone-green")).to_be_visible()
    head.locator(".approval-more > summary").click()
    expect(head.locator(".approval-log .picture img")).to_be_visible()


@daily("desk", "en", among=(("desk", "zh"), ("phone", "zh"), ("phone", "en")))
def test_a_field_that_waits_for_approval_is_asked_for_from_the_form(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """A-09: it says so before anything is typed, and by the keyboard alone it is asked for."""
    desk, clerk, head = staff(opening, site, size, language)
    here = paper_of(site, clerk, credit="100")
    desk.goto(site.url(f"{here}/edit"))
    field = desk.locator(".field[data-field=credit]")
    expect(field.locator(".field-guard")).to_be_visible()
    expect(field.locator("[data-input]")).to_have_count(0)
    sound(desk)

    field.locator(".field-guard button").focus()
    desk.keyboard.press("Enter")
    dialog = desk.locator("dialog[open]")
    expect(dialog.locator("[name=credit]")).to_be_focused()
    sound(desk, "dialog[open]")
    dialog.locator("[name=credit]").fill("900")
    decide(desk, "submit")

    expect(desk.locator(".approval-changes")).to_contain_text("900.00")
    head.goto(site.url("/inbox?show=approve"))
    head.locator("[data-dialog$='/approve']").first.click()
    decide(head, "approve")
    desk.reload()
    expect(desk.locator(".approval .mark.tone-green")).to_be_visible()


@daily("phone", "en", among=(("phone", "zh"), ("desk", "zh"), ("desk", "en")))
def test_a_run_that_failed_says_why_and_is_done_again(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """P-05: from the list to the run, to its record, mended, and on from where it stood."""
    page = opening(size, language)
    admin = known_as(page, site, f"Wu {uuid4().hex[:6]}")
    here = paper_of(site, admin, sheets=60)
    work_for(site.house, site.ctx.tenant)

    page.goto(site.url("/admin/automations/runs?automation=doubled&state=failed"))
    why = {"en": "Sheets: At most ninety sheets.", "zh": "页数：页数不能超过九十。"}[language]
    line = page.locator(".acting-runs li").first
    expect(line.locator(".run-why")).to_have_text(why)
    sound(page)
    line.locator(".part-open").click()
    expect(page.locator(".notice-danger")).to_have_text(why)
    sound(page)
    id_ = UUID(here.rsplit("/", 1)[1])
    site.house.writer.update(site.ctx, "paper", [Edit(id_, {"sheets": 20})])
    failed = page.url
    page.locator(".acting-card [data-edit-url]").click()
    page.wait_for_url(lambda url: url != failed)
    work_for(site.house, site.ctx.tenant)
    page.goto(site.url(here))
    expect(page.locator("[data-field=sheets], .facts").first).to_contain_text("40")

    page.goto(site.url("/admin/automations/of/doubled"))
    expect(page.locator(".acting-runs li").first).to_be_visible()
    sound(page)


@daily("phone", "zh", among=(("phone", "en"), ("desk", "zh"), ("desk", "en")))
def test_whoever_is_outside_fills_in_a_form(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    """P-35: what somebody outside sends is there as a record."""
    page, name = opening(size, language), f"来函 {uuid4().hex[:6]}"
    page.goto(f"{site.address}/forms/{site.name}/ask")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill("a@b.example")
    sound(page)
    page.wait_for_timeout(3_000)
    page.locator("button[type=submit]").click()

    expect(page.locator(".public-thanks")).to_be_visible()
    sound(page)
    page.goto(site.url("/records/paper"))
    expect(page.locator("body")).to_contain_text(name)
