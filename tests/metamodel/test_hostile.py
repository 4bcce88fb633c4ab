"""Whatever is written, loading ends with a model or with problems, never with another exception."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from metamodel import DefinitionInvalid, Layer, builtin_layer, load, read_text
from metamodel.structure import check_structure, schema
from tests.budget import examples

WRONG: list[object] = [None, 0, True, "", "x", "id", "客户", [], ["x", 1], {}, {"x": {}}]
CHANGES: list[object] = [
    {"renamed_from": "name"}, {"key": "name"}, {"$after": "x"}, {"$add": ["x"]}, {"$retire": True},
]  # fmt: skip
QUIET = settings(max_examples=examples(60), deadline=None)


def _paths(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    inner = [p for key, item in value.items() for p in _paths(item, (*path, key))]
    return [path, *inner] if path else inner


def _put(document: Any, path: tuple[str, ...], value: object) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_layer_under_every_app_has_the_shape_of_the_language() -> None:
    assert check_structure(builtin_layer()) == []


@QUIET
@given(data=st.data())
def test_a_spoilt_app_is_refused_or_loads(shop_layer: Layer, data: st.DataObject) -> None:
    document = deepcopy(dict(shop_layer.document))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_paths(document)))
        _put(document, path, deepcopy(data.draw(st.sampled_from(WRONG))))

    with suppress(DefinitionInvalid):
        load([Layer("spoilt", document, shop_layer.positions, shop_layer.lines)])


@pytest.fixture(scope="module")
def flows_layer() -> Layer:
    path = Path(__file__).parent / "apps/flows.yaml"
    return read_text(path.read_text("utf-8"), "flows.yaml")


@QUIET
@given(data=st.data())
def test_a_spoilt_layer_of_flows_is_refused_or_loads(
    shop_layer: Layer, flows_layer: Layer, data: st.DataObject
) -> None:
    document = deepcopy(dict(flows_layer.document))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_paths(document)))
        _put(document, path, deepcopy(data.draw(st.sampled_from([*WRONG, *CHANGES]))))

    with suppress(DefinitionInvalid):
        load([shop_layer, Layer("spoilt", document, flows_layer.positions, flows_layer.lines)])


@QUIET
@given(data=st.data())
def test_a_spoilt_layer_is_refused_or_loads(shop_layer: Layer, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_paths(dict(shop_layer.document))))
    value = data.draw(st.sampled_from([*WRONG, *CHANGES]))
    document: object = value
    for step in reversed(path):
        document = {step: document}

    assert isinstance(document, dict)
    with suppress(DefinitionInvalid):
        load([shop_layer, Layer("spoilt", document)])
