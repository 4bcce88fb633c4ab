"""Query strings and bodies of the API, checked by marshmallow before anything else looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.errors import FieldError, NotFound, RecordRefused

MAX_LIMIT = 500
MAX_BULK = 10_000


class ListArguments(Schema):
    """The query string of a list."""

    filter = fields.String(load_default="")
    q = fields.String(load_default="")
    sort = fields.String(load_default="")
    fields_ = fields.String(data_key="fields", load_default="")
    expand = fields.String(load_default="")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(load_default=None)
    count = fields.String(load_default="none", validate=validate.OneOf(["none", "capped", "exact"]))


class AggregateBody(Schema):
    """The body of an aggregate."""

    filter = fields.String(load_default="")
    group_by = fields.List(fields.Raw(), load_default=list)
    measures = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class BulkBody(Schema):
    """The body of a bulk write."""

    create = fields.List(fields.Dict(), load_default=list)
    update = fields.List(fields.Dict(), load_default=list)
    delete = fields.List(fields.UUID(), load_default=list)
    atomic = fields.Boolean(load_default=True)


class MoveBody(Schema):
    """The body of a stage move."""

    to = fields.String(required=True)
    pipeline = fields.String(load_default="")
    values = fields.Dict(load_default=dict)


class FormulaBody(Schema):
    """The body of a formula check."""

    entity = fields.String(required=True)
    formula = fields.String(required=True)


def query_of(request: Request, schema: type[Schema]) -> Mapping[str, Any]:
    """Return the checked query string; unknown parameters are errors."""
    return _load(schema(unknown=RAISE), request.args.to_dict())


def body_of(request: Request, schema: type[Schema]) -> Mapping[str, Any]:
    """Return the checked JSON body; unknown keys are errors."""
    return _load(schema(unknown=RAISE), object_of(request))


def object_of(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in a body, its decimals as text so that no digit is lost."""
    try:
        found = json.loads(request.get_data() or b"null", parse_float=str)
    except (ValueError, RecursionError) as error:
        raise RecordRefused([FieldError("invalid_json", (), {"error": str(error)})]) from error
    if not isinstance(found, dict):
        raise RecordRefused([FieldError("object_expected")])
    return found


def record_id(text: str) -> UUID:
    """Return the id in a path; what is no id is no record."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(record=text) from error


def _load(schema: Schema, data: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return dict(schema.load(data))
    except ValidationError as error:
        raise RecordRefused(_errors(error.messages)) from error


def _errors(messages: Any, path: tuple[str | int, ...] = ()) -> list[FieldError]:
    if isinstance(messages, dict):
        return [found for key, value in messages.items() for found in _errors(value, (*path, key))]
    return [FieldError("invalid_argument", path, {"error": text}) for text in messages]
