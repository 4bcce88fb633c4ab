"""Many writes at once, and figures over many rows."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.ui.api.calling import Api, Calling, codes


def test_all_of_a_bulk_is_done_or_nothing(api: Api, name: str) -> None:
    kept = api.create("product", name=name, price="1")
    body = {
        "create": [{"name": f"{name} 2"}, {"name": name}],
        "update": [{"id": kept["id"], "price": "many"}],
        "delete": [str(uuid4())],
    }

    refused = api.call("POST", "/bulk/product", body)

    assert (refused.status_code, refused.json["code"]) == (422, "bulk_refused")
    results = {(each["op"], each["index"]): each["status"] for each in refused.json["results"]}
    assert set(results) == {("create", 0), ("create", 1), ("update", 0), ("delete", 0)}
    assert 201 not in results.values()
    assert api.get(f"/records/product/{kept['id']}") == kept
    assert api.get("/records/product", filter=f'name == "{name} 2"')["data"] == []


def test_what_can_be_done_of_a_bulk_is_done_where_that_is_asked(api: Api, name: str) -> None:
    kept = api.create("product", name=name, price="1")
    gone = api.create("product", name=f"{name} gone")
    body = {
        "create": [{"name": f"{name} 2"}, {"name": name}, {"nom": "x"}],
        "update": [{"id": kept["id"], "price": "2"}, {"id": str(uuid4()), "price": "2"}],
        "delete": [gone["id"]],
        "atomic": False,
    }

    answer = api.call("POST", "/bulk/product", body)

    assert answer.status_code == 200, answer.text
    found = [(each["op"], each["index"], each["status"]) for each in answer.json["results"]]
    assert found == [
        ("create", 0, 201), ("create", 1, 422), ("create", 2, 422),
        ("update", 0, 200), ("update", 1, 422), ("delete", 0, 204),
    ]  # fmt: skip
    assert answer.json["counts"] == {"done": 3, "refused": 3}
    assert api.get(f"/records/product/{kept['id']}")["price"] == "2.00"
    made = answer.json["results"][0]["id"]
    assert api.get(f"/records/product/{made}")["name"] == f"{name} 2"


def test_a_bulk_has_an_end(api: Api) -> None:
    answer = api.call("POST", "/bulk/product", {"delete": [str(uuid4())] * 10_001})

    assert (answer.status_code, codes(answer)) == (422, {("", "bulk_too_large")})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"create": {}}, ("create", "invalid_list"), id="no list"),
        pytest.param({"create": [7]}, ("create.0", "object_expected"), id="no record"),
        pytest.param({"update": [{"name": "x"}]}, ("update.0.id", "invalid_id"), id="no id"),
        pytest.param({"delete": ["7"]}, ("delete.0", "invalid_id"), id="bad id"),
        pytest.param({"atomic": "perhaps"}, ("atomic", "invalid_boolean"), id="perhaps"),
        pytest.param({"upsert": []}, ("upsert", "unknown_argument"), id="unknown"),
    ],
)
def test_a_bulk_of_another_shape_is_refused(api: Api, body: object, error: tuple[str, str]) -> None:
    answer = api.call("POST", "/bulk/product", body)

    assert (answer.status_code, codes(answer)) == (422, {error})


def test_groups_and_measures_agree_with_the_rows(api: Api, name: str) -> None:
    customer = api.create("customer", name=name)["id"]
    product = api.create("product", name=name)["id"]
    for day, prices in (("2026-01-15", ["1.10", "2"]), ("2026-01-31", ["3"]), ("2026-02-01", [])):
        lines = [{"product": product, "price": price} for price in prices]
        api.create("order", customer=customer, day=day, rate="0", lines=lines)
    body = {
        "filter": f'customer.name == "{name}"',
        "group_by": ["stage", {"month": 'STARTOF(day, "month")'}],
        "measures": {"total": "SUM(total)", "orders": "COUNT()", "mean": "AVG(total)"},
    }

    rows = api.call("POST", "/aggregate/order", body).json["rows"]

    by_month = {row["month"]: row for row in rows}
    assert set(by_month) == {"2026-01-01", "2026-02-01"}
    assert by_month["2026-01-01"] | {"mean": ""} == {
        "stage": "draft", "month": "2026-01-01", "total": "6.10", "orders": 2, "mean": "",
    }  # fmt: skip
    assert Decimal(by_month["2026-01-01"]["mean"]) == Decimal("3.05")
    assert by_month["2026-02-01"]["total"] == "0.00"


def test_a_formula_without_a_name_is_answered_under_its_text(api: Api, name: str) -> None:
    api.create("product", name=name, price="5")
    body = {"filter": f'name == "{name}"', "group_by": ["price * 2"], "measures": {"n": "COUNT()"}}

    [row] = api.call("POST", "/aggregate/product", body).json["rows"]

    assert (Decimal(row["price * 2"]), row["n"]) == (10, 1)


def test_the_statement_is_shown_to_those_who_may_see_it(api: Api, calling: Calling) -> None:
    body = {"measures": {"n": "COUNT()"}}

    shown = api.call("POST", "/aggregate/customer", body, query={"explain": "1"})
    plain = api.call("POST", "/aggregate/customer", body)
    hidden = calling("clerk").call("POST", "/aggregate/customer", body, query={"explain": "1"})

    assert shown.json["sql"].lower().startswith(("select", "with"))
    assert "sql" not in plain.json
    assert (hidden.status_code, set(hidden.json)) == (200, {"rows", "scope"})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({}, ("measures", "required"), id="no measures"),
        pytest.param({"measures": ["COUNT()"]}, ("measures", "object_expected"), id="a list"),
        pytest.param({"measures": {"n": 1}}, ("measures.n", "invalid_text"), id="a number"),
        pytest.param(
            {"measures": {}, "group_by": [7]}, ("group_by.0", "invalid_group"), id="group"
        ),
        pytest.param(
            {"measures": {"n": "COUNT()"}, "group_by": [{"n": "level"}]},
            ("group_by.0", "name_twice"),
            id="twice",
        ),
    ],
)
def test_an_aggregate_of_another_shape_is_refused(
    api: Api, body: object, error: tuple[str, str]
) -> None:
    answer = api.call("POST", "/aggregate/customer", body)

    assert (answer.status_code, codes(answer)) == (422, {error})


@pytest.mark.parametrize(
    ("body", "where"),
    [
        pytest.param({"measures": {"n": "SUM(secret)"}}, "measures", id="measure"),
        pytest.param({"measures": {}, "group_by": ["secret"]}, "group_by", id="group"),
        pytest.param({"measures": {}, "filter": 'secret == "x"'}, "filter", id="filter"),
    ],
)
def test_figures_tell_nothing_of_what_may_not_be_read(
    calling: Calling, body: object, where: str
) -> None:
    answer = calling("clerk").call("POST", "/aggregate/customer", body)

    assert (answer.status_code, answer.json["where"]) == (422, where)
