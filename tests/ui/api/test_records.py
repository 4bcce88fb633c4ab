"""Records over HTTP: what is written is read again, in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.api.calling import Api, codes

WHOLE = {
    "level": "key",
    "interests": ["tools", "parts"],
    "labels": ["north", "新"],
    "since": "2026-03-02",
    "called_at": "2026-03-02T08:00:00Z",
    "opens": "08:30:00",
    "staff": 12,
    "limit": "1234.50",
    "weight": "0.125",
    "discount": "0.13",
    "vip": True,
    "notes": "多行\ntext",
    "site": "https://example.com/",
}


def an_order(api: Api, name: str, **others: object) -> Any:
    customer = api.create("customer", name=name)
    product = api.create("product", name=f"Seal {name}", price="10.00")
    line = {"product": product["id"], "quantity": "2", "price": "10.01"}
    return api.create("order", customer=customer["id"], lines=[line], **others)


def test_a_record_is_answered_as_it_was_sent_with_what_follows_from_it(api: Api, name: str) -> None:
    answer = api.call("POST", "/records/customer", {"name": name, **WHOLE})

    made = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/records/customer/{made['id']}")
    assert {key: made[key] for key in WHOLE} == WHOLE
    assert made["ordered"] == "0.00"
    assert api.get(f"/records/customer/{made['id']}") == made


def test_numbers_in_json_lose_no_digit(api: Api, name: str) -> None:
    body = f'{{"name": "{name}", "limit": 9007199254740993.07, "weight": 1.10, "staff": 3}}'

    answer = api.call("POST", "/records/customer", body.encode(), content_type="application/json")

    assert answer.status_code == 201, answer.text
    assert answer.json["limit"] == "9007199254740993.07"
    assert answer.json["weight"] == "1.100"


def test_lines_come_back_in_order_with_their_figures(api: Api, name: str) -> None:
    order = an_order(api, name)

    assert [line["amount"] for line in order["lines"]] == ["20.02"]
    assert order["total"] == "22.62"
    assert order["customer"]["title"] == name
    assert order["stage"] == "draft"


def test_lines_are_replaced_by_a_list_and_touched_by_operations(api: Api, name: str) -> None:
    order = an_order(api, name)
    first = order["lines"][0]
    path = f"/records/order/{order['id']}"

    more = api.call("PATCH", path, {"lines": {"create": [{**line_of(first), "quantity": "3"}]}})
    only = api.call("PATCH", path, {"lines": [{"id": first["id"], "quantity": "5"}]})

    assert [each["quantity"] for each in more.json["lines"]] == ["2.00", "3.00"]
    assert [each["quantity"] for each in only.json["lines"]] == ["5.00"]


def line_of(line: Any) -> dict[str, object]:
    return {"product": line["product"]["id"], "price": line["price"]}


def test_a_link_is_found_by_a_unique_field(api: Api, name: str) -> None:
    customer = api.create("customer", name=name)

    order = api.create("order", customer={"name": name})

    assert order["customer"] == {"id": customer["id"], "title": name}


def test_a_link_to_several_entities_names_its_own(api: Api, name: str) -> None:
    product = api.create("product", name=name)

    case = api.create("case", subject=name, about={"entity": "product", "id": product["id"]})

    assert case["about"] == {"entity": "product", "id": product["id"], "title": name}


def test_a_change_needs_the_version_it_was_made_on(api: Api, name: str) -> None:
    path = f"/records/customer/{api.create('customer', name=name)['id']}"
    tag = {"If-Match": api.call("GET", path).headers["ETag"]}

    first = api.call("PATCH", path, {"staff": 1}, headers=tag)
    second = api.call("PATCH", path, {"staff": 2}, headers=tag)
    whatever = api.call("PATCH", path, {"staff": 3}, headers={"If-Match": "*"})

    assert (first.status_code, second.status_code, whatever.status_code) == (200, 412, 200)
    assert first.headers["ETag"] != tag["If-Match"]
    assert second.json["code"] == "version_conflict"


def test_the_trash_gives_back_what_it_took(api: Api, name: str) -> None:
    order = an_order(api, name)
    path = f"/records/order/{order['id']}"

    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404
    back = api.call("POST", f"{path}/restore")

    assert back.status_code == 200
    assert back.json["lines"] == order["lines"]


def test_a_stage_asks_for_what_it_needs(api: Api, name: str) -> None:
    path = f"/records/order/{an_order(api, name)['id']}"

    refused = api.call("POST", f"{path}/move", {"to": "lost"})
    moved = api.call("POST", f"{path}/move", {"to": "lost", "values": {"reason": "Price"}})

    assert (refused.status_code, codes(refused)) == (422, {("reason", "must_fill")})
    assert (moved.json["stage"], moved.json["reason"]) == ("lost", "Price")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"to": "won"}, ("stage", "unknown_stage"), id="stage"),
        pytest.param({"to": "sent", "pipeline": "other"}, ("pipeline", "no_pipeline"), id="flow"),
        pytest.param({"pipeline": "work"}, ("to", "required"), id="nothing"),
    ],
)
def test_a_move_to_nowhere_is_refused(
    api: Api, name: str, body: object, error: tuple[str, str]
) -> None:
    path = f"/records/order/{an_order(api, name)['id']}/move"

    refused = api.call("POST", path, body)

    assert (refused.status_code, codes(refused)) == (422, {error})


def test_a_conversion_names_what_it_made(api: Api, name: str) -> None:
    order = an_order(api, name)

    made = api.call("POST", f"/records/order/{order['id']}/convert/to_case")

    [case] = made.json["created"]
    found = api.get(f"/records/case/{case['id']}")
    assert case["entity"] == "case"
    assert (found["subject"], found["order"]["id"]) == (order["code"], order["id"])


def test_the_history_speaks_of_fields_by_name(api: Api, name: str) -> None:
    path = f"/records/customer/{api.create('customer', name=name)['id']}"
    api.call("PATCH", path, {"level": "key", "limit": "5"})

    latest, first = api.get(f"{path}/history")["data"]

    assert (latest["operation"], latest["entity"], latest["door"]) == ("update", "customer", "api")
    assert {each["field"]: each["after"] for each in latest["changes"]} == {
        "level": "key",
        "limit": "5.00",
    }
    assert latest["actor"]["title"] == "Lin Xiao"
    assert api.get(f"{path}/history", before=latest["change_set"])["data"] == [first]


def test_the_stages_of_a_record_are_told_by_name(api: Api, name: str) -> None:
    order = an_order(api, name)
    path = f"/records/order/{order['id']}"
    api.call("POST", f"{path}/move", {"to": "sent"})

    present, first = api.get(f"{path}/stages")["data"]

    assert [each["stage"] for each in (first, present)] == ["draft", "sent"]
    assert (first["left_at"], present["left_at"]) == (present["entered_at"], None)
    assert {present["entered_by"]["title"], first["left_by"]["title"]} == {"Lin Xiao"}
    assert present["pipeline"] == "work"


def test_a_list_is_paged_to_its_end_without_a_gap(api: Api, name: str) -> None:
    names = [f"{name} {index}" for index in range(5)]
    for each in names:
        api.create("product", name=each, price="1.5")
    asked = {"filter": f'STARTSWITH(name, "{name}")', "sort": "-name", "limit": "2"}

    pages = [api.get("/records/product", **asked, fields="name,price", count="exact")]
    while pages[-1]["next"]:
        pages.append(api.get("/records/product", **asked, cursor=pages[-1]["next"]))

    rows = [row for page in pages for row in page["data"]]
    assert [row["name"] for row in rows] == sorted(names, reverse=True)
    assert (pages[0]["total"], pages[0]["capped"]) == (5, False)
    assert set(pages[0]["data"][0]) == {"id", "name", "price"}


def test_links_are_expanded_on_demand(api: Api, name: str) -> None:
    order = an_order(api, name)

    [row] = api.get("/records/order", filter=f'code == "{order["code"]}"', expand="customer")[
        "data"
    ]

    assert row["customer.name"] == name


def test_search_finds_by_words(api: Api, name: str) -> None:
    made = api.create("product", name=name)

    [hit] = api.get("/search", q=name)["data"]

    assert (hit["entity"], hit["id"], hit["title"]) == ("product", made["id"], name)


def test_who_may_create_but_not_read_is_told_the_id_alone(calling: Any, name: str) -> None:
    desk = calling("desk")

    made = desk.call("POST", "/records/case", {"subject": name})

    assert made.status_code == 201, made.text
    assert set(made.json) == {"id"}
    assert desk.call("GET", f"/records/case/{made.json['id']}").status_code == 404
