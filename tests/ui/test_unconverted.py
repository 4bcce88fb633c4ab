"""Values that did not convert, on screens: found, mended many at once, let go (P-30)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from boot.wiring import House
from engine.context import Cause, Context
from tests.conftest import TenantMaker
from tests.ui.conftest import SHOP, Visitor, titles, visits

PLACE = "/admin/versions/unconverted"

NEXT = "/admin/versions/next"


@pytest.fixture(scope="module")
def admin(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of a tenant that is looked at."""
    return converted(serving, tenant_of(SHOP))


@pytest.fixture
def mender(serving: House, tenant_of: TenantMaker) -> Visitor:
    """An administrator of a tenant that nobody else changes."""
    return converted(serving, tenant_of(SHOP))


def converted(serving: House, ctx: Context) -> Visitor:
    """An administrator whose makers of products were words, and have become numbers."""
    admin = visits(serving, ctx)("administrator")
    publish(admin, "/admin/forms/product/add/field", label_en="Maker", type="text")
    for at, maker in enumerate(("12", "a dozen", "a dozen", "many")):
        admin.create("product", name=f"Pump {at}", maker=maker)
    plan = publish(admin, "/admin/forms/product/fields/maker", label_en="Maker", type="decimal")
    assert "after the publish they are under Versions › Values that did not convert" in plan
    return admin


def publish(admin: Visitor, address: str, **values: str) -> str:
    """Make a change and publish it; answers what its plan said."""
    changed = admin.send(address, {"values": values})
    assert changed.status_code == 200, changed.text
    plan = unescape(admin.get(NEXT).text)
    found = re.search(r'data-over="(\d+)"', plan)
    assert found is not None, plan
    sent = {"values": {"allow_loss": True}, "over": int(found[1])}
    published = admin.send(f"{NEXT}/publish", sent)
    assert published.status_code == 200, published.text
    return plan


def one_of(admin: Visitor) -> str:
    """The page of the change of the maker's type."""
    found = re.search(rf"({PLACE}/[0-9a-f-]+)", admin.get(PLACE).text)
    assert found is not None
    return found[1]


def mend(admin: Visitor, text: str, value: object) -> tuple[int, str]:
    answer = admin.send(f"{one_of(admin)}/mend", {"values": {"$text": text, "maker": value}})
    said = [each["message"] for each in answer.json.get("errors", ())]
    return answer.status_code, " ".join(said) or str(answer.json["message"])


def test_what_did_not_convert_is_listed_by_text_with_an_input_of_the_new_type(
    admin: Visitor,
) -> None:
    listed, page = admin.get(PLACE, language="zh").text, unescape(admin.get(one_of(admin)).text)

    assert "未能转换的值" in listed
    assert "单行文本 → 小数" in listed
    assert page.index("a dozen") < page.index("many")
    assert "2 records" in page
    assert "1 record<" in page
    assert len(re.findall(r'data-field="maker" data-type="decimal"', page)) == 2
    assert "12" not in re.findall(r"<b>([^<]*)</b>", page)


def test_a_list_is_narrowed_to_them_and_back(admin: Visitor) -> None:
    everything = unescape(admin.get("/records/product").text)
    narrowed = unescape(admin.get("/records/product?unconverted=maker").text)

    assert "unconverted=maker" in everything
    assert "“Maker” did not convert" in everything
    assert set(titles(narrowed)) == {"Pump 1", "Pump 2", "Pump 3"}
    assert 'href="/' in narrowed.partition("lacking-chip is-on")[2].partition("</a>")[0]
    assert "unconverted" not in narrowed.partition("lacking-chip is-on")[2].partition("</a>")[0]
    assert admin.get("/records/product?unconverted=nothing").status_code == 404


def test_one_value_mends_all_that_said_the_same_and_what_is_refused_is_said(
    mender: Visitor,
) -> None:
    blank, wrong = mend(mender, "a dozen", None), mend(mender, "a dozen", "twelve")
    right, again = mend(mender, "a dozen", "12.5"), mend(mender, "a dozen", "13")
    left = unescape(mender.get("/records/product?unconverted=maker").text)

    assert blank == (422, "Fill in what these records are to have.")
    assert wrong[0] == 422
    assert right == (200, "Filled in: 2 records")
    assert again == (200, "Nothing says this any more.")
    assert titles(left) == ["Pump 3"]
    assert mender.get("/records/product").text.count(">12.50<") == 2


def test_closing_counts_what_goes_and_asks_for_a_tick(mender: Visitor) -> None:
    place = one_of(mender)

    page = mender.get(place).text
    unticked = mender.send(f"{place}/close", {"values": {"kept": "3"}})
    outdated = mender.send(f"{place}/close", {"values": {"kept": "2", "seen": True}})
    closed = mender.send(f"{place}/close", {"values": {"kept": "3", "seen": True}})

    assert "Values of “Maker” that are deleted: 3." in unescape(page)
    assert [unticked.status_code, outdated.status_code, closed.status_code] == [422, 422, 200]
    assert mender.get(place).status_code == 404
    assert "Every value fits its field" in mender.get(PLACE).text
    assert "did not convert" not in mender.get("/records/product").text


def test_only_administrators_see_them(serving: House, admin: Visitor) -> None:
    now = serving.contexts.system(admin.ctx.tenant.name, cause=Cause("cli"))
    seller = visits(serving, now)("seller")

    assert seller.get(PLACE).status_code == 403
