"""A manager's morning: the dashboard, down to records, the past, a report of one's own (P-*)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site


def stocked(site: Site, *deals: tuple[str, str, str]) -> None:
    """Put opportunities of a name, an amount and a stage into the pipeline."""
    writer, ctx = site.house.writer, site.ctx
    [customer] = writer.create(ctx, "customer", [{"name": f"{deals[0][0]} Works"}]).ids
    for name, amount, stage in deals:
        values = {"name": name, "customer": str(customer), "amount": amount}
        [deal] = writer.create(ctx, "opportunity", [values]).ids
        if stage != "lead":
            writer.move(ctx, "opportunity", [deal], pipeline="sales", to=stage, values={})


def tile(page: Page, key: str) -> str:
    return f"[data-tile={key}]"


def test_a_manager_goes_from_the_dashboard_to_records_and_to_a_report_of_their_own(
    site: Site, opening: Opening
) -> None:
    stocked(site, ("Morning one", "12000", "lead"), ("Morning two", "3000", "lead"))
    page = opening("desk", "zh")
    page.goto(site.url("/dashboards/sales"))
    page.wait_for_selector("[data-chart] svg")

    page.locator(f"{tile(page, 'funnel')} .funnel a").first.click()
    expect(page.locator(".row-link", has_text="Morning one")).to_be_visible()

    page.goto(site.url("/dashboards/sales"))
    page.locator("select[name=owner]").select_option("me")
    page.wait_for_url(re.compile("owner=me"))
    expect(page.locator(f"{tile(page, 'pipeline')} .tile-figure")).to_have_text("¥0")

    page.goto(site.url("/dashboards/sales?as_of=2020-01-01"))
    values = page.locator(f"{tile(page, 'funnel')} .funnel-value")
    expect(values.first).to_contain_text("¥0")

    page.goto(site.url("/dashboards/sales"))
    tools = page.locator(f"{tile(page, 'funnel')} .tile-tools")
    tools.locator("summary").click()
    tools.locator("[data-statement]").click()
    expect(page.locator("#statement pre").first).to_contain_text("SELECT")
    page.keyboard.press("Escape")

    page.goto(site.url("/records/opportunity"))
    page.locator(".page-actions .drop-menu").last.locator("summary").click()
    page.locator("a[href$='/opportunity/figures']").click()
    expect(page.locator("[data-tile=count] .tile-figure")).not_to_have_text("0")


def test_a_report_is_built_kept_put_on_a_dashboard_and_arranged(
    site: Site, opening: Opening
) -> None:
    stocked(site, ("Reported", "5000", "lead"), ("Further", "700", "qualify"))
    page = opening("phone", "en")
    page.goto(site.url("/reports"))
    page.get_by_role("link", name="New report").first.click()
    page.locator("select[name=entity]").select_option("opportunity")
    page.wait_for_url(re.compile("entity=opportunity"))
    page.locator("select[name=group]").first.select_option("stage")
    page.wait_for_url(re.compile("group=stage"))
    page.locator("select[name=measure]").first.select_option("SUM(amount)")
    page.wait_for_url(re.compile("measure=SUM"))
    expect(page.locator(".tile-table .is-total")).to_contain_text("Total")

    page.locator("[data-open=keep]").click()
    page.locator("#keep [data-field=title] [data-input]").fill("By stage")
    page.locator("#keep .btn-primary").click()
    page.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}"))
    expect(page.locator("h1")).to_contain_text("By stage")

    page.locator("[data-open=put]").click()
    page.locator("#put [data-field=title] [data-input]").fill("Stages")
    page.locator("#put .btn-primary").click()
    page.wait_for_url(re.compile(r"/dashboards/own/[0-9a-f-]{36}"))
    expect(page.locator("[data-tile]")).to_have_count(1)

    page.locator("[data-arrange]").click()
    page.wait_for_selector("[data-arrange][aria-pressed=true]")
    held = page.locator("[data-tile]")
    held.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.locator("[data-arranged]").click()
    page.wait_for_selector("[data-arrange][aria-pressed=false]")
    expect(page.locator("[data-tile]")).to_have_class(re.compile(r"at-c2 .*at-w7|at-w7 .*at-c2"))

    found = site.house.reader.find(site.ctx, ListQuery("opportunity", limit=1))
    assert found.rows
