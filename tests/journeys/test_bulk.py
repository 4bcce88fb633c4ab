"""Many records are changed at once: looked at beforehand, done, and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.doors import Edit
from tests.journeys.conftest import Opening, Site
from tests.journeys.test_grid import choice_column, customers, held, sheet

pytestmark = pytest.mark.browser


def test_records_are_changed_together_and_taken_back_but_for_what_changed_since(
    opening: Opening, site: Site
) -> None:
    """P-18: chosen, previewed, changed, undone; what somebody changed since stays and is named."""
    mark = customers(site, 4)
    page = opening("desk", "zh")
    sheet(page, site, mark)
    field, options = choice_column(page, site)
    page.locator("[data-pick]").nth(0).check()
    page.locator("[data-pick]").nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 3 条")

    page.locator("[data-bulk-do=change]").click()
    dialog = page.locator("#bulk")
    dialog.locator("[data-bulk-field]").select_option(field)
    dialog.locator("[data-bulk-value] select").select_option(options[1])
    dialog.locator("[data-bulk-look]").click()
    expect(dialog.locator(".bulk-told")).to_have_text("3 条全部可以修改")
    assert {row.values[field] for row in held(site, mark)} == {None}
    dialog.locator("[data-bulk-go]").click()
    undo = page.locator(".toast-line button", has_text="撤销")
    expect(undo).to_be_visible()
    assert [row.values[field] for row in held(site, mark)] == [*[options[1]] * 3, None]
    theirs = Edit(held(site, mark)[1].id, {field: options[0]})
    site.house.writer.update(site.ctx, "customer", [theirs])
    undo.click()

    expect(dialog.locator(".bulk-why li")).to_have_count(1)
    expect(dialog.locator(".bulk-why")).to_contain_text(f"{mark} 01")
    assert [row.values[field] for row in held(site, mark)] == [None, options[0], None, None]


def test_who_refuses_is_told_beforehand_with_the_reason(opening: Opening, site: Site) -> None:
    mark = customers(site, 2)
    page = opening("desk", "en")
    sheet(page, site, mark)
    page.locator("[data-pick-all]").check()

    page.locator("[data-bulk-do=change]").click()
    dialog = page.locator("#bulk")
    dialog.locator("[data-bulk-field]").select_option("name")
    dialog.locator("[data-bulk-value] input").fill("x" * 400)
    dialog.locator("[data-bulk-look]").click()

    expect(dialog.locator(".bulk-told")).to_have_text("0 will be changed, 2 refuse")
    expect(dialog.locator(".bulk-why")).to_contain_text("characters")
    expect(dialog.locator("[data-bulk-go]")).to_be_disabled()


def test_chosen_records_go_to_the_trash_and_come_back(opening: Opening, site: Site) -> None:
    mark = customers(site, 2)
    page = opening("desk", "en")
    sheet(page, site, mark)
    page.locator("[data-pick-all]").check()

    page.locator("[data-bulk-do=trash]").click()
    page.locator("#bulk [data-bulk-go]:not([disabled])").click()
    expect(page.locator(".empty")).to_be_visible()
    assert held(site, mark) == []
    page.locator(".toast-line button").click()

    expect(page.locator("tbody tr[data-id]")).to_have_count(2)
    assert len(held(site, mark)) == 2


def test_chosen_records_are_shared_and_taken_along_as_a_file(opening: Opening, site: Site) -> None:
    """P-18: from a list that is counted behind its rows; the file has the chosen rows alone."""
    mark = customers(site, 3)
    page = opening("desk", "zh")
    sheet(page, site, mark)
    expect(page.locator(".page-title .count")).to_contain_text("3")
    page.locator("[data-pick]").nth(0).check()
    page.locator("[data-pick]").nth(2).check()
    page.locator("[data-bulk] summary").click()
    with page.expect_download() as taken:
        page.locator("[data-bulk-export]", has_text="CSV").click()
    file = taken.value.path().read_text("utf-8-sig")
    assert [f"{mark} {each:02}" in file for each in range(3)] == [True, False, True]

    page.locator("[data-bulk-do=share]").click()
    dialog = page.locator("#bulk")
    dialog.locator("[data-kind-select]").select_option("role")
    dialog.locator("[data-field=role] select").select_option("sales")
    dialog.locator("[data-bulk-look]").click()
    expect(dialog.locator(".bulk-told")).to_have_text("2 条全部可以共享")
    dialog.locator("[data-bulk-go]").click()
    undo = page.locator(".toast-line button", has_text="撤销")
    expect(undo).to_be_visible()
    shares = site.house.services.shares
    ids = [row.id for row in held(site, mark)]
    given = [len(shares.shares_of(site.ctx, "customer", each)) for each in ids]
    assert given == [1, 0, 1]
    with page.expect_navigation():
        undo.click()

    expect(page.locator("tbody tr[data-id]")).to_have_count(3)
    assert not any(shares.shares_of(site.ctx, "customer", each) for each in ids)
