"""The demo tenant: its desks as somebody finds them, and three whole days at work there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdfium2 import PdfDocument

from boot.demo import PERSONS
from engine.exchange.importing import TASK
from engine.query.parse import parse_filter
from engine.query.spec import LinkValue, ListQuery, Row
from tests.attending import work
from tests.browsers import Chromium
from tests.journeys.conftest import Arriving, Site, arrivals
from tests.journeys.steps import compose, convert, move, pick, record_id, save
from tests.journeys.test_importing import at
from tests.journeys.test_lines import PASTE

pytestmark = pytest.mark.browser

EACH_DAY = pytest.mark.parametrize(
    ("size", "language"),
    [
        ("phone", "zh"),
        pytest.param("desk", "zh", marks=pytest.mark.soak),
        pytest.param("desk", "en", marks=pytest.mark.thorough),
        pytest.param("phone", "en", marks=pytest.mark.soak),
    ],
)

FAIR = (
    "公司名称,联系人姓名,手机,来源渠道,需求描述\n"
    "{mark}泵业,王强,{first},行业展会,液压站 2 台\n"
    "{mark}机械,李丽,{second},行业展会,备件询价\n"
    "{mark}设备,,{second},行业展会,\n"
)
"""Two leads of a fair, and a third that nobody is named for."""

BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => `${each.tagName} ${each.className}`)"""
"""What makes a page wider than its window."""

KNOWN = "not ISBLANK(customer.primary_contact.mobile) and ISBLANK(customer.source_lead)"
"""A machine whose owner has a number that belongs to nobody else, not even to a lead."""

CHOOSE = """(input, day) => {
  input.value = day;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}"""
"""What a browser's own calendar does when a day is chosen in it."""

LINES = "PC-16\t\t\t3\t1,999.99\t5%\nS-12\t\t\t7\t128.55\t\nB-6205\t\t\t1\t0.33\t50%"

AMOUNTS = ["5,699.97", "899.85", "0.17"]

FIGURES = (*AMOUNTS, "6,599.99", "7,457.99")


@pytest.fixture
def arriving(demo_site: Site, chromium: Chromium) -> Iterator[Arriving]:
    with arrivals(demo_site, chromium) as arrive:
        yield arrive


def come(arriving: Arriving, size: str, language: str, key: str) -> Page:
    """Sign one of the demo's persons in."""
    person = next(each for each in PERSONS if each.key == key)
    return arriving(size, language, person.email, person.password)


def day(site: Site, later: int = 0) -> str:
    """A day so much later than today, as forms are given it."""
    return (site.ctx.moment.today + timedelta(days=later)).isoformat()


def fits(page: Page) -> None:
    """Nothing of a page lies beyond the edge of the window."""
    wide = page.evaluate(BEYOND)
    assert wide == []


def take_in(page: Page, site: Site, mark: str, file: Path) -> None:
    """Lead a file of leads through the import, from the list of leads."""
    first, second = (f"137{str(uuid4().int)[:8]}" for _ in range(2))
    file.write_text(FAIR.format(mark=mark, first=first, second=second), "utf-8")
    page.goto(site.url("/records/lead?view=mine"))
    page.locator(".drop-menu:has(a[href$='/import']) summary").click()
    page.locator(".drop-lines a[href$='/import']").click()
    page.locator("[data-import-file]").set_input_files(file)
    at(page, "columns")
    expect(page.locator("[data-import-column=来源渠道]")).to_have_value("channel")
    page.locator("[data-import-next]").click()
    at(page, "known")
    page.locator("[data-import-next]").click()
    at(page, "run")
    expect(page.locator(".import-figures dd").first).to_have_text("2")
    fits(page)
    page.locator("[data-import-begin]").click()
    page.wait_for_url(re.compile(r"/records/lead/import/[0-9a-f-]{36}$"))
    work(site.house, TASK)
    expect(page.locator("[data-import-undo]")).to_be_visible()
    page.locator("[data-imported]").click()
    expect(page.locator("tr[data-href], .card-row")).to_have_count(2)


