"""The model over HTTP: what may be seen of it, and formulas while they are written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.api.calling import Api, Calling


def test_the_app_names_the_entities_that_may_be_read(api: Api, calling: Calling) -> None:
    names = {each["name"] for each in api.get("/metadata")["entities"]}
    seen = {each["name"] for each in calling("clerk").get("/metadata")["entities"]}

    assert {"customer", "order", "order_line", "user"} <= names
    assert {"customer", "order"} <= seen
    assert not seen & {"product", "case"}
    assert not any(each.startswith("sys_") for each in names)


def test_an_entity_is_told_as_far_as_it_may_be_read(api: Api, calling: Calling) -> None:
    whole = api.get("/metadata/entities/customer")
    seen = calling("clerk").get("/metadata/entities/customer")

    fields = {each["name"]: each for each in whole["fields"]}
    assert fields["name"]["label"] == {"zh": "名称", "en": "Name"}
    assert fields["ordered"]["writable"] is False
    assert fields["parent"]["to"] == ["customer"]
    assert [option["name"] for option in fields["level"]["options"]] == ["key", "other"]
    assert "secret" in fields
    assert "secret" not in {each["name"] for each in seen["fields"]}
    assert not any(each["writable"] for each in seen["fields"])


def test_an_entity_that_may_not_be_read_is_not_there(calling: Calling) -> None:
    assert calling("clerk").call("GET", "/metadata/entities/product").status_code == 404


def check(api: Api, formula: str, entity: str = "customer") -> Any:
    answer = api.call("POST", "/formula/check", {"entity": entity, "formula": formula})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_formula_tells_its_type_and_what_it_reads(api: Api) -> None:
    found = check(api, "SUM(orders.total) * discount")

    assert found["errors"] == []
    assert found["type"] == "number"
    assert {"discount", "orders.total"} <= set(found["dependencies"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_wrong_formula_tells_where_and_what_is_near(api: Api, language: str) -> None:
    found = check(api.speaking(language), "limit + discont")

    [error] = found["errors"]
    assert (error["code"], error["start"], error["end"]) == ("unknown_name", 8, 15)
    assert "discount" in error["message"]
    assert found["type"] is None


@pytest.mark.parametrize(
    ("formula", "entity", "name"),
    [
        pytest.param("li", "customer", "limit", id="begun"),
        pytest.param("limit + dis", "customer", "discount", id="second"),
        pytest.param("customer.", "order", "customer.name", id="after a dot"),
        pytest.param("customer.le", "order", "customer.level", id="begun after a dot"),
    ],
)
def test_what_could_be_meant_is_offered(api: Api, formula: str, entity: str, name: str) -> None:
    assert name in check(api, formula, entity)["completions"]


def test_nothing_is_offered_that_may_not_be_read(calling: Calling) -> None:
    clerk = calling("clerk")

    assert "secret" not in check(clerk, "se")["completions"]
    assert check(clerk, 'secret == "x"')["errors"][0]["code"] == "unknown_name"
