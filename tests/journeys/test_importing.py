"""A file into a list and a list into a file, as a person does it in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opening, Site

pytestmark = pytest.mark.browser

FILE = "产品,编码,标价,仓库\n液压泵,P-1,1999.99,北京\n齿轮泵,P-2,很多,上海\n"


def test_a_file_is_mapped_rehearsed_and_taken_in(
    opening: Opening, site: Site, tmp_path: Path
) -> None:
    page = opening("desk", "zh")
    file = tmp_path / "产品.csv"
    file.write_bytes(FILE.encode("gb18030"))
    page.goto(site.url("/records/product"))
    page.locator(".drop-menu summary").first.click()
    page.locator(".drop-lines a").first.click()

    page.locator("[data-import-file]").set_input_files(file)
    page.locator("[data-import-column=产品]").select_option("name")
    page.locator("[data-import-column=编码]").select_option("code")
    page.locator("[data-import-column=标价]").select_option("list_price")
    expect(page.locator("[data-import-column=仓库]")).to_have_value("")
    page.locator("[data-import-run=rehearse]").click()

    expect(page.locator("[data-import-counts]")).to_contain_text("试运行完成")
    expect(page.locator("[data-import-rejected] li")).not_to_have_count(0)
    expect(page.locator("[data-import-rejected]")).to_contain_text("第 3 行")
    page.locator("[data-import-run=import]").click()
    expect(page.locator("[data-import-counts]")).to_contain_text("/")


def test_what_is_no_table_is_refused_in_a_sentence(
    opening: Opening, site: Site, tmp_path: Path
) -> None:
    page = opening("phone", "en")
    file = tmp_path / "scan.csv"
    file.write_bytes(b"%PDF-1.7 nothing to see")
    page.goto(site.url("/records/product/import"))

    page.locator("[data-import-file]").set_input_files(file)

    expect(page.locator("[data-import-said]")).to_be_visible()
    expect(page.locator("[data-import-run=import]")).to_be_disabled()


def test_a_list_is_taken_along_as_it_is_narrowed(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    for name in ("Kept", "Left out"):
        site.house.writer.create(site.ctx, "competitor", [{"name": name}])
    page.goto(site.url('/records/competitor?filter=name == "Kept"'))
    page.locator(".drop-menu summary").first.click()

    with page.expect_download() as saved:
        page.locator(".drop-lines a", has_text="CSV").click()

    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert "Kept" in text
    assert "Left out" not in text
