"""Lists as sheets: cells edited by keyboard and by paste, and taken back; views kept and shared."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from engine.doors import Edit
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery, Row
from tests.journeys.conftest import Opening, Site

pytestmark = pytest.mark.browser


def sheet(page: Page, site: Site, mark: str, more: str = "") -> None:
    """Open the list of customers of this test alone."""
    page.goto(
        site.url(f'/records/customer?view=all&filter=STARTSWITH(name, "{mark}")&sort=name{more}')
    )
    page.wait_for_selector("[data-sheet][data-ready]")


def customers(site: Site, count: int, **values: object) -> str:
    """Make customers; answer what their names begin with."""
    mark = f"G{uuid4().hex[:8]}"
    rows = [{"name": f"{mark} {number:02}", **values} for number in range(count)]
    site.house.writer.create(site.ctx, "customer", rows)
    return mark


def held(site: Site, mark: str) -> list[Row]:
    """The customers of a test as they are kept, in order."""
    typed = parse_filter(site.ctx, "customer", f'STARTSWITH(name, "{mark}")')
    query = ListQuery("customer", filter=typed, limit=500)
    found = site.house.reader.find(site.ctx, query)
    rows = list(found.rows)
    while found.next is not None:
        found = site.house.reader.find(site.ctx, replace(query, cursor=found.next))
        rows += found.rows
    return sorted(rows, key=lambda row: row.title)


def cell(page: Page, row: int, path: str) -> Locator:
    """A cell of the sheet by its row, from 0, and its column's path."""
    paths = page.locator("thead th").evaluate_all("all => all.map(each => each.dataset.path ?? '')")
    return (
        page.locator("tbody tr[data-id], tbody tr[data-new]")
        .nth(row)
        .locator("td")
        .nth(paths.index(path))
    )


def settled(page: Page) -> None:
    expect(page.locator(".is-saving")).to_have_count(0)


def test_cells_are_edited_by_keyboard_and_taken_back(opening: Opening, site: Site) -> None:
    """Enter, typing, Esc, Tab, Del, undo and redo (P-18, P-20)."""
    mark = customers(site, 3)
    page = opening("desk", "zh")
    sheet(page, site, mark)

    cell(page, 0, "name").click(position={"x": 150, "y": 8})
    page.keyboard.press("F2")
    page.keyboard.press("End")
    page.keyboard.type(" 改")
    page.keyboard.press("Enter")
    page.keyboard.type("thrown away")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.type(f"{mark} 99")
    page.keyboard.press("Tab")
    settled(page)

    assert [row.title for row in held(site, mark)] == [f"{mark} 00 改", f"{mark} 01", f"{mark} 99"]
    page.keyboard.press("Control+z")
    expect(page.locator(".toast-line", has_text="已撤销")).to_be_visible()
    assert [row.title for row in held(site, mark)][2] == f"{mark} 02"
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".toast-line", has_text="已重做")).to_be_visible()
    assert [row.title for row in held(site, mark)][2] == f"{mark} 99"


def test_an_input_method_composes_in_a_cell_without_saving_or_moving(
    opening: Opening, site: Site
) -> None:
    """Enter during composition belongs to the input method."""
    mark = customers(site, 2)
    page = opening("desk", "zh")
    sheet(page, site, mark)
    cell(page, 0, "name").click(position={"x": 150, "y": 8})

    client = page.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    client.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"},
    )
    catcher = page.locator(".grid-catcher.is-open")
    expect(catcher).to_be_focused()
    client.send("Input.insertText", {"text": "你好"})
    expect(catcher).to_have_value("你好")
    assert [row.title for row in held(site, mark)] == [f"{mark} 00", f"{mark} 01"]
    page.keyboard.press("Enter")
    settled(page)

    expect(cell(page, 0, "name")).to_contain_text("你好")


