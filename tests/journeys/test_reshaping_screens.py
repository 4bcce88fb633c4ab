"""Changing the application on screens, without a document, while others work in it (P-30, P-38)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.query.spec import ListQuery
from tests.conftest import Installation
from tests.journeys.conftest import Opening, Site, served
from tests.journeys.steps import create, enter, fill, save

pytestmark = pytest.mark.browser

SHOP = Path(__file__).parents[1] / "ui" / "shop.yaml"
"""A small app, whose model is made anew in no time."""

PATIENCE = 60_000
"""Milliseconds that a model may take to be made anew on a busy machine."""


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    """A tenant that nobody else works in, since it is reshaped."""
    with served(installation, str(SHOP)) as serving:
        yield serving


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def submit(page: Page) -> None:
    """Send the dialog that is open, and wait until the page holds what it changed."""
    page.locator("dialog[open] button[type=submit]").first.click()
    expect(page.locator("dialog[open]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("[data-draft-bar]")).to_be_visible(timeout=PATIENCE)


def publish(page: Page, site: Site, message: str, *, loses: bool = False) -> int:
    """Look at what the draft does, publish it, and answer the version that is live."""
    page.goto(site.url("/admin/versions/next"))
    return go(page, message, loses=loses)


def go(page: Page, message: str, *, loses: bool = False) -> int:
    form = page.locator("[data-publish]")
    form.locator("#publish-message").fill(message)
    button = form.locator("button[type=submit]")
    if loses:
        expect(button).to_be_disabled()
        form.locator("[data-must-tick]").check()
    assert fits(page)
    button.click()
    page.wait_for_url(re.compile(r"/admin/versions\?live=\d+$"), timeout=PATIENCE)
    expect(page.locator(".notice-done")).to_be_visible()
    return int(page.url.rpartition("=")[2])


def asked(page: Page, site: Site, path: str) -> Any:
    """What the API answers to whom the browser belongs. Any: JSON."""
    answer = page.request.get(f"{site.address}/api/v1/{site.name}{path}")
    assert answer.ok, answer.text()
    return answer


def add_field(page: Page, site: Site, label: str, after: str) -> None:
    page.goto(site.url("/admin/forms/quote"))
    page.locator(".page-actions .btn-primary").click()
    page.locator("#field-label_en").fill(label)
    page.locator("#field-after").select_option(after)
    page.locator(".field[data-field=unique] input").check()
    submit(page)


def test_a_field_comes_while_somebody_types_goes_with_its_value_and_comes_back(
    opening: Opening, site: Site
) -> None:
    """The field is in form, column chooser, export and OpenAPI; what was typed survives (P-38)."""
    admin, seller = opening("desk", "en"), opening("phone", "en", ("seller",))
    enter(seller, site.url("/records/quote/new"))
    fill(seller, "name", "Typed before the change")

    add_field(admin, site, "Project number", "name")
    listed = admin.locator("#panel-fields .part-open b").all_inner_texts()
    assert listed[listed.index("Project number") - 1] == "Subject"
    before = publish(admin, site, "Projects get a number") - 1

    save(seller)
    expect(seller.locator("h1")).to_contain_text("Typed before the change")
    enter(seller, site.url("/records/quote/new"))
    beside = seller.locator(".field[data-field=name] + .field")
    expect(beside).to_have_attribute("data-field", "project_number")
    record = create(seller, site, "quote", name="Numbered", project_number="P-77")
    where_it_is(admin, site)

    admin.goto(site.url(f"/admin/versions/{before}/back"))
    expect(admin.locator(".effect[data-verdict=loses]")).to_contain_text("Project number")
    go(admin, "Without the number", loses=True)
    seller.goto(site.url(f"/records/quote/{record}"))
    expect(seller.locator("h1")).to_contain_text("Numbered")
    assert "P-77" not in seller.content()

    admin.goto(site.url("/admin/versions/retired"))
    line = admin.locator(".part-retired", has_text="Project number")
    expect(line).to_contain_text("1 value kept")
    line.locator("button").click()
    expect(line.locator(".tone-teal")).to_be_visible(timeout=PATIENCE)
    publish(admin, site, "With the number again")
    seller.reload()
    expect(seller.locator("[data-record]")).to_contain_text("P-77")


def where_it_is(admin: Page, site: Site) -> None:
    """The new field is in the column chooser and then in the list, in the export, in OpenAPI."""
    admin.goto(site.url("/records/quote?view=all"))
    admin.locator(".drop-menu summary[aria-label='Choose columns']").click()
    admin.locator(".column-chooser input[value=project_number]").check()
    admin.locator(".column-chooser button[type=submit]").click()
    expect(admin.locator(".list thead")).to_contain_text("Project number")
    expect(admin.locator(".list tbody")).to_contain_text("P-77")
    file = asked(admin, site, "/export/quote?format=csv&fields=name,project_number").text()
    assert "project_number" in file.splitlines()[0]
    assert "P-77" in file
    described = asked(admin, site, "/openapi.json").text()
    assert '"project_number"' in described


def test_a_stage_is_merged_and_its_records_move(opening: Opening, site: Site) -> None:
    """Where the records go is asked, told in the plan and done (P-04)."""
    admin = opening("phone", "zh")
    quote = site.house.writer.create(site.ctx, "quote", [{"name": "Early"}]).ids[0]

    admin.goto(site.url("/admin/forms/quote#stages"))
    admin.locator("#panel-stages .part-line[data-name=draft] .part-open").click()
    admin.locator(".stage-end summary").click()
    admin.locator("#stage-into").select_option("sent")
    admin.locator(".stage-end button[type=submit]").click()
    expect(admin.locator("dialog[open]")).to_have_count(0, timeout=PATIENCE)
    expect(admin.locator("#panel-stages .part-line[data-name=draft]")).to_have_count(0)
    publish(admin, site, "两个阶段合并")

    found = site.house.reader.get(site.ctx, "quote", [quote])[0]
    assert found.values["stage"] == "sent"
    assert fits(admin)


def test_a_stage_is_split_by_what_the_filter_says_and_its_records_part(
    opening: Opening, site: Site
) -> None:
    """How many go is said while the condition is put together, told in the plan and done (P-04)."""
    admin = opening("desk", "en")
    rows = [{"name": name, "tax_rate": rate, "stage": "sent"} for name, rate in TAXED.items()]
    quotes = site.house.writer.create(site.ctx, "quote", rows).ids
    everybody = [row.id for row in site.house.reader.find(site.ctx, ListQuery("quote")).rows]
    read = site.house.reader.get(site.ctx, "quote", everybody)
    sent = [each.values["tax_rate"] for each in read if each.values["stage"] == "sent"]
    taxed = [rate for rate in sent if isinstance(rate, Decimal) and rate > Decimal("0.1")]

    admin.goto(site.url("/admin/forms/quote#stages"))
    admin.locator("#panel-stages .part-line[data-name=sent] .part-marks button").click()
    dialog = admin.locator("dialog[open]")
    line = dialog.locator(".filter-row").first
    line.locator("[data-part=field]").select_option("tax_rate")
    line.locator("[data-part=operator]").select_option(label=">")
    dialog.locator("#split-label_en").fill("Highly taxed")
    rate = line.locator("[data-part=value] input")
    rate.fill("much")
    dialog.locator("button[type=submit]").click()
    expect(rate).to_be_focused()
    expect(line.locator("[data-part=value]")).to_contain_text("Write a number")
    rate.fill("１0%")
    expect(dialog.locator("[data-split-said]")).to_contain_text(
        f"{len(taxed)} of {len(sent)} records"
    )
    submit(admin)
    expect(admin.locator("#panel-stages .part-line[data-name=highly_taxed]")).to_be_visible()
    admin.goto(site.url("/admin/versions/next"))
    expect(admin.locator(".effects")).to_contain_text("Dear")
    go(admin, "Two kinds of quotes")

    found = site.house.reader.get(site.ctx, "quote", quotes)
    stages = {record.values["name"]: record.values["stage"] for record in found}
    assert stages == {"Cheap": "sent", "Dear": "highly_taxed", "Dearer": "highly_taxed"}


TAXED = {"Cheap": "0.06", "Dear": "0.13", "Dearer": "0.17"}
"""Quotes by name, and how they are taxed."""


def test_two_drafts_that_say_different_things_are_decided_side_by_side(
    opening: Opening, site: Site
) -> None:
    """A real conflict is shown on the leaf, with both values (P-05)."""
    first, second = opening("desk", "en"), opening("desk", "zh")
    for page, name in ((first, "Trade name"), (second, "Firm")):
        page.goto(site.url("/admin/forms/customer"))
        page.locator("#panel-fields .part-line[data-name=name] .part-open").click()
        page.locator("#field-label_en").fill(name)
        submit(page)
    publish(first, site, "Trade names")

    second.goto(site.url("/admin/versions/next"))
    second.wait_for_url(re.compile(r"/conflicts$"))
    sides = second.locator(".conflict").first
    expect(sides).to_contain_text("Trade name")
    expect(sides).to_contain_text("Firm")
    assert fits(second)
    sides.locator("input[value=ours]").check()
    second.locator("[data-decide] button[type=submit]").click()
    second.wait_for_url(re.compile(r"/admin/versions/next$"), timeout=PATIENCE)
    go(second, "Firms")

    enter(first, site.url("/records/customer/new"))
    expect(first.locator(".field[data-field=name] .form-label")).to_contain_text("Firm")
