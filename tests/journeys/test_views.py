"""Records drawn as boards, calendars, timelines, galleries, maps, pivots, and beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site, daily
from tests.journeys.test_accessible import findings

HERE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def deal(site: Site) -> Iterator[str]:
    """An opportunity of its own, at the beginning of its way."""
    name = f"Viewed {uuid4().hex[:8]}"
    customer = site.house.writer.create(site.ctx, "customer", [{"name": name}]).ids[0]
    values = {"name": "Seen from all sides", "customer": str(customer), "amount": "1200"}
    record = site.house.writer.create(site.ctx, "opportunity", [values]).ids[0]
    yield str(record)
    site.house.writer.delete(site.ctx, "opportunity", [record])


def ready(page: Page, part: str) -> None:
    expect(page.locator(f"{part}[data-ready]")).to_be_visible()


def stage_of(site: Site, record: str) -> str:
    query = ListQuery("opportunity", limit=500)
    rows = site.house.reader.find(site.ctx, query).rows
    return str(next(row for row in rows if str(row.id) == record).values["stage"])


@daily("phone", "en")
def test_a_card_is_sent_on_by_its_menu_and_taken_back(
    opening: Opening, site: Site, deal: str, size: str, language: str
) -> None:
    page = opening(size, language)
    page.goto(site.url("/records/opportunity?view=board"))
    ready(page, "[data-board]")
    first = stage_of(site, deal)

    page.locator(f"[data-card='{deal}']").hover()
    page.locator(f"[data-card='{deal}'] [data-mover]").click()
    page.locator(".lane-menu .lane-choice").first.click()
    dialog = page.locator("[data-move-dialog]")
    toast = page.locator(".toast-line button")
    expect(dialog.or_(toast).first).to_be_visible()
    if dialog.count():
        for day in dialog.locator("input[type=date]").all():
            day.fill("2027-01-31")
        dialog.locator(".btn-primary").click()
    expect(toast).to_be_visible()
    there = stage_of(site, deal)
    toast.click()

    expect(page.locator(f"[data-stage='{first}'] [data-card='{deal}']")).to_have_count(1)
    assert there != first
    expect(page.locator(".toast-line button")).to_be_visible()
    assert stage_of(site, deal) == first


def test_a_lane_is_folded_and_a_card_added_below_it(room: Opening, site: Site) -> None:
    page = room("desk", "en")
    page.goto(site.url("/records/memo?view=all"))
    page.goto(site.url("/records/expense?view=board"))
    ready(page, "[data-board]")

    lane = page.locator("[data-stage]").nth(1)
    name = lane.get_attribute("data-stage")
    lane.locator("[data-fold]").click()
    page.reload()

    expect(page.locator(f"[data-stage='{name}']")).to_have_class(re.compile("is-folded"))
    page.locator(f"[data-stage='{name}'] [data-fold]").click()
    expect(page.locator(f"[data-stage='{name}']")).not_to_have_class(re.compile("is-folded"))


def meeting(site: Site, name: str, organizer: str, **more: str) -> str:
    """Make a meeting today from ten to eleven, in the office's zone."""
    at = datetime.now(HERE).replace(hour=10, minute=0, second=0, microsecond=0)
    values = {
        "title": name,
        "start": at.isoformat(),
        "end": (at + timedelta(hours=1)).isoformat(),
        "organizer": organizer,
        **more,
    }
    return str(site.house.writer.create(site.ctx, "calendar_event", [values]).ids[0])