@pytest.mark.parametrize("many", [1_000, pytest.param(5_000, marks=pytest.mark.soak)])
def test_pasted_rows_are_made_and_those_with_errors_stay_to_be_mended(
    opening: Opening, site: Site, many: int
) -> None:
    """Three of the rows are refused: the others are saved, nothing typed is lost."""
    mark = customers(site, 2)
    page = opening("desk", "en")
    sheet(page, site, mark)
    names = [f"{mark} new {number:04}" for number in range(many)]
    wrong = {each: f"{each} {'x' * 400}" for each in (10, many // 2, many - 10)}
    names = [wrong.get(number, name) for number, name in enumerate(names)]
    lines = "\n".join([f"{mark} 00 pasted", f"{mark} 01 pasted", *names])

    cell(page, 0, "name").click(position={"x": 150, "y": 8})
    page.evaluate(PASTE, lines)
    told = page.locator("#grid-progress")
    expect(told).to_contain_text(f"{many - 1:,} rows saved, 3 not", timeout=60 * many)

    titles = [row.title for row in held(site, mark)]
    assert len(titles) == many - 1
    assert titles[0] == f"{mark} 00 pasted"
    refused = page.locator("td.is-wrong.is-cursor")
    for each in wrong.values():
        told.locator("button").click()
        expect(refused).to_have_text(each)
        expect(refused).to_have_attribute("title", re.compile("characters"))
    page.keyboard.type(f"{mark} mended")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("2 rows not saved yet")
    assert f"{mark} mended" in [row.title for row in held(site, mark)]


def test_a_paste_that_is_cut_off_is_sent_again_once_and_taken_back(
    opening: Opening, site: Site
) -> None:
    """A part was taken and its answer was lost: nothing is made twice, nothing is left out."""
    mark = customers(site, 1)
    page = opening("desk", "zh")
    sheet(page, site, mark)
    sent: list[str] = []

    def cut_off(route: Route) -> None:
        sent.append(route.request.method)
        if len(sent) == 2:
            route.fetch()
            return route.abort()
        return route.fallback()

    page.route("**/records/customer/grid?*", cut_off)
    names = [f"{mark} 00 改", *(f"{mark} new {number:04}" for number in range(449))]
    cell(page, 0, "name").click(position={"x": 150, "y": 8})
    page.evaluate(PASTE, "\n".join(names))

    told = page.locator("#grid-progress")
    expect(told).to_contain_text("服务器没有响应")
    assert len(held(site, mark)) == 400
    told.locator("button").click()
    expect(page.locator(".toast-line", has_text="已保存 450 行")).to_be_visible()
    assert [row.title for row in held(site, mark)] == sorted(names)
    page.keyboard.press("Control+z")
    expect(page.locator(".toast-line", has_text="已撤销")).to_be_visible()
    assert [row.title for row in held(site, mark)] == [f"{mark} 00"]
    expect(page.locator("tbody tr[data-id]")).to_have_count(1)


PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  const event = new ClipboardEvent("paste", how);
  document.querySelector(".grid-catcher").dispatchEvent(event);
}"""


def test_what_somebody_else_changed_since_is_not_undone(opening: Opening, site: Site) -> None:
    mark = customers(site, 1)
    page = opening("desk", "en")
    sheet(page, site, mark)
    cell(page, 0, "name").click(position={"x": 150, "y": 8})
    page.keyboard.type(f"{mark} mine")
    page.keyboard.press("Enter")
    settled(page)
    theirs = Edit(held(site, mark)[0].id, {"name": f"{mark} theirs"})
    site.house.writer.update(site.ctx, "customer", [theirs])

    page.keyboard.press("Control+z")

    expect(page.locator(".toast-line", has_text="changed by somebody since")).to_be_visible()
    assert held(site, mark)[0].title == f"{mark} theirs"


def test_choices_are_filled_down_copied_and_cleared(opening: Opening, site: Site) -> None:
    mark = customers(site, 3)
    page = opening("desk", "en")
    sheet(page, site, mark)
    field, options = choice_column(page, site)

    cell(page, 0, field).click()
    page.keyboard.press("Enter")
    page.locator(".grid-open select").select_option(options[1])
    settled(page)
    cell(page, 0, field).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    expect(page.locator(".toast-line", has_text="2 rows saved")).to_be_visible()
    assert {row.values[field] for row in held(site, mark)} == {options[1]}
    cell(page, 2, field).click()
    page.keyboard.press("Delete")
    settled(page)

    assert held(site, mark)[2].values[field] is None


def choice_column(page: Page, site: Site) -> tuple[str, list[str]]:
    """A column of the sheet whose values are chosen and may be blank, and its codes."""
    heads = page.locator("thead th[data-type=choice][data-field]")
    names = heads.evaluate_all("all => all.map(each => each.dataset.field)")
    fields = [site.ctx.model.entities["customer"].fields[name] for name in names]
    field = next(each for each in fields if not each.required)
    return field.name, [option.name for option in field.options.values() if option.active]


def test_a_view_is_arranged_kept_shared_and_locked(opening: Opening, site: Site) -> None:
    """P-20: changed for oneself, saved as a new one, shared and locked."""
    mark = customers(site, 2)
    page = opening("desk", "zh")
    sheet(page, site, mark)
    first = page.locator("thead th[data-path]").nth(1)
    path = first.get_attribute("data-path") or ""

    first.hover()
    first.locator("[data-head]").click()
    page.locator(".head-menu [data-do=hide]").click()
    expect(page.locator(f"thead th[data-path='{path}']")).to_have_count(0)
    page.locator(".view-tools summary").click()
    page.locator("[data-view-dialog]").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#view-name").fill(f"重点客户 {mark}")
    dialog.locator("#view-sharing").select_option("everyone")
    dialog.locator("[data-field=locked] input").check()
    dialog.locator(".btn-primary").click()
    page.wait_for_url(re.compile(r"view=[0-9a-f-]{36}"))
    address = page.url
    expect(page.locator(".view-tabs a[aria-current]")).to_have_text(f"重点客户 {mark}")
    expect(page.locator("tbody tr[data-id]")).to_have_count(2)

    other = (
        opening("desk", "en", ("sales_manager",))
        if "sales_manager" in site.ctx.model.roles
        else opening("desk", "en")
    )
    other.goto(address)
    expect(other.locator(f"thead th[data-path='{path}']")).to_have_count(0)
    expect(other.locator("[data-save-view]")).to_have_count(
        0 if "sales_manager" in site.ctx.model.roles else 1
    )


def test_a_list_is_grouped_totalled_and_coloured(opening: Opening, site: Site) -> None:
    """Groups fold with counts and totals, a rule colours rows; kept for the person alone."""
    mark = customers(site, 3)
    page = opening("desk", "en")
    sheet(page, site, mark)
    field, options = choice_column(page, site)
    first = Edit(held(site, mark)[0].id, {field: options[0]})
    site.house.writer.update(site.ctx, "customer", [first])

    page.locator(".view-tools summary").click()
    page.locator("[data-open=colors]").click()
    page.locator("[data-rule-add]").click()
    rule = page.locator("[data-rule]")
    rule.locator("[data-rule-color]").select_option("red")
    rule.locator("[data-part=field]").select_option("name")
    rule.locator("[data-part=operator]").select_option("contains")
    rule.locator("[data-part=value] input").fill("02")
    page.locator("[data-rule-save]").click()
    expect(page.locator("tr.tone-red")).to_have_count(1)
    expect(page.locator("tr.tone-red")).to_contain_text(f"{mark} 02")

    page.locator(".view-tools summary").click()
    page.locator("[data-group-by='0']").select_option(field)
    groups = page.locator("[data-group]")
    expect(groups).to_have_count(2)
    expect(groups.locator(".pill")).to_have_text(["1", "2"])
    groups.nth(1).click()
    expect(page.locator("tbody tr[data-id]")).to_have_count(2)
    groups.nth(1).click()
    expect(page.locator("tbody tr[data-id]")).to_have_count(0)
    page.locator(".view-tools summary").click()
    page.locator("[data-reset-view]").click()
    expect(page.locator(".group-line")).to_have_count(0)


def test_a_list_of_cards_on_a_phone_opens_records_and_filters(opening: Opening, site: Site) -> None:
    mark = customers(site, 2)
    page = opening("phone", "en")
    page.goto(site.url(f'/records/customer?view=all&filter=STARTSWITH(name, "{mark}")'))

    expect(page.locator(".filter-said")).to_contain_text(f"starts with “{mark}”")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("tbody tr[data-id]").first.click(position={"x": 20, "y": 60})

    page.wait_for_url(re.compile(r"/records/customer/[0-9a-f-]{36}"))
