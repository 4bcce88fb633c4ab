"""A contract is submitted at the desk, handed on and approved on a phone, seen by its author."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from engine.doors import Edit
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from tests.journeys.conftest import Opening, Site
from tests.journeys.steps import pick
from tests.journeys.test_accessible import findings

pytestmark = pytest.mark.browser


def known_as(page: Page, site: Site, name: str) -> UUID:
    """Give whoever is signed in at a page a name; return their row of `user`."""
    email = page.locator("[data-shell]").get_attribute("data-person") or ""
    wanted = ListQuery("user", filter=parse_filter(site.ctx, "user", f'email == "{email}"'))
    user = site.house.reader.find(site.ctx, wanted).rows[0].id
    site.house.writer.update(site.ctx, "user", [Edit(user, {"name": name})])
    return user


def decide(page: Page, act: str, comment: str = "") -> None:
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    if comment:
        dialog.locator("[name=comment]").fill(comment)
    dialog.locator("button[type=submit]").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".toast-line").first).to_be_visible(), act


def contract_of(site: Site, seller: UUID, mark: str) -> UUID:
    """Make a contract of somebody's."""
    write, owned = site.house.writer, {"owner": str(seller)}
    customer = write.create(site.ctx, "customer", [{"name": f"泵业 {mark}", **owned}]).ids[0]
    paper = {"name": f"合同 {mark}", "customer": str(customer), "amount": "5000", **owned}
    return write.create(site.ctx, "contract", [paper]).ids[0]


def put_to(page: Page, name: str) -> None:
    """Say something to an approval with a file that is still on its way when it is sent."""
    page.locator(".approval.is-mine .drop-menu summary").click()
    page.locator("[data-dialog$='/comment']").click()
    dialog, held = page.locator("dialog[open]"), list[Route]()
    dialog.locator(".approval-files summary").click()
    page.route("**/files", lambda route: held.append(route))
    file = {"name": name, "mimeType": "text/plain", "buffer": b"5000"}
    dialog.locator("input[type=file]").set_input_files([file])
    expect(dialog.locator(".file-list")).to_contain_text(name)
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator("button[aria-busy]")).to_be_visible()
    held[0].continue_()
    page.unroute("**/files")
    expect(page.locator(".approval-log .file-mark")).to_contain_text(name)


def test_a_contract_is_submitted_handed_on_and_approved(opening: Opening, site: Site) -> None:
    """Requirement A-07."""
    mark = uuid4().hex[:6]
    desk = opening("desk", "zh", ("sales",))
    phone, other = opening("phone", "en", ("sales_manager",)), opening("phone", "zh", ("finance",))
    seller, boss = known_as(desk, site, f"Li {mark}"), known_as(phone, site, f"Bo {mark}")
    known_as(other, site, f"Wu {mark}")
    site.house.writer.update(site.ctx, "user", [Edit(seller, {"manager": str(boss)})])
    contract = contract_of(site, seller, mark)

    desk.goto(site.url(f"/records/contract/{contract}"))
    desk.locator("[data-dialog*='/approvals/']").click()
    expect(desk.locator("dialog[open] .approval-map")).to_contain_text(f"Bo {mark}")
    decide(desk, "submit", "请尽快")
    expect(desk.locator(".approval")).to_contain_text(f"Bo {mark}")

    phone.goto(site.url("/inbox?show=approve"))
    phone.locator(".inbox-case", has_text=mark).locator(".inbox-line").click()
    bar = phone.locator(".approval.is-mine")
    expect(bar).to_contain_text("请尽快")
    bar.locator(".drop-menu summary").click()
    bar.locator("[data-dialog$='/transfer']").click()
    pick(phone, "dialog[open] .field[data-field=to]", f"Wu {mark}", f"Wu {mark}")
    decide(phone, "transfer", "please look")
    expect(phone.locator(".approval.is-mine")).to_have_count(0)

    other.goto(site.url("/inbox?show=approve"))
    line = other.locator(".inbox-case", has_text=mark)
    line.locator(".inbox-line").click()
    put_to(other, f"sheet-{mark}.txt")
    other.goto(site.url("/inbox?show=approve"))
    # By the keyboard alone: the line is reached by Tab, its buttons are the next stops.
    line.locator("[data-dialog$='/approve']").focus()
    other.keyboard.press("Enter")
    expect(other.locator("dialog[open]")).to_be_visible()
    other.keyboard.press("Enter")
    expect(other.locator(".inbox-case", has_text=mark)).to_have_count(0)

    desk.reload()
    expect(desk.locator(".approval .mark.tone-green")).to_be_visible()
    expect(desk.locator(".stage.is-current")).to_contain_text("签署")
    desk.goto(site.url("/inbox?show=requests"))
    expect(desk.locator(".inbox-case", has_text=mark)).to_contain_text("已通过")


def test_what_an_approval_shows_keeps_the_guidelines(opening: Opening, site: Site) -> None:
    """P-24: lists, map and dialogs of an approval under way, at the desk and on a phone."""
    mark = uuid4().hex[:6]
    desk, phone = opening("desk", "zh", ("sales",)), opening("phone", "en", ("sales_manager",))
    seller, boss = known_as(desk, site, f"Li {mark}"), known_as(phone, site, f"Bo {mark}")
    site.house.writer.update(site.ctx, "user", [Edit(seller, {"manager": str(boss)})])
    contract = contract_of(site, seller, mark)
    found = []

    desk.goto(site.url(f"/records/contract/{contract}"))
    desk.locator("[data-dialog*='/approvals/']").click()
    expect(desk.locator("dialog[open] .approval-map")).to_be_visible()
    found += findings(desk, "dialog[open]")
    decide(desk, "submit", "请尽快")
    expect(desk.locator(".approval")).to_contain_text(f"Bo {mark}")
    found += findings(desk)
    phone.goto(site.url("/inbox?show=approve"))
    line = phone.locator(".inbox-case", has_text=mark)
    expect(line).to_contain_text("5,000.00")
    found += findings(phone)
    line.locator(".inbox-line").click()
    for act in ("approve", "return", "transfer"):
        if act != "approve":
            phone.locator(".approval.is-mine .drop-menu summary").click()
        phone.locator(f".approval.is-mine [data-dialog$='/{act}']").click()
        expect(phone.locator("dialog[open] form")).to_be_visible()
        found += findings(phone, "dialog[open]")
        phone.locator("dialog[open] [data-close]").first.click()
        expect(phone.locator("dialog[open]")).to_have_count(0)

    assert found == []