def test_one_time_of_a_meeting_that_repeats_is_moved_and_called_off_on_a_phone(
    opening: Opening, site: Site
) -> None:
    """T-09."""
    page = opening("phone", "zh")
    record = meeting(site, "Every day", organizer(page, site), repeat="FREQ=DAILY;COUNT=3")
    page.goto(site.url("/calendar?leaf=day"))
    ready(page, "[data-calendar]")

    page.locator(f"[data-standing='{record}']").click()
    dialog = page.locator("#series")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("仅这一次")
    start = dialog.locator("[name=start]")
    start.fill(start.input_value()[:11] + "14:00")
    dialog.locator("[type=submit]").click()
    expect(dialog).not_to_be_visible()
    expect(page.locator(".cal-event", has_text="Every day")).to_contain_text("14:00")

    first, _ = when(site, record)
    assert first.astimezone(HERE).date() == datetime.now(HERE).date() + timedelta(days=1)
    page.locator(".toast-line button").click()
    expect(page.locator(f"[data-standing='{record}']")).to_contain_text("10:00")
    page.locator(f"[data-standing='{record}']").press("Enter")
    dialog.locator("[name=which][value=following]").check()
    dialog.locator("[data-series-off]").click()
    expect(page.locator(".cal-event", has_text="Every day")).to_have_count(0)


def when(site: Site, record: str) -> tuple[datetime, datetime]:
    query = ListQuery("calendar_event", limit=500)
    row = next(r for r in site.house.reader.find(site.ctx, query).rows if str(r.id) == record)
    start, end = row.values["start"], row.values["end"]
    assert isinstance(start, datetime) and isinstance(end, datetime)
    return start, end


def organizer(page: Page, site: Site) -> str:
    email = page.locator("[data-shell]").get_attribute("data-person")
    rows = site.house.reader.find(site.ctx, ListQuery("user", limit=500)).rows
    return next(str(row.id) for row in rows if row.values["email"] == email)


SHIFTED = """() => {
  window.shifted = 0;
  const added = (list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
  };
  new PerformanceObserver(added).observe({ type: "layout-shift", buffered: true });
}"""
"""Adds up how far what stood on a page was moved by what came to it later."""


@daily("phone", "en")
def test_a_crowded_calendar_stands_still_while_it_comes_and_can_be_pressed(
    opening: Opening, site: Site, size: str, language: str
) -> None:
    page = opening(size, language)
    mine = organizer(page, site)
    at = datetime.now(HERE).replace(hour=10) + timedelta(days=28)
    times = {"start": at.isoformat(), "end": (at + timedelta(hours=1)).isoformat()}
    for number in range(9):
        whole = {"all_day": "true"} if number > 6 else {}
        meeting(site, f"At once {number}", mine, **times, **whole)
    page.add_init_script(f"({SHIFTED})()")
    # A week on a phone has days narrower than two fingers: there it is looked at by the day.
    leaf = "week" if size == "desk" else "day"
    page.goto(site.url(f"/records/calendar_event?view=calendar&leaf={leaf}&day={at.date()}"))
    ready(page, "[data-calendar][data-drawn]")
    expect(page.locator("[data-standing]").first).to_be_visible()

    assert page.evaluate("window.shifted") < 0.05
    boxes = [each.bounding_box() for each in page.locator(".fc-event, [data-standing]").all()]
    assert all(box and min(box["width"], box["height"]) >= 24 for box in boxes), boxes
    assert findings(page, "[data-calendar]") == []


def test_a_meeting_is_dragged_to_another_hour_and_back(opening: Opening, site: Site) -> None:
    page = opening("desk", "zh")
    record = meeting(site, "Dragged about", organizer(page, site))
    before = when(site, record)
    page.goto(site.url("/records/calendar_event?view=calendar&leaf=day"))
    ready(page, "[data-calendar]")

    box = page.locator(f"[data-standing='{record}']").bounding_box()
    slot = page.locator(f"[data-standing='{record}']")
    assert box is not None
    slot.scroll_into_view_if_needed()
    page.mouse.move(box["x"] + 30, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 40, steps=4)
    page.mouse.move(box["x"] + 30, box["y"] + 12 + box["height"], steps=6)
    page.mouse.up()
    undo = page.locator(".toast-line button")
    expect(undo).to_be_visible()
    there = when(site, record)
    undo.click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)

    assert there == (before[0] + timedelta(hours=1), before[1] + timedelta(hours=1))
    expect(page.locator(f"[data-standing='{record}']")).to_contain_text("10:00")
    assert when(site, record) == before


