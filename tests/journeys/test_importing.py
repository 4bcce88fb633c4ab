"""A file into a list and a list into a file, as a person does it in a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from engine.exchange.importing import TASK
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery, Row
from tests.attending import work
from tests.journeys.conftest import Opening, Site

pytestmark = pytest.mark.browser

FAIR = (
    "公司名称,联系人姓名,手机,邮箱,来源,负责人,部门\n"
    "蓝天科技,王强,13911112222,wang@lantian.example,秋季展会,Lin Xiao,设备部\n"
    "白云设备,李丽,13922223333,li@baiyun.example,秋季展会,Lin Xiao,\n"
    "青山机械,,13933334444,,秋季展会,Lin Xiao,\n"
)


def at(page: Page, step: str) -> None:
    """Wait until a step of the import is shown."""
    expect(page.locator(f"[data-import-step={step}]")).to_be_visible()
    expect(page.locator("[data-import-foot]")).not_to_have_attribute("aria-busy", "true")


def leads(site: Site, company: str) -> tuple[Row, ...]:
    named = parse_filter(site.ctx, "lead", f'company == "{company}"')
    return site.house.reader.find(site.ctx, ListQuery("lead", named)).rows


def test_leads_from_a_fair_are_matched_rehearsed_taken_in_and_taken_back(
    opening: Opening, site: Site, tmp_path: Path
) -> None:
    """P-34: a file that Excel saved in China, in words of its own."""
    page = opening("desk", "zh")
    site.house.writer.create(site.ctx, "channel", [{"name": "2026 秋季展会"}])
    file = tmp_path / "展会.csv"
    file.write_bytes(FAIR.encode("gb18030"))
    page.goto(site.url("/records/lead"))
    page.locator(".drop-menu:has(a[href$='/import']) summary").click()
    page.locator(".drop-lines a[href$='/import']").click()

    page.locator("[data-import-file]").set_input_files(file)
    at(page, "columns")
    expect(page.locator("[data-import-column=公司名称]")).to_have_value("company")
    expect(page.locator("[data-import-column=邮箱]")).to_have_value("email")
    page.locator("[data-import-column=来源]").select_option("channel")
    page.locator("[data-import-column=部门]").select_option("")
    page.locator("[data-import-next]").click()

    at(page, "values")
    page.locator("[data-import-value=秋季展会]").select_option(label="2026 秋季展会")
    page.locator("[data-import-value='Lin Xiao']").select_option(index=2)
    page.locator("[data-import-next]").click()
    at(page, "known")
    page.locator("[data-import-next]").click()
    at(page, "run")
    expect(page.locator(".import-figures dd").first).to_have_text("2")
    expect(page.locator(".import-rejected")).to_contain_text("第 4 行")
    assert leads(site, "蓝天科技") == ()

    page.locator("[data-import-begin]").click()
    page.wait_for_url(re.compile(r"/records/lead/import/[0-9a-f-]{36}$"))
    work(site.house, TASK)
    expect(page.locator("[data-import-undo]")).to_be_visible()
    assert len(leads(site, "蓝天科技")) == 1
    with page.expect_download() as rejected:
        page.locator(".import-after a[download]").click()
    assert "青山机械" in Path(rejected.value.path()).read_text("utf-8-sig")

    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-import-undo]").click()
    expect(page.locator(".import-figures")).to_contain_text("已撤销")
    assert leads(site, "蓝天科技") == ()
    page.goto(site.url("/imports"))
    expect(page.locator("tbody tr").first).to_contain_text("展会.csv")


def test_a_workbook_meets_records_that_are_there_on_a_phone(
    opening: Opening, site: Site, tmp_path: Path
) -> None:
    page = opening("phone", "en")
    site.house.writer.create(site.ctx, "competitor", [{"name": "Northern Pumps Ltd"}])
    book, file = Workbook(), tmp_path / "rivals.xlsx"
    book.active.title = "Notes"
    rivals = book.create_sheet("Rivals")
    for row in (["Rivals"], ["Name", "City"], ["Northern Pumps Ltd.", "Leeds"], ["South", "Hull"]):
        rivals.append(row)
    book.active.append(["nothing"])
    book.save(file)
    page.goto(site.url("/records/competitor/import"))

    page.locator("[data-import-file]").set_input_files(file)
    at(page, "columns")
    page.locator("[data-import-sheet]").select_option("Rivals")
    expect(page.locator("[data-import-column=Name]")).to_have_value("name")
    page.locator("[data-import-next]").click()
    at(page, "known")
    expect(page.locator("[data-import-row='3']")).to_have_value("skip")
    page.locator("[data-import-next]").click()
    at(page, "run")

    expect(page.locator(".import-figures")).to_contain_text("Left out")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-import-begin]").click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}$"))
    work(site.house, TASK)
    expect(page.locator(".import-state")).to_contain_text("Done")


def test_what_is_no_table_is_refused_in_a_sentence(
    opening: Opening, site: Site, tmp_path: Path
) -> None:
    page = opening("phone", "en")
    file = tmp_path / "scan.csv"
    file.write_bytes(b"%PDF-1.7 nothing to see")
    page.goto(site.url("/records/product/import"))

    page.locator("[data-import-file]").set_input_files(file)

    expect(page.locator("[data-import-said]")).to_contain_text("PDF")
    expect(page.locator("[data-import-step=file]")).to_be_visible()


def test_a_list_is_taken_along_as_it_is_narrowed(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    for name in ("Kept", "Left out"):
        site.house.writer.create(site.ctx, "competitor", [{"name": name}])
    page.goto(site.url('/records/competitor?filter=name == "Kept"'))
    page.locator(".drop-menu:has(a[href*='/export/']) summary").click()

    with page.expect_download() as saved:
        page.locator(".drop-lines a", has_text="CSV").click()

    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert "Kept" in text
    assert "Left out" not in text
