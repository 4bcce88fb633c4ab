"""The shape that JSON must have, as a JSON Schema of draft 2020-12 says it."""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

LONGEST = 200
"""Characters of what is said of a misfit."""


def schema_problem(schema: Mapping[str, object]) -> str:
    """Return what is wrong with a JSON Schema, "" where nothing is."""
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        return error.message[:LONGEST]
    return ""


def misfit(schema: Mapping[str, object], value: object) -> tuple[str, str] | None:
    """Return where JSON does not have its shape, and what is wrong there; None where it has."""
    try:
        Draft202012Validator(dict(schema)).validate(value)
    except ValidationError as error:
        place = "/".join(str(step) for step in error.absolute_path)
        return place or "/", error.message[:LONGEST]
    return None
