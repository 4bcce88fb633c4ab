"""Tells from the published schema what stands at a path: a named element, a set, a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metamodel.structure import schema

Shape = Mapping[str, Any]
"""A part of the JSON Schema, references followed; empty where anything may stand."""


def top() -> Shape:
    """Return the shape of a whole app."""
    return schema()


def inner(shape: Shape, name: str) -> Shape:
    """Return the shape of what stands under a name in a map of `shape`."""
    for each in _branches(shape):
        properties = each.get("properties", {})
        if name in properties:
            return _followed(properties[name])
        more = each.get("additionalProperties")
        if isinstance(more, Mapping):
            return _followed(more)
    return {}


def is_element(shape: Shape) -> bool:
    """Return whether what has this shape is a named element: it can be placed and retired."""
    return any("$retire" in each.get("properties", {}) for each in _branches(shape))


def is_named(shape: Shape) -> bool:
    """Return whether an element of this shape has a key, so that a rename keeps its data."""
    return any("renamed_from" in each.get("properties", {}) for each in _branches(shape))


def is_set(shape: Shape) -> bool:
    """Return whether what has this shape is a list that layers change by `$add` and `$drop`."""
    return any("$add" in each.get("properties", {}) for each in _branches(shape))


def is_formula(shape: Shape) -> bool:
    """Return whether what has this shape is a formula."""
    return shape is schema()["$defs"]["formula"]


def _branches(shape: Shape) -> tuple[Shape, ...]:
    found = shape.get("anyOf") or shape.get("oneOf")
    return tuple(_followed(each) for each in found) if found else (shape,)


def _followed(shape: object) -> Shape:
    if not isinstance(shape, Mapping):
        return {}
    reference = shape.get("$ref")
    if isinstance(reference, str):
        found: Shape = schema()["$defs"][reference.rpartition("/")[2]]
        return found
    return shape