def whole(page: Page) -> None:
    """Have a record that opened beside its list on a page of its own."""
    page.wait_for_selector("[data-record]")
    beside = page.locator("[data-drawer=fullPage]")
    if beside.count():
        page.wait_for_selector(".drawer:not([aria-busy]) [data-record]")
        beside.click()
        expect(page.locator(".drawer")).to_have_count(0)


def claim(page: Page, mark: str) -> None:
    """Open one of the leads that came in and take it on."""
    page.locator(".row-link", has_text=f"{mark}泵业").first.click()
    whole(page)
    move(page, "assigned")


def follow_up(page: Page, mark: str, words: str) -> None:
    """Note a talk about the lead that is open: the form knows which."""
    page.locator("[data-create]:visible").first.click()
    page.locator("[data-create-input]").fill(
        "跟进" if page.locator("html[lang^=zh]").count() else "Follow"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("#create [data-form][data-ready]")
    of = page.locator("#create .field[data-field=lead] [data-picker-text]")
    expect(of).to_have_value(re.compile(mark))
    page.locator("#create .field[data-field=content] [data-input]").fill(words)
    page.locator("#create [data-save-button]").click()
    expect(page.locator("#create")).not_to_have_attribute("open", "")


def related(page: Page, tab: str, entity: str) -> None:
    """Go to the first related record of a kind, over the tab that lists it."""
    page.locator(f"#tab-{tab}").click()
    page.locator(f"#panel-{tab} tr[data-href*='/{entity}/'] .row-link").first.click()
    page.wait_for_url(re.compile(f"/records/{entity}/"))
    whole(page)


def write_quote(page: Page) -> str:
    """Type a quote with an input method, paste its lines, and save it."""
    edit(page)
    compose(page, ".field[data-field=payment_terms] [data-input]", "yuejie", "月结 30 天")
    page.locator(".field[data-field=tax_rate] [data-input]").fill("13")
    page.locator("[data-add-row]").click()
    page.locator("[data-row] td[data-field=product] [data-picker-text]").evaluate(PASTE, LINES)
    expect(page.locator("[data-rows] [data-live=amount]")).to_have_text(AMOUNTS)
    expect(page.locator(".field [data-live=subtotal]")).to_have_text("6,599.99")
    expect(page.locator(".field [data-live=total]")).to_have_text("7,457.99")
    fits(page)
    return save(page)


def same_figures(page: Page, site: Site, quote: str, code: str) -> None:
    """What was typed is what page, list, API, paper and file show, to the cent."""
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    address = f"{site.address}/api/v1/{site.name}/records/quote"
    told = page.request.get(f"{address}/{quote}").json()
    assert (told["subtotal"], told["total"]) == ("6599.99", "7457.99")
    assert told["payment_terms"] == "月结 30 天"
    assert [each["amount"] for each in told["lines"]] == [a.replace(",", "") for a in AMOUNTS]
    assert [each for each in FIGURES if each not in printed(page)] == []
    page.goto(site.url(f"/records/quote?view=all&q={code}"))
    expect(page.locator(f"[data-href$='{quote}']")).to_contain_text("7,457.99")
    page.locator(".drop-menu:has(a[href*='/export/']) summary").click()
    with page.expect_download() as saved:
        page.locator(".drop-lines a[href*='/export/']", has_text="CSV").click()
    exported = Path(saved.value.path()).read_text("utf-8-sig")
    assert code in exported
    assert "7457.99" in exported
    page.goto(site.url(f"/records/quote/{quote}"))


def approve(boss: Page, site: Site, page: Page, quote: str) -> None:
    """Half of a price off is more than a salesperson may give: it goes to the manager first."""
    move(page, "review")
    boss.goto(site.url(f"/records/quote/{quote}"))
    move(boss, "approved")
    page.reload()


def printed(page: Page) -> str:
    """Return the words of the record's paper, in Chinese."""
    paper = page.locator(".drop-papers a[href*='language=zh']").first.get_attribute("href")
    answer = page.request.get(urljoin(page.url, paper))
    assert answer.headers["content-type"] == "application/pdf"
    with PdfDocument(answer.body()) as sheets:
        return "".join(each.get_textpage().get_text_range() for each in sheets)


def test_the_demo_begins_with_work_on_its_desks(arriving: Arriving, demo_site: Site) -> None:
    """Approvals to decide with what they are about, one's own requests, leads to be taken."""
    manager, seller = (come(arriving, "desk", "zh", who) for who in ("manager", "sales"))

    manager.goto(demo_site.url("/inbox?show=approve"))
    cases = manager.locator(".inbox-case")
    expect(cases).to_have_count(2)
    expect(cases.filter(has_text="Yearly maintenance")).to_contain_text("¥180,000.00")
    seller.goto(demo_site.url("/inbox?show=requests"))
    expect(seller.locator(".inbox-case")).to_have_count(3)
    seller.goto(demo_site.url("/pools/leads"))
    expect(seller.locator(".page-pool tbody tr").filter(has_text="佛山恒通")).to_be_visible()
    seller.goto(demo_site.url("/"))
    expect(seller).to_have_url(re.compile(r"/dashboards/sales$"))


@EACH_DAY
def test_a_salesperson_s_day(
    arriving: Arriving, demo_site: Site, size: str, language: str, tmp_path: Path
) -> None:
    """Leads from a file, one taken on, talked to and won; a quote is one figure everywhere."""
    site, mark = demo_site, f"晨{uuid4().hex[:5]}"
    page = come(arriving, size, language, "sales")

    take_in(page, site, mark, tmp_path / "展会.csv")
    claim(page, mark)
    follow_up(page, mark, "电话沟通液压站需求，本周报价")
    move(page, "following")
    move(page, "qualified", {"prequal_result": "intent"})
    convert(page, "to_customer")
    expect(page.locator("h1")).to_have_text(f"{mark}泵业")
    related(page, "related", "opportunity")
    move(page, "qualify", {"amount": "6600"})
    move(page, "proposal", {"close_date": day(site, 20)})
    deal = record_id(page)
    convert(page, "to_quote")
    quote = write_quote(page)
    code = page.locator("h1").inner_text().split()[0]
    same_figures(page, site, quote, code)
    approve(come(arriving, size, language, "manager"), site, page, quote)
    move(page, "sent")
    move(page, "accepted")
    convert(page, "to_order")
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    page.goto(site.url(f"/records/opportunity/{deal}"))
    move(page, "won")
    expect(page.locator(".figures")).to_contain_text("7,457.99")
    fits(page)


def tile(page: Page, key: str) -> Locator:
    return page.locator(f"[data-tile={key}]")


def deals_of(site: Site, key: str, mark: str) -> None:
    """Open two opportunities for one of the demo's persons."""
    buyer = found(site, "customer", "order_count > 0")
    values = {"customer": str(buyer.id), "owner": str(staff(site, key)), "amount": "45000"}
    deals = [{**values, "name": f"{mark} {number}"} for number in ("一", "二")]
    site.house.writer.create(site.ctx, "opportunity", deals)


def found(site: Site, entity: str, condition: str) -> Row:
    query = ListQuery(entity, parse_filter(site.ctx, entity, condition), limit=1)
    return site.house.reader.find(site.ctx, query).rows[0]


def staff(site: Site, key: str) -> UUID:
    person = next(each for each in PERSONS if each.key == key)
    return found(site, "user", f'email == "{person.email}"').id


def reassign(page: Page, mark: str) -> None:
    """Give the two deals to the colleague abroad, after a look at what will happen."""
    rows = page.locator("tr", has=page.locator(".row-link", has_text=mark))
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.locator("[data-pick]").check()
    page.locator("[data-bulk-do=change]").click()
    dialog = page.locator("#bulk")
    dialog.locator("[data-bulk-field]").select_option("owner")
    dialog.locator("[data-bulk-value] [data-picker-text]").fill("Emma")
    page.locator(".picker-line", has_text="Emma Clarke").first.click()
    dialog.locator("[data-bulk-look]").click()
    expect(dialog.locator(".bulk-told")).to_contain_text("2")
    dialog.locator("[data-bulk-go]:not([disabled])").click()
    expect(page.locator(".toast-line button")).to_be_visible()
    for row in rows.all():
        expect(row).to_contain_text("Emma Clarke")


@EACH_DAY
def test_a_manager_s_morning(arriving: Arriving, demo_site: Site, size: str, language: str) -> None:
    """From the dashboard to records, some of them given to a colleague, and what is to come."""
    site, mark = demo_site, f"晨{uuid4().hex[:5]}"
    deals_of(site, "sales", mark)
    page = come(arriving, size, language, "manager")
    # A dashboard comes back as somebody left it.
    page.goto(site.url("/dashboards/sales?plain=1"))
    now = tile(page, "funnel").locator(".funnel-value").first
    expect(now).to_be_visible()
    today = now.inner_text()
    fits(page)

    tile(page, "funnel").locator(".funnel a").first.click()
    expect(page.locator(".row-link", has_text=mark)).to_have_count(2)
    reassign(page, mark)
    fits(page)

    page.goto(site.url("/dashboards/sales"))
    for widget in ("forecast", "changes"):
        tile(page, widget).scroll_into_view_if_needed()
        expect(tile(page, widget).locator("[data-chart] svg")).to_be_visible()
    page.locator("[name=as_of]").evaluate(CHOOSE, day(site, -60))
    page.wait_for_url(re.compile("as_of="))
    expect(now).not_to_have_text(today)
    fits(page)


def caller(site: Site, machine: Row) -> tuple[str, str]:
    """Return the name and the number of whoever has a machine."""
    reader, link = site.house.reader, machine.values["customer"]
    assert isinstance(link, LinkValue)
    (buyer,) = reader.get(site.ctx, "customer", [link.id])
    first = buyer.values["primary_contact"]
    assert isinstance(first, LinkValue)
    (person,) = reader.get(site.ctx, "contact", [first.id])
    return buyer.title, str(person.values["mobile"])


def call(page: Page, site: Site, number: str, name: str) -> None:
    """Look the number of a caller up: who it is, and what they have."""
    page.goto(site.url("/call"))
    page.locator("[name=number]").fill(number)
    page.keyboard.press("Enter")
    expect(page.locator(".call-name")).to_contain_text(name)
    fits(page)


def edit(page: Page) -> None:
    page.locator("[data-edit] .page-actions .btn-primary").click()
    page.wait_for_selector("[data-form][data-ready]")


def answer(page: Page, mark: str) -> None:
    """Find the article that helps, and note what the customer was told."""
    edit(page)
    pick(page, ".field[data-field=article]", "液压泵", "液压泵漏油")
    page.locator("[data-grid=log] [data-add-row]").click()
    row = page.locator("[data-grid=log] [data-row]").last
    row.locator("td[data-field=action] [data-input]").select_option("reply")
    row.locator("td[data-field=note] [data-input]").fill(f"{mark} 已电话指导更换密封件")
    save(page)


def rate(page: Page, stars: int) -> None:
    edit(page)
    rating = page.locator(".field[data-field=satisfaction]")
    rating.locator(f"label:has(input[value='{stars}'])").click()
    save(page)


@EACH_DAY
def test_a_service_agent_s_hour(
    arriving: Arriving, demo_site: Site, size: str, language: str
) -> None:
    """Somebody calls about a machine: a ticket, what is known of it, an answer, satisfaction."""
    site, mark = demo_site, f"晨{uuid4().hex[:5]}"
    machine = found(site, "asset", KNOWN)
    buyer, number = caller(site, machine)
    page = come(arriving, size, language, "service")

    call(page, site, number, buyer)
    page.locator("tr", has_text=str(machine.values["serial_no"])).locator("a.btn").first.click()
    page.wait_for_selector("[data-form][data-ready]")
    expect(page.locator(".field[data-field=customer] [data-picker-text]")).to_have_value(buyer)
    compose(page, ".field[data-field=subject] [data-input]", "louyou", f"{mark} 液压泵漏油")
    ticket = save(page)
    move(page, "processing")
    answer(page, mark)
    move(page, "solved", {"solution": "更换密封件并试压", "solved_on": day(site)})
    move(page, "closed")
    rate(page, 5)

    told = page.request.get(f"{site.address}/api/v1/{site.name}/records/ticket/{ticket}").json()
    assert (told["stage"], told["satisfaction"]) == ("closed", 5)
    assert told["article"]["title"].startswith("液压泵漏油")
    assert told["first_response_at"] is not None
    page.goto(site.url("/dashboards/service"))
    expect(tile(page, "satisfaction").locator(".tile-figure")).to_be_visible()
    fits(page)
