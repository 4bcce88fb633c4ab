"""Every kind of page: its address and what is opened there, for whatever looks at all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page, expect

Step = Callable[[Page], object]

FILE = (
    "公司名称,联系人姓名,手机,邮箱,来源\n蓝天科技,王强,13911112222,wang@lantian.example,秋季展会\n"
)
"""A file of leads, as the import asks for one."""

LISTED = "[data-sheet], .empty"

WHOLE = "[data-form][data-ready]"

ENTITIES = ("customer", "opportunity", "quote", "ticket", "user")
"""What pages are about one record of: the first of each is taken."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page by its path, what tells that it is there, and what is done there then.

    `{customer}` and the like in a path are ids of records. Where `part` is named, only this
    part is new: the rest of the page was looked at before. `size` keeps a place to one size.
    """

    name: str
    path: str
    ready: str = "[data-shell] h1, [data-shell] .page-title"
    steps: tuple[Step, ...] = ()
    part: str = ""
    size: str = ""

    def open(self, page: Page, root: str, ids: Mapping[str, str]) -> None:
        """Go there, and do what is done there."""
        page.goto(root + self.path.format_map(ids))
        expect(page.locator(self.ready).first).to_be_visible()
        for step in self.steps:
            step(page)
        if self.part:
            expect(page.locator(self.part).first).to_be_visible()


def click(selector: str) -> Step:
    return lambda page: page.locator(selector).first.click()


def press(keys: str) -> Step:
    return lambda page: page.keyboard.press(keys)


def see(selector: str) -> Step:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def give_file(page: Page) -> None:
    """Hand the import a file of leads, and wait for the step after it."""
    given = {"name": "leads.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.locator("[data-import-file]").set_input_files(given)  # type: ignore[arg-type]
    expect(page.locator("[data-import-step=columns]")).to_be_visible()


def first_ids(page: Page, root: str) -> dict[str, str]:
    """Return the ids of the first and another record of each entity that pages are about."""
    address, _, tenant = root.rpartition("/")
    ids = {}
    for entity in ENTITIES:
        answer = page.request.get(f"{address}/api/v1/{tenant}/records/{entity}?limit=2")
        rows = answer.json()["data"]
        ids[entity] = rows[0]["id"]
        ids[f"other_{entity}"] = rows[-1]["id"]
    return ids


RECORDS = (
    Place("list", "/records/customer?view=all", LISTED),
    Place("list grouped", "/records/opportunity?view=all&group=stage", LISTED),
    Place("filter", "/records/customer?view=all", LISTED,
          (click("[data-open=filter]"),), "#filter"),
    Place("view menu", "/records/customer?view=all", LISTED,
          (click(".view-tools summary"),), ".drop-menu[open]", "desk"),
    Place("trash", "/records/customer/trash"),
    Place("record", "/records/customer/{customer}", "[data-record]"),
    Place("record with stages", "/records/opportunity/{opportunity}", "[data-record]"),
    Place("drawer", "/records/customer?view=all", LISTED,
          (click("a.row-link"), see(".drawer:not([aria-busy]) [data-record]")), ".drawer", "desk"),
    Place("why a number", "/records/opportunity/{opportunity}", "[data-record]",
          (click("[data-dialog*='/figures/']"),), "dialog[open]", "desk"),
    Place("sharing", "/records/customer/{customer}", "[data-record]",
          (click("[data-dialog$=shares]"),),
          "dialog[open]", "desk"),
    Place("form", "/records/customer/new", WHOLE),
    Place("form with lines", "/records/quote/{quote}/edit", WHOLE),
    Place("duplicates", "/records/customer/duplicates"),
    Place("merge", "/records/customer/{customer}/merge?with={other_customer}"),
    Place("caller", "/call?number=138"),
)  # fmt: skip

VIEWS = (
    Place("board", "/records/opportunity?view=board", "[data-board][data-ready]"),
    Place("calendar view", "/records/calendar_event?view=calendar", ".fc, [data-calendar]"),
    Place("timeline", "/records/contract?view=time"),
    Place("gallery", "/records/product?view=pictures"),
    Place("map", "/records/customer?view=provinces", "[data-region]"),
    Place("pivot", "/records/opportunity?view=across", "table"),
    Place("split", "/records/ticket?view=desk", "[data-split-pane] [data-record]", size="desk"),
    Place("split list", "/records/ticket?view=desk", "[data-split-link]", size="phone"),
    Place("calendar", "/calendar"),
    Place("free time", "/calendar", "[data-open=free-time]",
          (click("[data-open=free-time]"),), "#free-time"),
)  # fmt: skip

FIGURES = (
    Place("dashboard", "/dashboards/sales", "[data-chart] svg"),
    Place("reports", "/reports"),
    Place("report", "/reports/new?entity=opportunity&group=stage", "[data-shell] h1"),
    Place("keep report", "/reports/new?entity=opportunity&group=stage", "[data-open=keep]",
          (click("[data-open=keep]"),), "#keep"),
    Place("figures of a list", "/records/customer/figures"),
)  # fmt: skip

FRAME = (
    Place("inbox", "/inbox"),
    Place("inbox mentions", "/inbox?show=mentions"),
    Place("inbox to approve", "/inbox?show=approve"),
    Place("inbox requests", "/inbox?show=requests"),
    Place("inbox copies", "/inbox?show=copies"),
    Place("palette", "/inbox", steps=(press("Control+k"), see("#palette .palette-line")),
          part="#palette"),
    Place("create", "/inbox", steps=(click("[data-create]:visible"), see("[data-create-input]")),
          part="#create"),
    Place("menu sheet", "/inbox", steps=(click(".phone-bar [data-open=sheet]"),), part="#sheet",
          size="phone"),
    Place("preferences", "/preferences"),
    Place("shortcuts", "/shortcuts"),
    Place("design", "/design", "[data-ratio]"),
    Place("waiting", "/waiting"),
    Place("imports", "/imports"),
    Place("import", "/records/lead/import", "[data-import-file], [data-import-step]"),
    Place("import columns", "/records/lead/import", "[data-import-step]", (give_file,)),
    Place("not found", "/records/nothing", "h1"),
)  # fmt: skip

ADMIN = (
    Place("people", "/admin/people"),
    Place("invite", "/admin/people", steps=(click("[data-open=invite]"),), part="#invite"),
    Place("person", "/admin/people/{other_user}"),
    Place("handover", "/admin/people/{other_user}/handover"),
    Place("organisation", "/admin/organisation"),
    Place("roles", "/admin/roles"),
    Place("role", "/admin/roles/sales"),
    Place("forms", "/admin/forms"),
    Place("form of an entity", "/admin/forms/quote"),
    Place("new field", "/admin/forms/quote",
          steps=(click(".page-actions .btn-primary"),), part="dialog[open]"),
    Place("approvals under way", "/admin/automations/approvals"),
    Place("versions", "/admin/versions"),
    Place("workspace", "/admin/workspace"),
    Place("log", "/admin/log"),
)  # fmt: skip

PLACES = (*RECORDS, *VIEWS, *FIGURES, *FRAME, *ADMIN)
