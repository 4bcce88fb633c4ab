"""Pages as a signed-in person gets them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.ui.conftest import Visiting, Visitor, titles


def test_a_record_is_entered_listed_and_read(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Harbour Works")

    listed = visitor.get("/records/customer?q=harbour").text
    page = visitor.get(f"/records/customer/{customer}").text

    assert titles(listed) == ["Harbour Works"]
    assert "<span>Harbour Works</span>" in page


def test_lines_are_totalled_to_the_cent(visitor: Visitor) -> None:
    pump = visitor.create("product", name="Pump", list_price="1999.99")

    quote = visitor.create(
        "quote",
        name="Three pumps",
        lines=[{"product": pump, "quantity": "3", "unit_price": "1999.99"}],
    )

    assert "6,779.97" in visitor.get(f"/records/quote/{quote}").text


def test_every_error_of_a_record_comes_back_at_once_with_its_place(visitor: Visitor) -> None:
    answer = visitor.send(
        "/records/quote",
        {"values": {"name": "", "tax_rate": "much", "urgent": True, "lines": [{"quantity": "x"}]}},
    )

    places = {tuple(error["path"]) for error in answer.json["errors"]}
    assert answer.status_code == 422
    assert {("name",), ("tax_rate",), ("lines", 0, "quantity")} <= places
    assert all(error["message"] for error in answer.json["errors"])


def test_errors_speak_the_language_of_the_person(visitor: Visitor) -> None:
    headers = {"X-CSRF-Token": visitor.csrf, "Accept-Language": "zh"}

    answer = visitor.client.post(
        visitor.path("/records/customer"), json={"values": {"name": ""}}, headers=headers
    )

    message = answer.json["errors"][0]["message"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in message)


def test_a_lost_race_shows_both_values(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Before")
    visitor.send(f"/records/customer/{customer}", {"values": {"name": "Theirs"}, "version": 1})

    answer = visitor.send(
        f"/records/customer/{customer}", {"values": {"name": "Mine"}, "version": 1}
    )

    assert answer.status_code == 409
    assert answer.json["theirs"][0]["shown"] == "Theirs"
    again = visitor.send(
        f"/records/customer/{customer}",
        {"values": {"name": "Mine"}, "version": answer.json["version"]},
    )
    assert again.status_code == 200


def test_a_deleted_record_waits_in_the_trash_and_comes_back(visitor: Visitor) -> None:
    name = f"Gone {uuid4().hex[:6]}"
    customer = visitor.create("customer", name=name)

    visitor.send(f"/records/customer/{customer}/delete", {})

    assert titles(visitor.get("/records/customer?q=" + name).text) == []
    assert name in visitor.get("/records/customer/trash").text
    visitor.send(f"/records/customer/{customer}/restore", {})
    assert titles(visitor.get("/records/customer?q=" + name).text) == [name]


def test_a_stage_asks_for_what_it_requires_and_then_lets_in(visitor: Visitor) -> None:
    quote = visitor.create("quote", name="Tight race")
    move = f"/records/quote/{quote}/move/sales/lost"

    asked = visitor.get(move)
    refused = visitor.send(move, {})
    moved = visitor.send(move, {"values": {"lost_to": "A rival"}})

    assert 'data-field="lost_to"' in asked.text
    assert refused.status_code == 422
    assert moved.status_code == 200
    assert visitor.get(f"/records/quote/{quote}/move/sales/draft").status_code == 204


def test_a_filter_narrows_a_list_and_a_broken_one_is_said(visitor: Visitor) -> None:
    mark = uuid4().hex[:6]
    for name, level in ((f"{mark} one", "key"), (f"{mark} two", "other")):
        visitor.create("customer", name=name, level=level)

    narrowed = visitor.get(f'/records/customer?filter=level == "key" and CONTAINS(name, "{mark}")')
    broken = visitor.get("/records/customer?filter=levle == 1")

    assert titles(narrowed.text) == [f"{mark} one"]
    assert 'role="alert"' in broken.text
    assert "level" in broken.text


def test_a_long_list_comes_page_by_page(visitor: Visitor) -> None:
    mark = uuid4().hex[:6]
    records: list[dict[str, Any]] = [{"name": f"{mark} {number:03}"} for number in range(60)]
    visitor.house.writer.create(visitor.ctx, "customer", records)
    address = f'/records/customer?filter=STARTSWITH(name, "{mark}")&sort=name'

    first = visitor.get(address)
    more = first.text.split('data-more="')[1].split('"')[0].replace("&amp;", "&")
    second = visitor.client.get(more)

    shown = titles(first.text) + titles(second.text)
    assert shown == [f"{mark} {number:03}" for number in range(60)]


def test_a_board_counts_and_sums_each_stage(visitor: Visitor) -> None:
    name = f"On the board {uuid4().hex}"
    visitor.create("quote", name=name)

    page = visitor.get(f"/records/quote?view=board&q={name}").text

    assert page.count('class="lane ') == 3
    assert f">{name}<" in page
    assert 'data-stage="lost" data-from="draft sent' in page


def test_a_dashboard_leads_to_the_records_behind_its_marks(visitor: Visitor) -> None:
    page = visitor.get("/dashboards/sales").text

    address = page.split('class="funnel"')[1].split('href="')[1].split('"')[0]
    behind = visitor.client.get(address.replace("&amp;", "&"))

    assert behind.status_code == 200
    assert "This filter cannot be used" not in behind.text


def figures_of(table: str) -> list[str]:
    """The names and figures of a table, in order, whether or not they lead anywhere."""
    cells = re.findall(r"<t[dh] (?:class|scope=\"row)[^>]*>(?:<a [^>]*>)?([^<]*)", table)
    return [cell.strip() for cell in cells]


def test_a_table_lays_a_second_group_across_and_else_its_measures(visitor: Visitor) -> None:
    key = visitor.create("customer", name="Table Works", level="key")
    pump = visitor.create("product", name="Table pump", list_price="10")
    for stage, price in (("draft", "1000"), ("sent", "2000"), ("sent", "500")):
        lines = [{"product": pump, "quantity": "1", "unit_price": price}]
        visitor.create("quote", name="Tabled", customer=key, tax_rate="0", stage=stage, lines=lines)

    page = visitor.get(f"/dashboards/sales?customer={key}").text

    levels, compared = page.split('class="tile-table"')[1:3]
    assert re.findall(r"<th scope=\"col\"[^>]*>([^<]*)", levels)[1:] == ["Draft", "Sent", "Total"]
    assert figures_of(levels) == [
        "Key", "¥1,000", "¥2,500", "¥3,500",
    ]  # fmt: skip
    assert re.findall(r"<th scope=\"col\"[^>]*>([^<]*)", compared) == [
        "Customer", "Total", "Quotes",
    ]  # fmt: skip
    assert figures_of(compared) == [
        "Table Works", "¥3,500", "3",
    ]  # fmt: skip


@pytest.mark.parametrize("view", ["all", "board"])
def test_a_list_that_a_person_may_not_read_is_not_found(visiting: Visiting, view: str) -> None:
    assert visiting("clerk").get(f"/records/quote?view={view}").status_code == 404


def test_a_record_leaves_out_what_is_hidden_and_says_what_it_holds_nevertheless(
    visitor: Visitor,
) -> None:
    calm = visitor.create("quote", name="Calm")
    urgent = visitor.create("quote", name="Urgent", urgent=True, reason="Flood")
    visitor.send(f"/records/quote/{urgent}", {"values": {"urgent": False}, "version": 1})

    assert "<dt>Reason</dt>" not in visitor.get(f"/records/quote/{calm}").text
    assert "Flood" in visitor.get(f"/records/quote/{urgent}").text


def test_a_year_is_written_without_a_comma(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Old Works", founded="1996")

    page = visitor.get(f"/records/customer/{customer}").text

    assert "1996" in page
    assert "1,996" not in page


def test_the_history_tells_who_changed_what(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Old name")
    visitor.send(f"/records/customer/{customer}", {"values": {"name": "New name"}, "version": 1})

    page = visitor.get(f"/records/customer/{customer}/history").text

    assert "Lin Xiao" in page
    assert "Old name" in page
    assert "New name" in page


def test_a_picker_finds_by_the_initials_of_pinyin(visitor: Visitor) -> None:
    visitor.create("product", name="液压泵", list_price="10")

    answer = visitor.send("/pick/quote_line/product", {"text": "yyb", "this": {}})

    assert [hit["title"] for hit in answer.json["hits"]] == ["液压泵"]


@pytest.mark.parametrize(
    "body",
    [[], "x", {"text": None, "this": []}, {"text": "yyb\x00", "this": {}},
     {"text": "yyb\ud800", "this": {"product": [{}], "product.name": {"id": 1}, "quote.": 0}}],
)  # fmt: skip
def test_a_picker_takes_what_no_form_sends(visitor: Visitor, body: object) -> None:
    assert visitor.send("/pick/quote_line/product", body).status_code == 200
    assert visitor.get("/search?q=yyb%00").status_code == 200


def test_a_form_learns_what_a_chosen_record_brings(visitor: Visitor) -> None:
    pump = visitor.create("product", name="Priced", list_price="12.50")

    answer = visitor.get(f"/linked/quote_line/product/{pump}")

    assert answer.json == {"product.list_price": "12.50"}


def test_a_link_in_the_address_is_chosen_in_the_new_form(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Chosen before")

    page = visitor.get(f"/records/quote/new?customer={customer}").text

    assert 'value="Chosen before"' in page
    assert f'value="{customer}"' in page


def test_pages_speak_chinese_too(visitor: Visitor) -> None:
    page = visitor.get("/records/quote", language="zh").text

    assert 'lang="zh-CN"' in page
    assert "报价单" in page
    assert "新建" in page


def test_who_may_only_read_is_offered_nothing_else(visiting: Visiting) -> None:
    clerk = visiting("clerk")

    page = clerk.get("/records/customer").text

    assert "/records/customer/new" not in page
    assert clerk.get("/records/customer/new").status_code == 404
    assert clerk.get("/records/quote").text.count("row-link") == 0
    assert clerk.send("/records/customer", {"values": {"name": "x"}}).status_code == 403


def test_a_dashboard_is_narrowed_by_its_filters_and_so_is_what_its_marks_open(
    visitor: Visitor,
) -> None:
    mine, other = (visitor.create("customer", name=f"Narrow {n}") for n in ("one", "two"))
    for customer, price in ((mine, "40"), (other, "500")):
        line = {"product": visitor.create("product", name="Nut"), "unit_price": price}
        visitor.create("quote", name="Nuts", customer=customer, tax_rate="0", lines=[line])

    page = visitor.get(f"/dashboards/sales?customer={mine}&made=this_month").text
    last = visitor.get(f"/dashboards/sales?customer={mine}&made=last_month").text

    assert 'title="¥40.00"' in page
    assert f"of=customer%3A{mine}" in page
    assert "created_at+%3E%3D+DATETIME" in page
    assert 'title="—"' in last or 'title="¥0.00"' in last


def test_a_form_that_was_reshaped_meanwhile_says_so_and_keeps_its_errors(visitor: Visitor) -> None:
    answer = visitor.send("/records/customer", {"values": {"gone": 1}, "revision": -1})

    assert answer.status_code == 422
    assert answer.json["reload"] is True
    assert ["gone"] in [error["path"] for error in answer.json["errors"]]


@pytest.mark.parametrize(("role", "view"), [("seller", "mine"), ("administrator", "all")])
def test_a_list_starts_with_ones_own_records_only_where_one_sees_no_others(
    visiting: Visiting, role: str, view: str
) -> None:
    page = visiting(role).get("/records/quote").text

    assert re.search(rf'href="[^"]*view={view}" aria-current="page"', page)


def test_a_dashboard_leaves_out_what_a_person_may_not_read(visiting: Visiting) -> None:
    page = visiting("clerk").get("/dashboards/sales")

    assert page.status_code == 200
    assert "tile-title" not in page.text


def test_a_person_opens_only_the_dashboards_of_their_roles(visiting: Visiting) -> None:
    seller = visiting("seller")

    assert seller.get("/dashboards/sales").status_code == 404
    assert seller.get("/dashboards/own").status_code == 200
    assert "/dashboards/sales" not in seller.get("/records/quote").text


@pytest.mark.parametrize("view", ["all", "board"])
def test_a_filter_that_cannot_be_used_is_said_and_everything_is_shown(
    visitor: Visitor, view: str
) -> None:
    name = f"Still there {uuid4().hex}"
    visitor.create("quote", name=name)

    page = visitor.get(f"/records/quote?view={view}&q={name}&filter=total+%3E%3E")

    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert f">{name}<" in page.text


def test_a_conversion_is_offered_only_while_its_condition_holds(visitor: Visitor) -> None:
    line = {"product": visitor.create("product", name="Nail"), "unit_price": "2"}
    empty = visitor.create("quote", name="Nothing in it")
    full = visitor.create("quote", name="Nails", lines=[line])

    assert "convert/repeat" not in visitor.get(f"/records/quote/{empty}").text
    assert "convert/repeat" in visitor.get(f"/records/quote/{full}").text


def test_what_was_typed_into_a_record_and_not_saved_is_in_its_form_again(visitor: Visitor) -> None:
    customer = visitor.create("customer", name="Half changed")
    desk = f"/desk/customer/{customer}"
    typed = {"fields": {"name": "Wholly changed"}, "grids": {}}
    visitor.send(f"{desk}/draft", {"draft": typed, "version": 1})
    visitor.send(f"{desk}/away", {})

    page = visitor.get(f"/records/customer/{customer}/edit")

    assert page.status_code == 200
    assert '"name": "Wholly changed"' in page.text
    assert '"version": 1' in page.text


def test_a_view_that_lost_a_field_is_shown_with_what_is_missing(visitor: Visitor) -> None:
    """A dashboard, list or view over what is gone is never an error page."""
    name = f"Still here {uuid4().hex}"
    visitor.create("customer", name=name)
    state = {"columns": ["name", "gone"], "filter": "gone > 3", "sort": "gone"}
    values = {"title": "Old", "base": "all", "state": state}
    made = visitor.send("/records/customer/views", {"values": values}).json["location"]

    page = visitor.client.get(f"{made}&q={name}", headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert name in titles(page.text)
    assert "<code>gone</code>" in page.text
    assert "gone &gt; 3" in page.text


def test_the_address_of_a_view_that_is_not_ones_own_shows_another(visiting: Visiting) -> None:
    admin, other = visiting("administrator"), visiting("administrator")
    values = {"title": "Mine", "base": "all", "state": {"columns": ["name"]}}
    made = admin.send("/records/customer/views", {"values": values}).json["location"]

    page = other.client.get(made, headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert "not shared with you" in page.text
