"""Schemathesis reads the tenant's OpenAPI document and finds no call that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.budget import examples
from tests.ui.api.calling import Api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]


@pytest.fixture(scope="module")
def operations(api: Api) -> list[Any]:
    """Every operation of the store's document."""
    schema = schemathesis.openapi.from_wsgi(
        f"/api/v1/{api.ctx.tenant.name}/openapi.json",
        api.client.application,
        headers={"Authorization": f"Bearer {api.token}"},
    )
    return [each.ok() for each in schema.get_all_operations()]


@pytest.fixture(scope="module")
def order(api: Api) -> str:
    """An order with a line, by its id."""
    customer = api.create("customer", name="Drawn from")["id"]
    product = api.create("product", name="Drawn from", price="1")["id"]
    return str(api.create("order", customer=customer, lines=[{"product": product}])["id"])


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_generated_call_breaks_the_document(
    api: Api, operations: list[Any], order: str, mode: GenerationMode, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(operations))

    case = data.draw(operation.as_strategy(generation_mode=mode))
    if "id" in case.path_parameters and data.draw(st.booleans()):
        case.path_parameters["id"] = order

    case.call_and_validate(headers={"Authorization": f"Bearer {api.token}"}, checks=CHECKS)
