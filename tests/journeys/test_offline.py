"""Without a connection: what was opened is read, something new is sent later (P-14, T-01)."""

from __future__ import annotations

import json
import re
from uuid import uuid4

from playwright.sync_api import Page, expect

from engine.query.spec import ListQuery
from tests.journeys import entering
from tests.journeys.conftest import Opening, Site

READY = """async () => {
  const ready = await navigator.serviceWorker.ready;
  let kept = [];
  for (let turn = 0; turn < 400; turn++) {
    // Opened each time: the worker begins another one for another person.
    const pages = await caches.open("joinery.pages.1");
    kept = (await pages.keys()).map((each) => new URL(each.url).pathname);
    const has = (end) => kept.some((each) => each.endsWith(end));
    const picks = Object.keys(localStorage).some((each) => each.endsWith("/pick/lead/channel"));
    if (has("/waiting") && has("/lead/new") && picks) return ready.active.state;
    await new Promise((done) => setTimeout(done, 100));
  }
  return JSON.stringify([kept, Object.keys(localStorage)]);
}"""

KEPT = """async () => (await (await caches.open("joinery.pages.1")).keys()).length"""


SHOWN_ALL = """async () => {
  const ready = await navigator.serviceWorker.ready;
  return (await ready.getNotifications()).map((each) => [each.title, each.body, each.data]);
}"""

ASK_FOR_MORE = """(address) => navigator.serviceWorker.ready.then(({ active }) => {
  const asked = [...Array(12).keys()].map((at) => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    active.postMessage({ keep: [address + at] }, [port2]);
  }));
  window.answered = Promise.all(asked).then(() => true);
})"""
"""Has the worker keep a dozen pages, which are on their way for a while."""


def ready(page: Page, site: Site) -> None:
    """Wait until the browser keeps what is needed without a connection."""
    entering.provide(site, "channel")
    page.goto(site.url("/records/customer"))
    assert page.evaluate(READY) in ("activated", "activating")


def test_what_was_opened_is_read_and_a_lead_is_sent_later(opening: Opening, site: Site) -> None:
    page = opening("phone", "zh")
    ready(page, site)
    name = f"离线线索 {uuid4().hex[:6]}"
    page.goto(site.url("/records/lead?view=all"))

    page.context.set_offline(True)
    page.goto(site.url("/records/lead?view=all"))
    expect(page.locator(".offline-bar")).to_contain_text("离线：显示的是")
    page.locator(".phone-new").click()
    page.locator("[data-create-input]").fill("xs")
    page.locator("[data-create-list] .palette-line", has_text="线索").first.click()
    page.wait_for_selector("[data-form][data-ready]")
    fill_lead(page, name, mobile="13800138000")
    page.locator("[data-save-button]").click()
    page.locator("button[data-keep-unsent]").click()
    expect(page.locator(".waiting-line")).to_contain_text("待发送")
    assert leads(site, name) == 0

    page.context.set_offline(False)
    expect(page.locator(".toast-line")).to_contain_text("已发送")
    expect(page.locator("[data-waiting-none]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-waiting-none]")).to_be_visible()
    assert leads(site, name) == 1


def test_what_the_server_does_not_take_waits_with_its_reason(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    ready(page, site)
    name = f"Refused {uuid4().hex[:6]}"
    page.context.set_offline(True)
    page.goto(site.url("/records/lead/new?form=quick_create"))
    page.wait_for_selector("[data-form][data-ready]")
    fill_lead(page, name, email="not an address")
    page.locator("[data-save-button]").click()
    page.locator("button[data-keep-unsent]").click()
    expect(page.locator(".waiting-line")).to_be_visible()

    page.context.set_offline(False)
    page.goto(site.url("/waiting"))
    line = page.locator(".waiting-line")
    expect(line).to_contain_text("Not taken")
    expect(line).to_contain_text("not an e-mail address")
    line.get_by_role("button", name="Open and mend").click()
    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator("[data-field=company] [data-input]")).to_have_value(name)
    page.locator("[data-field=email] [data-input]").fill("right@example.com")
    page.locator("[data-save-button]").click()
    page.wait_for_url(re.compile(r"/records/lead/[0-9a-f-]{36}"))

    page.goto(site.url("/waiting"))
    expect(page.locator("[data-waiting-none]")).to_be_visible()
    assert leads(site, name) == 1


def test_who_signs_out_takes_what_they_opened_from_the_device(opening: Opening, site: Site) -> None:
    page = opening("desk", "en")
    ready(page, site)
    assert page.evaluate(KEPT) > 1
    beside = page.context.new_page()
    beside.goto(site.url("/waiting"))

    page.locator(".side .person summary").click()
    beside.evaluate(ASK_FOR_MORE, site.url("/records/lead?page="))
    page.locator(".side [data-sign-out] button").click()
    page.wait_for_url(re.compile("/sign-in"))

    beside.evaluate("window.answered")
    assert page.evaluate(KEPT) == 0
    page.context.set_offline(True)
    page.goto(site.url("/records/customer"))
    expect(page.locator("body")).to_contain_text("was not opened on this device")


def test_what_is_told_while_the_app_is_closed_comes_up_and_is_shown_once(
    opening: Opening, site: Site
) -> None:
    page = opening("desk", "zh")
    page.context.grant_permissions(["notifications"], origin=site.address)
    ready(page, site)
    said = {"title": "李雷 提到了你", "body": "请跟进", "url": f"/{site.name}/inbox", "tag": "one"}
    devtools = page.context.new_cdp_session(page)
    registered: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registered.extend(
            each["registrationId"] for each in event["registrations"] if not each["isDeleted"]
        ),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")

    for _ in range(2):
        devtools.send("ServiceWorker.deliverPushMessage", {
            "origin": site.address, "registrationId": registered[-1], "data": json.dumps(said),
        })  # fmt: skip

    # The second takes the place of the first: for a moment there may be none.
    once = [[said["title"], said["body"], said["url"]]]
    same = f"async (once) => JSON.stringify(await ({SHOWN_ALL})()) === JSON.stringify(once)"
    page.wait_for_function(same, arg=once)
    page.goto(site.url("/preferences"))
    expect(page.locator("[data-push-here]")).to_be_enabled()


def test_inside_another_app_nothing_is_registered_and_everything_works(
    opening: Opening, site: Site
) -> None:
    page = opening("phone", "zh")
    agent = "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile MicroMessenger/8.0.50"
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        user_agent=agent, storage_state=page.context.storage_state(), viewport=page.viewport_size
    )
    inside = context.new_page()

    inside.goto(site.url("/records/customer"))
    inside.wait_for_load_state("networkidle")
    registered = inside.evaluate(
        "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
    )
    inside.locator(".phone-new").click()

    expect(inside.locator("[data-create-input]")).to_be_focused()
    assert registered == 0
    context.close()


def fill_lead(page: Page, name: str, **more: str) -> None:
    for field, text in {"company": name, "contact_name": "Li Wei", **more}.items():
        page.locator(f".field[data-field={field}] [data-input]").fill(text)
    # Without a connection a field offers what the browser knows.
    page.locator(".field[data-field=channel] [data-picker-text]").click()
    page.locator(".picker-line").first.click()


def leads(site: Site, name: str) -> int:
    """How many leads of this name there are."""
    found = site.house.reader.find(site.ctx, ListQuery("lead", search=name, limit=5))
    return len(found.rows)
