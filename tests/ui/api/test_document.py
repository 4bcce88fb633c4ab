"""The OpenAPI document is true: whatever is sent, the answer is one that it describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

import ui
from engine.exchange.sinks import MEDIA
from tests.budget import examples
from tests.ui.api.calling import Api, Calling
from tests.ui.api.strategies import Call, calls
from tests.ui.conftest import Visitor
from ui.blueprints.api.routes import ROUTES

TABLES = {each.partition(";")[0] for each in MEDIA.values()}
"""Files of rows, which no schema describes."""


@pytest.fixture(scope="module")
def document(api: Api) -> Any:
    return api.get("/openapi.json")


@pytest.fixture(scope="module")
def ids(api: Api) -> list[str]:
    """Records of every kind that a call may name."""
    customer = api.create("customer", name="Known to calls")["id"]
    product = api.create("product", name="Known to calls", price="1")["id"]
    order = api.create("order", customer=customer, lines=[{"product": product}])
    return [customer, product, order["id"], order["lines"][0]["id"]]


def test_no_call_breaks_it_and_every_answer_is_as_promised(
    api: Api, document: Any, ids: list[str]
) -> None:
    @settings(max_examples=examples(250), deadline=None, suppress_health_check=list(HealthCheck))
    @given(call=calls(document, ids))
    def holds(call: Call) -> None:
        headers = {"Content-Type": "text/csv"} if isinstance(call.body, bytes) else None
        answer = api.call(call.method, call.path, call.body, query=call.query, headers=headers)
        assert answer.status_code < 500, (call, answer.text)
        assert_promised(document, call, answer)

    holds()


def assert_promised(document: Any, call: Call, answer: TestResponse) -> None:
    """Hold an answer against what the document says of its status."""
    promised = call.operation["responses"][str(answer.status_code)]
    if not answer.data:
        # A file of no records may have no line at all.
        assert "content" not in promised or answer.mimetype in TABLES
        return
    schema = promised["content"][answer.mimetype]["schema"]
    if answer.mimetype in TABLES:
        return
    whole = {**schema, "components": document["components"]}
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(answer.json)]
    assert errors == [], (call, answer.json)


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere(document: Any) -> None:
    schemas = document["components"]["schemas"]

    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    found = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert found <= set(schemas)


def test_every_operation_has_a_name_of_its_own(document: Any) -> None:
    names = [
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"\w+", name) for name in names)


def test_every_route_is_in_the_document(document: Any) -> None:
    described = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, item in document["paths"].items()
        for method in set(item) - {"parameters"}
    }

    for route in ROUTES:
        if route.name in ("openapi", "page"):
            continue
        path = re.sub(r"<\w+>", "{}", re.sub(r"(?<!entities/)<entity>", "order", route.path))
        assert (route.method, path) in described, route


def test_every_route_is_in_the_reference() -> None:
    reference = (Path(ui.__file__).parents[1] / "docs/reference/api.md").read_text("utf-8")

    for route in ROUTES:
        path = re.sub(r"<(\w+)>", lambda m: f"{{{'id' if m[1] == 'record' else m[1]}}}", route.path)
        assert re.search(rf"`{route.method} {re.escape(path)}[`?]", reference), route


def test_fields_are_as_they_may_be_written(document: Any) -> None:
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    given, seen = schemas["order_input"], schemas["order"]["properties"]

    assert given["required"] == ["customer"]
    assert {"total", "code", "created_at", "id"} & set(given["properties"]) == set()
    assert {"total", "code", "created_at", "lines"} <= set(seen)
    assert seen["total"]["readOnly"] is True
    assert "readOnly" not in seen["day"]
    assert seen["stage"]["anyOf"][0]["enum"] == ["draft", "sent", "lost"]
    assert schemas["order_changes"]["required"] == []


def test_the_document_shows_what_the_caller_may_read(calling: Calling) -> None:
    document = calling("clerk").get("/openapi.json")

    schemas = document["components"]["schemas"]
    assert "product" not in schemas
    assert "secret" not in schemas["customer"]["properties"]
    assert schemas["customer_input"]["properties"] == {}


def test_the_document_stands_for_this_tenant(api: Api, document: Any) -> None:
    assert isinstance(api.client.application, Flask)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": f"/api/v1/{api.ctx.tenant.name}"}]
    assert document["info"]["title"] == "Store"


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Groups and measures"), ("zh", "分组与指标")]
)
def test_the_document_has_a_page_for_people(visitor: Visitor, language: str, word: str) -> None:
    address = f"/api/v1/{visitor.ctx.tenant.name}/"

    page = visitor.client.get(address, headers={"Accept-Language": language})

    assert page.status_code == 200
    assert word in page.text
    assert "POST /records/quote" in page.text
    assert f'href="{address}openapi.json"' in page.text
    assert "<code>tax_rate</code>" in page.text
