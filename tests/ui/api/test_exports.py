"""Files out over HTTP: what somebody may read and export, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from tests.ui.api.calling import Api, Calling


def exported(api: Api, entity: str, **query: str) -> Any:
    answer = api.call("GET", f"/export/{entity}", query=query)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_records_come_as_a_file_of_the_columns_asked_for(api: Api, name: str) -> None:
    api.create("customer", name=name, limit="12.5")
    api.create("customer", name=f"{name} b", limit="1")

    answer = exported(
        api, "customer", filter=f'STARTSWITH(name, "{name}")', fields="name,limit", sort="-limit"
    )

    assert answer.mimetype == "text/csv"
    named = unquote(answer.headers["Content-Disposition"])
    assert re.search(r"customer_Lin-Xiao_\d{8}-\d{4}\.csv$", named), "who took it, and when"
    assert [(row["name"], row["limit"]) for row in rows_of(answer)] == [
        (name, "12.50"),
        (f"{name} b", "1.00"),
    ]


def test_chosen_records_come_alone_and_only_those_that_may_go_out(
    calling: Calling, api: Api, name: str
) -> None:
    """P-18: the order and the columns are asked for as for a whole list."""
    limits = ("1", "2", "50")
    ids = [api.create("customer", name=f"{name} {each}", limit=each)["id"] for each in limits]
    chosen = {"ids": [ids[2], ids[0]]}
    query = {"fields": "name", "sort": "name"}

    answer = api.call("POST", "/export/customer", chosen, query=query)
    [some] = rows_of(calling("auditor").call("POST", "/export/customer", {"ids": ids}))
    nothing = api.call("POST", "/export/customer", {"ids": []})

    assert [row["name"] for row in rows_of(answer)] == [f"{name} 1", f"{name} 50"]
    assert some["name"] == f"{name} 50"
    assert nothing.status_code == 422


def test_whole_records_come_as_json_lines_with_their_lines(api: Api, name: str) -> None:
    customer = api.create("customer", name=name)["id"]
    product = api.create("product", name=name, price="3")["id"]
    order = api.create("order", customer=customer, lines=[{"product": product}])

    answer = exported(api, "order", format="jsonl", filter=f'customer.name == "{name}"')

    [told] = [json.loads(line) for line in answer.data.splitlines()]
    assert told == api.get(f"/records/order/{order['id']}")


def test_an_export_sees_what_its_reader_may_see(calling: Calling, api: Api, name: str) -> None:
    api.create("customer", name=name, limit="50", email="lin.xiao@example.com", secret="hidden")
    api.create("customer", name=f"{name} b", limit="5")

    [row] = rows_of(exported(calling("auditor"), "customer", filter=f'STARTSWITH(name, "{name}")'))

    assert row["name"] == name
    assert "secret" not in row
    assert row["email"] not in ("", "lin.xiao@example.com")


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        pytest.param("clerk", ("all",), id="a role without the right"),
        pytest.param("administrator", ("customer:create",), id="a token without the scope"),
    ],
)
def test_nobody_exports_without_the_right(
    calling: Calling, role: str, scopes: tuple[str, ...]
) -> None:
    answer = calling(role, *scopes).call("GET", "/export/customer")

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param({"format": "pdf"}, "unknown_choice", id="format"),
        pytest.param({"view": "none"}, "unknown_choice", id="view"),
        pytest.param({"colour": "red"}, "unknown_argument", id="argument"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_words(
    api: Api, query: dict[str, str], code: str
) -> None:
    answer = api.call("GET", "/export/customer", query=query)

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json["errors"]] == [code]