def test_a_meeting_is_moved_by_keys_on_a_phone_too(opening: Opening, site: Site) -> None:
    page = opening("phone", "en")
    record = meeting(site, "Moved by keys", organizer(page, site))
    before = when(site, record)
    page.goto(site.url("/calendar"))
    ready(page, "[data-calendar]")

    expect(page.locator("[data-leaf=agenda]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-leaf=day]").click()
    page.locator(f"[data-standing='{record}']").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".toast-line button")).to_be_visible()

    assert when(site, record)[0] == before[0] + timedelta(minutes=30)


def test_colleagues_are_laid_over_and_free_time_is_found(opening: Opening, site: Site) -> None:
    page = opening("desk", "en", ("sales",))
    other = opening("desk", "en", ("sales",))
    meeting(site, "Not yours to know", organizer(other, site))
    mine = organizer(page, site)
    page.goto(site.url("/calendar"))
    ready(page, "[data-calendar]")

    page.locator("[data-people] summary").click()
    page.locator(f"[data-person][value='{organizer(other, site)}']").check()
    expect(page.locator("[data-people-count]")).to_have_text("2")
    page.locator("[data-open=free-time]").click()
    page.locator("[data-free] [type=submit]").click()
    page.locator("[data-free-slots] button").first.click()
    page.wait_for_selector("[data-form][data-ready]")

    assert mine
    expect(page.locator(".field[data-field=start] [data-input]")).to_have_value(
        re.compile(r"T\d\d:\d\d")
    )


def test_a_contract_is_moved_along_its_timeline(room: Opening, site: Site) -> None:
    customer = site.house.writer.create(site.ctx, "customer", [{"name": "Long Ltd"}]).ids[0]
    first = datetime.now(HERE).date().replace(day=5)
    last = first + timedelta(days=9)
    values = {
        "name": "Timed", "customer": str(customer), "amount": "100",
        "start_date": first.isoformat(), "end_date": last.isoformat(),
    }  # fmt: skip
    record = site.house.writer.create(site.ctx, "contract", [values]).ids[0]
    page = room("desk", "en")
    page.goto(site.url("/records/contract?view=time"))
    ready(page, "[data-calendar=timeline]")

    bar = page.locator(f"[data-standing='{record}']")
    bar.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".toast-line button")).to_be_visible()

    rows = site.house.reader.find(site.ctx, ListQuery("contract", limit=500)).rows
    moved = next(row for row in rows if row.id == record)
    assert moved.values["start_date"] == first + timedelta(days=1)
    assert moved.values["end_date"] == last + timedelta(days=1)


@daily("desk", "zh")
def test_maps_galleries_and_pivots_lead_to_records(
    room: Opening, site: Site, size: str, language: str
) -> None:
    values = {"name": f"Mapped {size}", "province": "广东省"}
    site.house.writer.create(site.ctx, "customer", [values])
    page = room(size, language)

    page.goto(site.url("/records/customer?view=provinces"))
    ready(page, "[data-map]")
    page.locator("[data-region='广东省']").click()

    expect(page.locator("main")).to_contain_text(f"Mapped {size}")
    page.goto(site.url("/records/opportunity?view=across"))
    expect(page.locator(".pivot")).to_be_visible()
    page.goto(site.url("/records/product?view=pictures"))
    expect(page.locator(".page-gallery")).to_be_visible()


def test_arrow_keys_lead_through_a_split_view(room: Opening, site: Site) -> None:
    customer = site.house.writer.create(site.ctx, "customer", [{"name": "Helped Ltd"}]).ids[0]
    for name in ("First call", "Second call"):
        values = {"subject": name, "customer": str(customer)}
        site.house.writer.create(site.ctx, "ticket", [values])
    page = room("desk", "en")
    page.goto(site.url("/records/ticket?view=desk"))
    pane = page.locator("[data-split-pane]")
    expect(pane.locator("[data-record]")).to_be_visible()

    first = pane.locator("h1").inner_text()
    page.locator("[data-split-link]").first.focus()
    page.keyboard.press("ArrowDown")

    expect(pane.locator("h1")).not_to_have_text(first)
    expect(page.locator("[data-split-link][aria-current=true]")).to_be_focused()
