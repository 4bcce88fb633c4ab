"""Several drafts of one person: begun, named, taken up; those of others stay theirs (P-03)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from boot.wiring import House
from engine.context import Cause, Context
from engine.drafts import Draft
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor, visits

PLACE = "/admin/versions/drafts"


@pytest.fixture(scope="module")
def own_shop(tenant_of: TenantMaker) -> Context:
    """A tenant that nobody else works in, since it is reshaped."""
    return tenant_of(SHOP)


@pytest.fixture
def admin(serving: House, own_shop: Context) -> Visitor:
    return arrived(serving, own_shop)


def arrived(serving: House, ctx: Context) -> Visitor:
    """An administrator who is new, in the tenant as it is by now."""
    now = serving.contexts.system(ctx.tenant.name, cause=Cause("cli"))
    return visits(serving, now)("administrator")


def begin(admin: Visitor, title: str) -> str:
    """Begin a draft; answers its name."""
    answer = admin.send(PLACE, {"values": {"title": title}})
    assert answer.status_code == 200, answer.text
    return next(each.name for each in drafts(admin) if each.title == title)


def add_field(admin: Visitor, label: str) -> None:
    values = {"label_en": label, "type": "text"}
    answer = admin.send("/admin/forms/customer/add/field", {"values": values})
    assert answer.status_code == 200, answer.text


def drafts(admin: Visitor) -> tuple[Draft, ...]:
    """Their own drafts, as they are kept."""
    ctx = admin.house.contexts.system(admin.ctx.tenant.name, cause=Cause("cli"))
    found = admin.house.services.drafts.list(ctx)
    return tuple(each for each in found if each.author == admin.user)


def bar(admin: Visitor) -> str:
    """What the bar below a form says."""
    page = unescape(admin.get("/admin/forms/customer").text)
    said = page.partition('class="draft-count" role="status">')[2].partition("</span>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def test_changes_go_into_the_draft_that_was_taken_up_last(admin: Visitor) -> None:
    first = begin(admin, "Phones")
    add_field(admin, "Second phone")
    begin(admin, "Addresses")
    empty = bar(admin)
    add_field(admin, "Door")
    other = bar(admin)

    admin.send(f"{PLACE}/{first}/take-up", {"values": {}})

    assert empty == "Addresses Nothing changed yet"
    assert other.startswith("Addresses")
    assert bar(admin).startswith("Phones")
    add_field(admin, "Third phone")
    layers = {each.title: each.layer for each in drafts(admin)}
    assert "Third phone" in layers["Phones"]
    assert "Door" not in layers["Phones"]


def test_a_draft_is_called_something_else_and_never_nothing(admin: Visitor) -> None:
    name = begin(admin, "Fields")

    renamed = admin.send(f"{PLACE}/{name}/title", {"values": {"title": "  Fields of May  "}})
    blank = admin.send(f"{PLACE}/{name}/title", {"values": {"title": "  "}})

    assert (renamed.status_code, blank.status_code) == (200, 422)
    assert blank.json["errors"][0]["path"] == ["title"]
    assert [each.title for each in drafts(admin)] == ["Fields of May"]
    assert "Fields of May" in admin.get("/admin/versions").text


def test_the_drafts_of_others_are_listed_and_not_opened(
    serving: House, own_shop: Context, admin: Visitor
) -> None:
    name = begin(admin, "Mine alone")
    other = arrived(serving, own_shop)

    page = other.get("/admin/versions").text
    taken = other.send(f"{PLACE}/{name}/take-up", {"values": {}})
    renamed = other.send(f"{PLACE}/{name}/title", {"values": {"title": "Theirs"}})

    assert "Mine alone" in page
    assert f"{PLACE}/{name}" not in page
    assert (taken.status_code, renamed.status_code) == (404, 404)
    assert [each.title for each in drafts(admin)] == ["Mine alone"]
